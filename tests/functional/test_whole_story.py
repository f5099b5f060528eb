"""
The whole story, from the customer to the money, by whoever cannot use a mouse, enlarges everything,
or has no scripts: the same pages, the same words, the same end.
"""

import re

import pytest
from playwright.sync_api import expect

from encaisse.kit.tenancy import acting_for
from encaisse.payments.core import IntentState
from encaisse.payments.queries import payments
from factories.payments import PayableFirm
from functional.web_people import cookie_of
from plugins.world import eventually

CARD = "4000000000003220"
_MOST_TABS = 120
_FOCUSED = "element => element === document.activeElement"
# Seen, and not under what floats above the page.
_SEEN = """element => {
  const box = element.getBoundingClientRect(), style = getComputedStyle(element);
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  const above = document.elementFromPoint(x, y);
  return style.outlineStyle !== "none" && above !== null
    && (element.contains(above) || above.contains(element));
}"""


class Hands:
    """Somebody with a mouse, on a tab of their own."""

    options: dict = {}
    pays_by = "card"

    def __init__(self, chromium, world, cookies=()):
        defaults = {"viewport": {"width": 1280, "height": 900}, "locale": "fr-FR"}
        self.context = chromium.new_context(
            base_url=world.url, service_workers="block", **(defaults | self.options)
        )
        self.context.add_cookies(list(cookies))
        self.tab = self.context.new_page()
        self.tab.set_default_timeout(10_000)

    def open(self, address):
        self.tab.goto(address)
        self.tab.wait_for_load_state("networkidle")
        self.look()

    def press(self, role, name):
        self.tab.get_by_role(role, name=name).first.click()
        self.tab.wait_for_load_state("networkidle")
        self.look()

    def type(self, label, text):
        self.tab.get_by_label(re.compile(f"^{re.escape(label)}")).first.fill(text)

    def look(self):
        """Notice what is wrong with a page, whatever it is."""

    def reads(self, text):
        expect(self.tab.get_by_text(text).first).to_be_visible()


class Keyboard(Hands):
    """Somebody with a keyboard alone: every step is reached by Tab, and seen."""

    def press(self, role, name):
        self._reach(self.tab.get_by_role(role, name=name).first)
        self.tab.keyboard.press("Enter")
        self.tab.wait_for_load_state("networkidle")

    def type(self, label, text):
        self._reach(self.tab.get_by_label(re.compile(f"^{re.escape(label)}")).first)
        self.tab.keyboard.press("Control+A")
        self.tab.keyboard.type(text)

    def _reach(self, element):
        expect(element).to_be_visible()
        for _ in range(_MOST_TABS):
            if element.evaluate(_FOCUSED):
                assert element.evaluate(_SEEN), f"{element} is focused and not seen"
                return
            self.tab.keyboard.press("Tab")
        raise AssertionError(f"{element} is not reached by the keyboard")


class Enlarged(Hands):
    """Somebody who reads at 200 %: half as many pixels both ways, and nothing beyond the edge."""

    options = {"viewport": {"width": 640, "height": 450}}

    def look(self):
        widths = self.tab.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert widths[0] <= widths[1], f"{self.tab.url} is wider than its window: {widths}"


class NoScript(Hands):
    """Somebody whose browser runs no script. A card is sealed by one: they pay from their bank."""

    options = {"java_script_enabled": False}
    pays_by = "bank"


@pytest.fixture
def firm(world):
    return PayableFirm(world)


@pytest.fixture(params=[Keyboard, Enlarged, NoScript])
def people(request, chromium, world, firm):
    """The owner at the desk and the customer at home, with the same hands."""
    desk = request.param(chromium, world, [cookie_of(firm, world)])
    home = request.param(chromium, world)
    yield desk, home
    desk.context.close()
    home.context.close()


def write_and_send(desk) -> str:
    """Write a customer down, quote them, send it; return the link they get."""
    desk.open("/clients/nouveau/")
    desk.type("Nom", "Menuiserie Bahut")
    desk.type("Adresse électronique", "bahut@example.test")
    desk.press("button", "Enregistrer")
    desk.press("link", "Faire un devis")
    desk.type("Objet", "Réfection de la salle d’eau")
    desk.type("Désignation", "Dépose et pose")
    desk.type("Prix HT", "1000")
    desk.press("button", "Enregistrer le brouillon")
    desk.press("button", re.compile("Envoyer le devis"))
    desk.reads("Envoyé")
    return desk.tab.get_by_label("Lien à donner au client").input_value()


def accept_and_pay(home, link, world):
    home.open(link)
    home.type("Vos prénom et nom", "Camille Bahut")
    home.press("button", re.compile("^Accepter"))
    home.press("link", re.compile("Payer l’acompte"))
    if home.pays_by == "card":
        pay_by_card(home, world)
    else:
        pay_from_bank(home, world)
    home.reads("C’est payé")


def pay_by_card(home, world):
    home.press("button", re.compile("Carte"))
    home.type("Numéro de carte", CARD)
    home.type("Expiration (MM/AA)", "12/39")
    home.type("Cryptogramme", "123")
    home.type("Nom du titulaire", "Camille Bahut")
    home.press("button", re.compile("^Payer"))
    confirm(home, world)


def pay_from_bank(home, world):
    home.press("button", re.compile("Depuis ma banque"))
    home.press("link", re.compile("Deux Rives"))
    home.press("button", "Continuer")
    home.press("button", re.compile("^Recevoir le code"))
    confirm(home, world)


def confirm(home, world):
    expect(home.tab.get_by_label("Code reçu par SMS")).to_be_visible()
    text = world.control("/sms?limit=1", method="GET")["data"][0]["text"]
    home.type("Code reçu par SMS", re.search(r"\d{6}", text)[0])
    home.press("button", re.compile("^(Payer|Virer|Confirmer)"))


def captured(firm):
    with acting_for(firm.id):
        return payments(organization_id=firm.id).filter(state=IntentState.CAPTURED).first()


def test_a_quote_is_written_sent_accepted_paid_and_followed(people, firm, world):
    desk, home = people

    link = write_and_send(desk)
    accept_and_pay(home, link, world)
    payment = eventually(lambda: captured(firm))

    desk.open("/paiements/")
    desk.press("link", re.compile("Réfection|Acompte|Menuiserie"))
    desk.reads("Encaissé")
    assert payment is not None


class TestWithoutScripts:
    @pytest.fixture
    def desk(self, chromium, world, firm):
        desk = NoScript(chromium, world, [cookie_of(firm, world)])
        yield desk
        desk.context.close()

    def test_an_invoice_is_written_read_again_and_issued(self, desk, firm):
        desk.open("/")
        desk.tab.locator("summary", has_text="Créer").click()
        desk.press("link", re.compile("^Facture$"))
        desk.tab.get_by_label(re.compile("^Client")).first.select_option(str(firm.customer.id))
        desk.type("Objet", "Dépannage")
        desk.type("Désignation", "Main-d’œuvre")
        desk.type("Prix HT", "100")
        desk.press("button", "Relire avant d’émettre")
        desk.press("button", re.compile("Émettre la facture"))

        desk.reads(re.compile(r"Facture F-\d{4}-0001"))

    def test_money_is_asked_for_and_found_again(self, desk):
        desk.open("/demandes/nouvelle/")
        desk.type("Pour quoi", "Acompte chauffe-eau")
        desk.type("Montant", "320")
        desk.press("button", "Créer le lien de paiement")
        link = desk.tab.locator("#link").input_value()
        desk.open("/chercher/?q=chauffe")

        desk.reads("Acompte chauffe-eau")
        assert "/p/" in link
