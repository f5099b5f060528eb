"""A day at the desk in a real browser: quote and link, invoice, money asked and returned."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from encaisse.kit.tenancy import acting_for
from encaisse.payments.core import IntentState
from encaisse.payments.queries import payments, requests
from factories.payments import PayableFirm
from functional.web_people import cookie_of
from plugins.world import eventually


@pytest.fixture
def firm(world):
    return PayableFirm(world)


@pytest.fixture
def desk(chromium, world, firm):
    """Return a tab at the desk of the firm's owner, and fail on any complaint of the browser."""
    context = chromium.new_context(
        viewport={"width": 1280, "height": 900}, base_url=world.url, locale="fr-FR"
    )
    context.add_cookies([cookie_of(firm, world)])
    page = context.new_page()
    page.set_default_timeout(8000)
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(f"{message.text} {message.location}"))
    yield page
    context.close()
    assert problems == []


def type_line(desk, index, label, price):
    desk.locator(f"#id_lines-{index}-label").fill(label)
    desk.locator(f"#id_lines-{index}-price").fill(price)
    desk.locator(f"#id_lines-{index}-price").blur()


def captured(firm):
    with acting_for(firm.id):
        return list(payments(organization_id=firm.id).filter(state=IntentState.CAPTURED))


def test_a_quote_goes_from_its_customer_to_its_link(desk):
    desk.goto("/clients/nouveau/")
    desk.get_by_label("Nom", exact=True).fill("Menuiserie Bahut")
    desk.get_by_role("button", name="Enregistrer").click()
    desk.get_by_role("link", name="Faire un devis").click()
    desk.get_by_label("Objet").fill("Réfection de la salle d’eau")
    type_line(desk, 0, "Dépose", "300")
    expect(desk.locator("#totals")).to_contain_text("330")
    type_line(desk, 1, "Pose", "1 200,50")
    desk.get_by_role("button", name="Ajouter une ligne").click()
    expect(desk.locator("#id_lines-2-label")).to_be_visible()
    desk.get_by_role("button", name="Enregistrer le brouillon").click()
    desk.get_by_role("button", name=re.compile("Envoyer le devis de 1.650,55")).click()

    expect(desk.get_by_text("Envoyé", exact=True).first).to_be_visible()
    link = desk.get_by_label("Lien à donner au client").input_value()
    desk.goto(link)
    expect(desk.get_by_text("Réfection de la salle d’eau").first).to_be_visible()


def test_an_invoice_is_read_again_before_it_is_issued_then_credited(desk, firm):
    desk.goto(f"/factures/nouvelle/?client={firm.customer.id}")
    desk.get_by_label("Objet").fill("Dépannage")
    type_line(desk, 0, "Main-d’œuvre", "100")
    desk.get_by_role("button", name="Relire avant d’émettre").click()
    desk.get_by_role("button", name=re.compile("Émettre la facture de 110,00")).click()
    expect(desk.get_by_role("heading", level=1)).to_have_text(re.compile(r"Facture F-\d{4}-0001"))
    with desk.expect_download() as download:
        desk.get_by_role("link", name="Télécharger le PDF").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
    desk.get_by_role("link", name="Annuler par un avoir").click()
    desk.get_by_role("button", name=re.compile("Émettre l’avoir de 110,00")).click()

    expect(desk.get_by_role("heading", level=1)).to_have_text(re.compile(r"Avoir A-\d{4}-0001"))


def test_a_payment_is_asked_then_given_back_in_part(desk, firm):
    desk.goto("/demandes/nouvelle/")
    desk.locator("#id_customer").select_option(str(firm.customer.id))
    desk.get_by_label("Montant").fill("450")
    desk.get_by_label("Pour quoi").fill("Acompte")
    desk.get_by_role("button", name="Créer le lien de paiement").click()
    expect(desk.get_by_alt_text("Code QR du même lien")).to_be_visible()
    with acting_for(firm.id):
        asked = requests(organization_id=firm.id).get(description="Acompte")
    firm.pay(asked)
    intent = eventually(lambda: captured(firm))[0]
    desk.goto(f"/paiements/{intent.id}/")
    desk.get_by_role("link", name="Rembourser").click()
    desk.get_by_label("Montant à rembourser").fill("50")
    desk.get_by_role("button", name="Continuer").click()
    desk.get_by_role("button", name=re.compile("Rembourser 50,00.€ à Camille Leroy")).click()

    expect(desk.get_by_text("est demandé au prestataire")).to_be_visible()


def test_the_keyboard_reaches_the_content_and_the_search(desk):
    desk.goto("/clients/")
    desk.keyboard.press("Tab")
    expect(desk.get_by_role("link", name="Aller au contenu")).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.locator("#contenu")).to_be_focused()
    desk.keyboard.press("/")
    expect(desk.get_by_label("Chercher partout")).to_be_focused()
    desk.keyboard.type("leroy")
    desk.keyboard.press("Enter")

    expect(desk.get_by_role("link", name="Camille Leroy")).to_be_visible()


def test_customers_are_found_while_typing(desk):
    desk.goto("/clients/")
    desk.get_by_label("Nom du client").press_sequentially("zzz")

    expect(desk.get_by_text("Aucun client à ce nom")).to_be_visible()
