"""A demonstration shown to its network: real TLS, a made-up authority, a payment on a telephone."""

import base64
import hashlib
import ipaddress
import json
import os
import re
import signal
import socket
import ssl
import stat
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import segno
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Error

from cli.conftest import Encaisse, find_free_port
from cli.test_supervisor import Up
from encaisse.cli import private_address
from encaisse.cli.authority import LIFE, authority_for, fingerprint
from encaisse.cli.lan import drawn
from encaisse.cli.private_address import (
    LanAddressAbsent,
    LanAddressRefused,
    LanAddressUnknown,
    checked,
    chosen_address,
    only_one,
    ways_out,
)
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


class TestTheAuthority:
    def test_can_only_name_the_address_it_was_made_for(self, tmp_path):
        found = authority_for(tmp_path, HERE)
        authority = x509.load_pem_x509_certificate(found.authority.read_bytes())

        limits = authority.extensions.get_extension_for_class(x509.NameConstraints)
        basic = authority.extensions.get_extension_for_class(x509.BasicConstraints)

        assert limits.critical
        assert limits.value.permitted_subtrees == [
            x509.IPAddress(ipaddress.ip_network("127.0.0.2/32")),
            x509.DNSName("invalid"),
        ]
        assert (basic.critical, basic.value.ca, basic.value.path_length) == (True, True, 0)
        assert authority.not_valid_after_utc - datetime.now(UTC) <= LIFE

    @pytest.mark.parametrize(
        ("name", "is_believed"),
        [("127.0.0.2", True), ("127.0.0.3", False), ("ma-banque.example", False)],
    )
    def test_vouches_in_vain_for_any_other_name(self, tmp_path, monkeypatch, name, is_believed):
        # Its key is never kept: here it is caught as it is made, as a thief would have had to.
        made = []
        generate = ec.generate_private_key
        monkeypatch.setattr(
            ec, "generate_private_key", lambda curve: made.append(generate(curve)) or made[-1]
        )
        found = authority_for(tmp_path, HERE)
        forged = forge(tmp_path, found.authority, made[0], name)

        assert handshake(found.authority, forged, name) is is_believed

    def test_is_kept_until_another_address_is_wanted(self, tmp_path):
        first = fingerprint(authority_for(tmp_path, HERE).authority)

        again = fingerprint(authority_for(tmp_path, HERE).authority)
        other = fingerprint(authority_for(tmp_path, ipaddress.ip_address("10.0.0.7")).authority)

        assert first == again != other

    def test_is_made_again_when_a_start_was_cut_short(self, tmp_path):
        found = authority_for(tmp_path, HERE)
        before = fingerprint(found.authority)
        found.authority.unlink()

        assert fingerprint(authority_for(tmp_path, HERE).authority) != before
        assert handshake(found.authority, tmp_path, str(HERE), names=("lan.crt", "lan.key"))


class TestTheAddress:
    @pytest.mark.parametrize(
        "text",
        ["10.0.0.7", "172.31.255.1", "192.168.1.12", "169.254.3.4", "fd12:3456::1", "127.0.0.2"],
    )
    def test_is_private(self, text):
        assert str(checked(text)) == text

    @pytest.mark.parametrize(
        "text",
        [
            "8.8.8.8", "0.0.0.0", "172.32.0.1", "192.0.2.2", "100.64.0.1", "203.0.113.9",  # noqa: S104  never bound
            "127.0.0.1", "::1", "::", "2001:db8::1", "::ffff:8.8.8.8", "224.0.0.1",
            "255.255.255.255", "localhost", "exemple.fr", "192.168.1.12:80", "192.168.1.0/24",
        ],
    )  # fmt: skip
    def test_is_never_public_nor_a_name(self, text):
        with pytest.raises(LanAddressRefused) as refused:
            checked(text)

        assert refused.value.code == "lan_address_refused"

    def test_is_found_when_there_is_only_one(self):
        addresses = [ipaddress.ip_address(each) for each in ("192.168.1.12", "203.0.113.9")]

        assert only_one([*addresses, addresses[0]]) == addresses[0]

    @pytest.mark.parametrize(
        ("found", "says"),
        [((), "Aucune"), (("127.0.0.2",), "Aucune"), (("10.0.0.7", "192.168.1.12"), "Plusieurs")],
    )
    def test_is_asked_for_when_none_or_several_are_found(self, found, says):
        with pytest.raises(LanAddressUnknown, match=says) as unknown:
            only_one([ipaddress.ip_address(each) for each in found])

        assert "LAN=192.168.1.12" in str(unknown.value)

    def test_is_this_machine_s(self):
        assert [str(each) for each in ways_out(["127.0.0.2"])] in (["127.0.0.1"], ["127.0.0.2"])
        with pytest.raises(LanAddressAbsent):
            chosen_address("10.255.254.253")

    def test_is_looked_for_without_sending_anything(self):
        assert all(
            ipaddress.ip_address(target) in ipaddress.ip_network("192.0.2.0/24")
            or any(ipaddress.ip_address(target) in each for each in private_address._PRIVATE)
            for target in private_address._TARGETS
        )

    @pytest.mark.parametrize("given", [["--lan", "8.8.8.8"], ["LAN=8.8.8.8"]])
    def test_stops_the_command_when_it_is_public(self, encaisse, free_port, given):
        environment = dict(each.split("=") for each in given if "=" in each)
        options = [each for each in given if "=" not in each]

        answer = encaisse.run("demo", "--port", str(free_port), *options, **environment)

        assert answer.returncode == 2
        assert "8.8.8.8 n’est pas une adresse privée" in answer.stderr
        assert not encaisse.data.exists()

    def test_contradicts_a_public_one(self, encaisse, free_port):
        answer = encaisse.run(
            "demo", "--port", str(free_port), LAN="127.0.0.2",
            ENCAISSE_PUBLIC_URL="http://localhost:9000",
        )  # fmt: skip

        assert answer.returncode == 2
        assert "ENCAISSE_PUBLIC_URL" in answer.stderr

    def test_says_when_somebody_listens_there(self, encaisse, free_port):
        with socket.create_server((str(HERE), free_port + 1)):
            answer = encaisse.run("demo", "--port", str(free_port), "--lan", str(HERE))

        assert answer.returncode == 1
        assert f"{free_port + 1} de {HERE}" in answer.stderr


def forge(folder, authority, key, name):
    """Write a certificate for another name, signed by the authority's own key."""
    issuer = x509.load_pem_x509_certificate(authority.read_bytes())
    own = ec.generate_private_key(ec.SECP256R1())
    try:
        alternative = x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        alternative = x509.DNSName(name)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(issuer.subject)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(minutes=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "forged.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "forged.key").write_bytes(
        own.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return folder


def handshake(authority, folder, name, names=("forged.crt", "forged.key")):
    """Tell whether a client that believes the authority accepts what is served under this name."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(folder / names[0], folder / names[1])
    asking = ssl.create_default_context(cafile=authority)
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = asking.wrap_bio(to_client, to_server, server_hostname=name)
    server = serving.wrap_bio(to_server, to_client, server_side=True)
    for _turn in range(4):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLCertVerificationError:
                return False
    return client.version() is not None
