"""A telephone that gives its owner's agreement, in two real Chromiums: one asks, one answers."""

import json
import re

import pytest
from playwright.sync_api import expect

from encaisse.identity.access import accesses_of
from encaisse.identity.approvers import approvers_of
from encaisse.kit.tenancy import acting_for
from encaisse.messaging.push import application_key
from encaisse.security.models import Alert
from factories.payments import PayableFirm
from functional.asking import card_payment
from functional.authenticators import Device
from functional.test_web_passkeys import make_passkey, type_password, with_password
from functional.test_web_signing import ask_refund, refunds
from plugins.world import eventually

# What a browser's maker does, and no machine without internet can: an address at a push service.
SUBSCRIBING = """
PushManager.prototype.subscribe = async () => ({ toJSON: () => (%s) });
"""


@pytest.fixture
def open_tab(whole_chromium, world):
    contexts = []

    def opened(width, **options):
        context = whole_chromium.new_context(
            viewport={"width": width, "height": 844},
            base_url=f"http://localhost:{world.port}",
            locale="fr-FR",
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(8000)
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on("console", lambda message: page.problems.append(message.text))
        return page

    yield opened
    for context in contexts:
        for page in context.pages:
            assert getattr(page, "problems", []) == []
        context.close()


@pytest.fixture
def firm(world):
    return PayableFirm(world)


@pytest.fixture
def silent(open_tab, firm):
    """Anne's telephone, signed in, which answers from its open page only."""
    tab = open_tab(390)
    tab.device = Device(tab)
    type_password(tab, with_password(firm.owner))
    make_passkey(tab)
    add_telephone(tab)
    return tab


@pytest.fixture
def computer(open_tab):
    return open_tab(1440)


def add_telephone(tab):
    tab.goto("/compte/2fa/accord/")
    tab.get_by_role("button", name="Utiliser ce téléphone").click()
    expect(tab.get_by_text("peut donner votre accord")).to_be_visible(timeout=15_000)


def ask_from(computer, user):
    """Sign in elsewhere up to the number that is shown; return it."""
    type_password(computer, user)
    computer.get_by_role("link", name="Accord sur mon téléphone").click()
    computer.get_by_role("button", name="Demander sur mon téléphone").click()
    expect(computer.locator(".match")).to_be_visible()
    return computer.locator(".match").inner_text()


def open_question(telephone):
    telephone.goto("/compte/accords/")
    telephone.get_by_role("link", name=re.compile("Répondre")).click()
    expect(telephone.get_by_role("heading", level=1)).to_have_text("Est-ce bien vous ?")


def agree(telephone, number):
    telephone.get_by_label("Nombre affiché").fill(number)
    telephone.get_by_role("button", name="Oui, c’est moi").click()


def test_an_open_page_is_enough_to_sign_in_elsewhere(silent, computer, firm):
    silent.goto("/compte/accords/")
    expect(silent.get_by_text("Rien n’attend votre accord")).to_be_visible()

    number = ask_from(computer, firm.owner)
    silent.get_by_role("link", name=re.compile("Répondre")).click()
    expect(silent.get_by_text("Votre connexion")).to_be_visible()
    expect(silent.get_by_text("Réseau local")).to_be_visible()
    agree(silent, number)

    expect(silent.get_by_role("heading", level=1)).to_have_text("C’est d’accord")
    expect(computer.get_by_role("navigation", name="Principale")).to_be_visible()
    assert "push" in accesses_of(user_id=firm.owner.id).first().proofs
    computer.goto("/compte/activite/")
    expect(computer.get_by_text("accord sur le téléphone").first).to_be_visible()


def test_another_number_opens_nothing(silent, computer, firm):
    number = ask_from(computer, firm.owner)
    open_question(silent)
    agree(silent, f"{(int(number) + 1) % 100:02d}")

    expect(silent.get_by_text("Ce n’est pas le nombre affiché")).to_be_visible()
    expect(computer.get_by_text("Refusé sur votre téléphone")).to_be_visible()
    expect(computer.get_by_role("navigation", name="Principale")).to_have_count(0)
    silent.problems.clear()  # the browser notes the answer 422, rightly
    computer.problems.clear()


def test_a_refusal_opens_nothing_and_is_told(silent, computer, firm):
    ask_from(computer, firm.owner)
    open_question(silent)
    silent.get_by_role("button", name="Non, refuser").click()

    expect(silent.get_by_role("heading", level=1)).to_have_text("Refusé")
    expect(silent.get_by_role("link", name="Geler mon compte")).to_be_visible()
    expect(computer.get_by_text("Refusé sur votre téléphone")).to_be_visible()

    def told():
        with acting_for(firm.id):
            return Alert.objects.filter(kind="approval_refused", about=firm.owner).first()

    assert eventually(told).facts["what"] == "Votre connexion"
    computer.problems.clear()  # the browser notes the answer 422, rightly


def test_a_telephone_that_lost_its_key_says_so_and_agrees_to_nothing(silent, computer, firm):
    number = ask_from(computer, firm.owner)
    open_question(silent)
    silent.evaluate("indexedDB.deleteDatabase('encaisse')")
    agree(silent, number)

    expect(silent.get_by_text("il a perdu sa clé")).to_be_visible()
    assert computer.get_by_role("navigation", name="Principale").count() == 0
    silent.problems.clear()  # the browser notes the answer 422, rightly


def test_a_refund_shows_its_amount_and_payee_and_is_signed(silent, computer, firm, world):
    payment = card_payment(firm, 90_000)
    agree_to_sign_in(silent, computer, firm)
    ask_refund(computer, payment, "800,00")
    if computer.get_by_role("button", name="Demander sur mon téléphone").count() == 0:
        computer.get_by_role("link", name="Accord sur mon téléphone").click()
    computer.get_by_role("button", name="Demander sur mon téléphone").click()
    number = computer.locator(".match").inner_text()

    open_question(silent)
    shown = silent.get_by_role("definition").first
    expect(shown).to_contain_text(re.compile(r"800,00\s€"))
    expect(shown).to_contain_text(firm.customer.name)
    agree(silent, number)

    expect(computer.get_by_text("C’est fait")).to_be_visible()
    assert refunds(firm) == [80_000]


def test_a_telephone_rings_and_what_it_shows_leads_to_the_question(open_tab, computer, firm, world):
    made = world.control("/push/browsers", {"application_key": application_key()})
    found = made["subscription"]
    keys = {"p256dh": found["p256dh"], "auth": found["auth"]}
    told = json.dumps({"endpoint": found["endpoint"], "keys": keys})
    telephone = open_tab(390, permissions=["notifications"])
    telephone.add_init_script(SUBSCRIBING % told)
    telephone.device = Device(telephone)
    type_password(telephone, with_password(firm.owner))
    make_passkey(telephone)
    add_telephone(telephone)
    expect(telephone.get_by_text("Il sonnera à chaque demande")).to_be_visible()

    ask_from(computer, firm.owner)
    pushed = eventually(
        lambda: world.control(f"/push/browsers/{made['id']}", method="GET")["data"]
    )[0]["text"]

    shown = shown_by_worker(telephone, pushed)
    assert shown["title"] == "Encaisse demande votre accord"
    assert "Votre connexion" in shown["body"]
    telephone.goto(shown["url"].replace("127.0.0.1", "localhost"))
    expect(telephone.get_by_role("heading", level=1)).to_have_text("Est-ce bien vous ?")


def test_a_browser_that_answers_for_nobody_is_told_how_to(computer):
    answer = computer.goto("/compte/accords/")

    assert answer.status == 404
    expect(computer.get_by_role("link", name="Ajouter ce téléphone")).to_be_visible()
    computer.problems.clear()  # the browser notes the answer 404, rightly


def test_a_telephone_is_taken_away(silent, firm):
    silent.goto("/compte/2fa/")
    silent.get_by_role("link", name=re.compile("^Retirer Ordinateur d’")).click()
    silent.get_by_role("button", name=re.compile("^Retirer")).click()

    expect(silent.get_by_text("ne répond plus pour vous")).to_be_visible()
    assert not approvers_of(user_id=firm.owner.id).exists()


def agree_to_sign_in(telephone, computer, firm):
    number = ask_from(computer, firm.owner)
    open_question(telephone)
    agree(telephone, number)
    expect(computer.get_by_role("navigation", name="Principale")).to_be_visible()


_IS_AT_WORK = """async () => {
  const [one] = await navigator.serviceWorker.getRegistrations();
  return one?.active?.state === "activated";
}"""


def shown_by_worker(telephone, message):
    """Play the browser's maker: hand the message to the page's worker, and read what it shows."""
    session = telephone.context.new_cdp_session(telephone)
    registrations = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: registrations.extend(event["registrations"]),
    )
    session.send("ServiceWorker.enable")
    eventually(lambda: telephone.wait_for_timeout(50) or registrations)
    eventually(lambda: telephone.evaluate(_IS_AT_WORK))
    session.send(
        "ServiceWorker.deliverPushMessage",
        {
            "origin": re.match(r"https?://[^/]+", telephone.url)[0],
            "registrationId": registrations[-1]["registrationId"],
            "data": message,
        },
    )
    return eventually(
        lambda: telephone.evaluate(
            """async () => {
              const [one] = await navigator.serviceWorker.getRegistrations();
              const [shown] = await one.getNotifications();
              return shown && { title: shown.title, body: shown.body, url: shown.data.url };
            }"""
        )
    )
