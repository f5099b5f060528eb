"""A demonstration shown to its network: real TLS, a made-up authority, a payment on a telephone."""

import base64
import hashlib
import ipaddress
import json
import os
import re
import signal
import ssl
import stat
import tempfile
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import segno
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from playwright.sync_api import Error

from cli.conftest import Encaisse, find_free_port
from cli.test_supervisor import Up
from encaisse.cli.authority import fingerprint
from encaisse.cli.lan import drawn
from functional.web_people import Newcomer
from plugins.browser import browser_with

# Of this machine only, whatever network it is on.
HERE = ipaddress.ip_address("127.0.0.2")
TELEPHONE = {"width": 390, "height": 844}


class Shown(Up):
    """A demonstration shown at HERE, and what a telephone that believes its authority sees."""

    @property
    def site(self):
        return f"https://{HERE}:{self.port}"

    @property
    def payers(self):
        return f"https://{HERE}:{self.port + 1}"

    @property
    def authority(self):
        return self.data / "lan-authority.crt"

    @property
    def firm(self):
        return json.loads((self.data / "demo.json").read_text())

    def client(self):
        trusted = ssl.create_default_context(cafile=self.authority)
        return httpx.Client(verify=trusted, trust_env=False, timeout=30)

    def link(self, cents):
        """Ask for money through the API, as the network reaches it; return the payer's link."""
        with self.client() as client:
            answer = client.post(
                f"{self.site}/api/v1/payment-requests",
                json={
                    "amount": {"amount": cents, "currency": "EUR"},
                    "description": "Débouchage d’un évier",
                },
                headers={
                    "Authorization": f"Bearer {self.firm['api_key']}",
                    "Idempotency-Key": f"lan-{cents}",
                },
            )
        assert answer.status_code == 201, answer.text
        return answer.json()["url"]


@contextmanager
def running(data, port, command):
    shown = Shown(Encaisse(data), port, command, environment={}, seconds=120)
    yield shown
    shown.stop(signal.SIGTERM)


@pytest.fixture(scope="module")
def shown():
    with tempfile.TemporaryDirectory(prefix="encaisse-cli-") as folder:
        data, port = Path(folder) / "data", find_free_port()
        # Seen by this machine alone first: the firm's payers must follow it to the network.
        with running(data, port, "demo --new"):
            pass
        with running(data, port, f"demo --new --lan {HERE}") as demo:
            yield demo


@pytest.fixture(scope="module")
def telephone(shown):
    """Return a browser that believes the made-up authority, and nothing else more than usual."""
    public = x509.load_pem_x509_certificate(shown.authority.read_bytes()).public_key()
    spki = public.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    digest = base64.b64encode(hashlib.sha256(spki).digest()).decode()
    with browser_with(
        "--disable-background-networking", f"--ignore-certificate-errors-spki-list={digest}"
    ) as browser:
        yield browser


@pytest.fixture
def tab(telephone):
    context = telephone.new_context(viewport=TELEPHONE, is_mobile=True, has_touch=True)
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("console", lambda message: page.problems.append(message.text))
    yield page
    context.close()


def picture(tab, name):
    """Keep what was seen, where whoever runs the tests asks for it."""
    if folder := os.environ.get("PICTURES"):
        tab.screenshot(path=f"{folder}/{name}.png", full_page=True)


class TestATelephone:
    def test_pays_by_card_through_the_bank_and_comes_back(self, shown, tab):
        tab.goto(shown.link(12_300))
        assert tab.url.startswith(shown.site)
        picture(tab, "payer")
        tab.click("button[name=method][value=card]")
        tab.wait_for_url(f"{shown.payers}/checkout/**")
        assert tab.evaluate("isSecureContext") is True
        picture(tab, "card")
        tab.locator("#number").press_sequentially("4000000000003220")
        tab.locator("#expiry").press_sequentially("1239")
        tab.fill("#cvc", "737")
        tab.fill("#name", "Camille Leroy")
        tab.click("button.main")
        tab.wait_for_url(f"{shown.payers}/3ds/**")

        with tab.expect_popup() as opened:
            tab.click("a[href='/phone']")
        code = opened.value.locator(".big-code").first.inner_text()
        picture(opened.value, "phone")
        tab.fill("#code", code)
        picture(tab, "bank")
        tab.click("button.main")

        tab.wait_for_url(f"{shown.site}/p/**")
        picture(tab, "paid")
        assert "C’est payé" in tab.locator("main").inner_text()
        assert tab.problems == []

    def test_pays_from_a_simulated_bank(self, shown, tab):
        tab.goto(shown.link(4_500))

        tab.click("button[name=method][value=bank]")

        tab.wait_for_url(f"{shown.payers}/bank/authorize/**")
        assert tab.locator("h1").is_visible()
        assert tab.problems == []

    def test_signs_in_with_a_password_and_a_code(self, shown, tab):
        tab.goto(shown.site)
        picture(tab, "door")
        tab.fill("input[type=email]", shown.firm["email"])
        tab.fill("input[type=password]", shown.firm["password"])
        tab.click("form.form button.btn-main")
        tab.wait_for_url("**/verification/**")
        tab.fill("input[name=code]", Newcomer.totp(shown.firm["totp_secret"]))
        tab.press("input[name=code]", "Enter")

        tab.wait_for_url(f"{shown.site}/")

        picture(tab, "desk")
        cookies = {cookie["name"]: cookie["secure"] for cookie in tab.context.cookies()}
        assert "__Host-encaisse" in cookies
        assert all(cookies.values())

    def test_reads_what_installing_the_authority_means(self, shown, tab):
        tab.goto(f"{shown.payers}/autorite")
        picture(tab, "authority")

        said = tab.locator("main").inner_text()

        assert str(HERE) in said
        shown_print = re.sub(r"\s", "", tab.locator("pre").inner_text())
        assert shown_print == fingerprint(shown.authority)
        assert "retire" in said
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")

    def test_is_refused_by_a_browser_that_was_told_nothing(self, shown, telephone):
        stranger = telephone.browser_type.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-background-networking"],
        )

        with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
            stranger.new_page().goto(shown.site)

        stranger.close()


class TestTheNetwork:
    @pytest.mark.parametrize(
        "path",
        [
            "/", "/healthz", "/mailbox", "/mailbox/1", "/clock/day", "/v1/account", "/v1/payments",
            "/control/clock", "/control/accounts", "/control/mail", "/control/sms", "/sms",
            "/push/any", "/static/../../server.py", "/static/%2e%2e/schema.sql",
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_sees_nothing_that_drives_the_world_or_reads_its_mail(self, shown, path, method):
        headers = {"X-Encaisse-Sandbox": "control", "Host": "localhost"}

        with shown.client() as client:
            answer = client.request(method, f"{shown.payers}{path}", headers=headers)

        assert answer.status_code in ({404, 405} if path.startswith("/static") else {404})

    def test_gets_the_authority_as_a_file_to_install(self, shown):
        with shown.client() as client:
            answer = client.get(f"{shown.payers}/autorite.crt")

        assert answer.headers["content-type"] == "application/x-x509-ca-cert"
        assert answer.content == shown.authority.read_bytes()

    def test_reads_no_message_of_the_firm_s_people(self, shown):
        texts = {"to": "+33639980077", "text": "Code 123456, pour le gérant"}
        sandbox = f"http://127.0.0.1:{shown.port + 1}"
        httpx.post(f"{sandbox}/sms", json=texts, trust_env=False).raise_for_status()

        with shown.client() as client:
            seen = client.get(f"{shown.payers}/phone").text

        assert "123456" not in seen
        assert "123456" in httpx.get(f"{sandbox}/phone", trust_env=False).text

    @pytest.mark.parametrize("beyond", [0, 1, 2])
    def test_finds_nothing_in_clear(self, shown, beyond):
        with pytest.raises((httpx.TransportError, ConnectionRefusedError)):
            httpx.get(f"http://{HERE}:{shown.port + beyond}/", trust_env=False, timeout=5)

    def test_is_not_believed_without_its_authority(self, shown):
        with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
            httpx.get(f"{shown.payers}/autorite", trust_env=False)


class TestTheDrawing:
    def test_is_the_code_of_the_address(self):
        address = "https://192.168.1.12:8000"
        halves = {"█": (0, 0), "▀": (0, 1), "▄": (1, 0), " ": (1, 1)}
        code = segno.make(address, error="m", micro=False)

        lines = [[halves[sign] for sign in line] for line in drawn(address)]

        rows = [[cell[half] for cell in line] for line in lines for half in (0, 1)]
        border = 2
        inner = [row[border:-border] for row in rows][border : border + len(code.matrix)]
        assert inner == [list(row) for row in code.matrix]


class TestThisMachine:
    def test_keeps_the_world_for_its_own_programs(self, shown):
        run = json.loads((shown.data / "run.json").read_text())

        assert run["base_url"] == shown.site
        assert run["sandbox_url"] == f"http://localhost:{shown.port + 1}"
        status = Encaisse(shown.data).run("sandbox", "status", "--json")
        assert status.returncode == 0, status.stderr

    def test_still_proves_a_whole_journey(self, shown):
        answer = Encaisse(shown.data).run("journey", "--json", "--balance", "card")

        assert answer.returncode == 0, answer.stderr + answer.stdout
        assert json.loads(answer.stdout)["ok"] is True

    def test_still_plays_an_attack(self, shown):
        answer = Encaisse(shown.data).run("sandbox", "story", "electrician-5000", "--json")

        assert answer.returncode == 0, answer.stderr + answer.stdout

    def test_still_passes_its_checks(self, shown):
        answer = Encaisse(shown.data).run("check", "--json")

        checks = json.loads(answer.stdout)["checks"]
        assert [item for item in checks if item["status"] == "fail"] == []

    def test_keeps_the_key_for_this_account(self, shown):
        assert stat.S_IMODE((shown.data / "lan.key").stat().st_mode) == 0o600
        assert {path.name for path in shown.data.glob("lan*")} == {
            "lan.crt",
            "lan.key",
            "lan-authority.crt",
        }
