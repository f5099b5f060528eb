"""Without a network: what is safe, what nobody knows yet, and nothing of whoever signed out."""

import json
import re

import pytest
from django.test import Client
from playwright.sync_api import expect

from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Role
from encaisse.organizations.queries import profile
from encaisse.organizations.team import add_member, remove_member
from factories.payments import PayableFirm
from functional.asking import card_payment
from functional.web_people import cookie_of, problem_of

KEPT = """async () => {
    const kept = await caches.open("encaisse-figures");
    const all = [];
    for (const address of await kept.keys()) all.push(await (await kept.match(address)).json());
    return all;
}"""


@pytest.fixture
def firm(world):
    firm = PayableFirm(world, name="Plomberie Première")
    card_payment(firm, 12_300)
    return firm


@pytest.fixture
def desk(world, chromium, firm):
    context = chromium.new_context(base_url=world.url.replace("127.0.0.1", "localhost"))
    cookie = cookie_of(firm, world) | {"url": world.url.replace("127.0.0.1", "localhost")}
    context.add_cookies([{name: cookie[name] for name in ("name", "value", "url")}])
    tab = context.new_page()
    tab.problems = []
    tab.on("console", lambda message: tab.problems.extend(problem_of(message)))
    yield tab
    context.close()


def come_in(tab) -> None:
    """Open the first page, and wait until the worker watches over this device."""
    tab.goto("/")
    tab.evaluate("navigator.serviceWorker.ready.then(() => true)")
    tab.wait_for_function("caches.match('/hors-ligne/').then(Boolean)")
    tab.reload()
    assert tab.problems == []


class TestOffline:
    def test_a_page_says_what_is_safe(self, desk):
        come_in(desk)
        desk.context.set_offline(True)

        desk.goto("/paiements/")

        expect(desk.get_by_role("heading", name="Vous êtes hors ligne")).to_be_visible()
        expect(desk.get_by_text("Vos derniers chiffres connus")).to_be_hidden()
        style = desk.locator(".card").evaluate("card => getComputedStyle(card).borderRadius")
        assert style != "0px"  # its styles came along

    def test_what_was_being_sent_is_unknown_and_never_failed(self, desk):
        come_in(desk)
        desk.goto("/clients/nouveau/")
        desk.get_by_label("Nom").first.fill("Client hors réseau")
        desk.context.set_offline(True)
        desk.locator("main form[method=post] button[type=submit]").last.click()

        expect(desk.get_by_text("Nous ne savons pas si votre demande est arrivée")).to_be_visible()

    def test_the_last_figures_are_kept_only_when_asked(self, desk):
        come_in(desk)
        assert desk.evaluate(KEPT) == []
        desk.get_by_role("button", name="Garder ces chiffres hors ligne").click()
        expect(desk.get_by_role("button", name="Ne plus garder ces chiffres")).to_be_visible()
        desk.context.set_offline(True)

        desk.goto("/tableau-de-bord/")

        expect(desk.get_by_text("123,00").first).to_be_visible()
        expect(desk.get_by_text("Vus le")).to_be_visible()

    def test_they_name_nobody(self, desk):
        come_in(desk)
        desk.get_by_role("button", name="Garder ces chiffres hors ligne").click()
        expect(desk.get_by_role("button", name="Ne plus garder ces chiffres")).to_be_visible()

        [kept] = desk.evaluate(KEPT)
        assert "Leroy" not in json.dumps(kept)
        assert len(kept["figures"]) == 4

    def test_signing_out_leaves_nothing_of_them(self, desk):
        come_in(desk)
        desk.get_by_role("button", name="Garder ces chiffres hors ligne").click()
        expect(desk.get_by_role("button", name="Ne plus garder ces chiffres")).to_be_visible()
        desk.goto("/compte/logout/")
        desk.get_by_role("button", name="Se déconnecter").click()
        expect(desk.locator("[data-signed-out]")).to_be_visible()

        desk.wait_for_function("caches.has('encaisse-figures').then((has) => !has)")


def keep(tab) -> None:
    tab.get_by_role("button", name="Garder ces chiffres hors ligne").click()
    expect(tab.get_by_role("button", name="Ne plus garder ces chiffres")).to_be_visible()


def go_to_work_in(tab, firm) -> None:
    """Change firms as people do, and see its first page."""
    tab.goto("/entreprises/")
    tab.get_by_role("button", name=name_of(firm)).click()
    expect(tab.locator("[data-keep-figures]")).to_be_visible()


def name_of(firm) -> str:
    with acting_for(firm.id):
        return profile(organization_id=firm.id).name


class TestTwoFirms:
    @pytest.fixture
    def other(self, world, firm):
        """A second firm of the same person, with other figures."""
        other = PayableFirm(world, name="Menuiserie Seconde")
        card_payment(other, 45_600)
        add_member(
            organization_id=other.id, actor=other.actor, user_id=firm.owner.id, role=Role.OWNER,
            now=business_now(),
        )  # fmt: skip
        return other

    def test_figures_are_kept_for_the_firm_that_was_asked_for_only(self, desk, firm, other):
        go_to_work_in(desk, firm)
        keep(desk)

        go_to_work_in(desk, other)

        expect(desk.get_by_role("button", name="Garder ces chiffres hors ligne")).to_be_visible()
        assert [kept["firm"] for kept in desk.evaluate(KEPT)] == [name_of(firm)]

    def test_each_firm_has_its_own_under_its_name(self, desk, firm, other):
        come_in(desk)
        for one in (firm, other):
            go_to_work_in(desk, one)
            keep(desk)
        desk.context.set_offline(True)

        desk.goto("/tableau-de-bord/")

        for one, amount in ((firm, "123,00"), (other, "456,00")):
            section = desk.get_by_role("region", name=name_of(one))
            expect(section.get_by_text(amount).first).to_be_visible()
            expect(section.get_by_text("Vus le")).to_be_visible()

    def test_not_keeping_one_s_any_more_leaves_the_other_s(self, desk, firm, other):
        for one in (firm, other):
            go_to_work_in(desk, one)
            keep(desk)

        desk.get_by_role("button", name="Ne plus garder ces chiffres").click()
        expect(desk.get_by_role("button", name="Garder ces chiffres hors ligne")).to_be_visible()

        assert [kept["firm"] for kept in desk.evaluate(KEPT)] == [name_of(firm)]

    def test_a_firm_that_one_has_left_is_forgotten(self, desk, firm, other):
        for one in (firm, other):
            go_to_work_in(desk, one)
            keep(desk)
        remove_member(
            organization_id=other.id, actor=other.actor, user_id=firm.owner.id, now=business_now()
        )

        desk.goto("/")
        desk.get_by_role("link", name="Revenir à l’accueil").click()
        expect(desk.locator("[data-keep-figures]")).to_be_visible()

        assert [kept["firm"] for kept in desk.evaluate(KEPT)] == [name_of(firm)]


def content_of(client, address) -> bytes:
    answer = client.get(address)
    assert answer.status_code == 200
    content = b"".join(answer.streaming_content)
    answer.close()
    return content


class TestInstalled:
    def test_the_manifest_names_icons_that_exist(self):
        client = Client()
        page = client.get("/compte/login/").content.decode()
        address = re.search(r'rel="manifest" href="([^"]+)"', page)[1]
        manifest = json.loads(content_of(client, address))

        sizes = {icon["sizes"] for icon in manifest["icons"]}
        for icon in manifest["icons"]:
            assert content_of(client, icon["src"])
        assert {"192x192", "512x512"} <= sizes
        assert manifest["display"] == "standalone"

    def test_the_worker_keeps_no_page_of_anybody(self):
        script = Client().get("/app-worker.js")

        assert script["Content-Type"].startswith("text/javascript")
        assert re.findall(r"const (HELP|PAGES) = (.*);", script.content.decode()) == [
            ("HELP", '"/aide/"'), ("PAGES", '["/hors-ligne/", "/hors-ligne/?envoi", HELP]'),
        ]  # fmt: skip
