"""From nothing to a firm ready to be paid, in a real browser, as its owner does it."""

import re

import pytest
from playwright.sync_api import expect

from factories.organizations import random_siren
from functional.web_people import PASSWORD, Newcomer, forget_the_device, problem_of


@pytest.fixture
def tab(chromium, world):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, base_url=world.url)
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("console", lambda message: page.problems.extend(problem_of(message)))
    yield page
    context.close()


def sign_up(tab, world, person):
    tab.goto("/compte/signup/")
    tab.get_by_label("Votre nom").fill(person.name)
    tab.locator("#id_email").fill(person.email)
    tab.locator("#id_password1").fill(PASSWORD)
    tab.get_by_role("button", name="Créer mon compte").click()
    tab.locator("#id_code").fill(person.mailed_code(world))
    tab.get_by_role("button", name="Continuer").click()


def describe_firm(tab):
    tab.get_by_label("Votre métier").select_option(label="Plomberie, chauffage")
    tab.get_by_label("Nom que connaissent vos clients").fill("Plomberie Martin")
    tab.get_by_label("Numéro SIREN").fill(random_siren())
    tab.locator("#id_street").fill("12 rue du Lavoir")
    tab.get_by_label("Code postal").fill("44000")
    tab.get_by_label("Ville").fill("Nantes")
    tab.get_by_role("button", name="Continuer").click()


def enrol_application(tab, person):
    """Take a code application as second factor, and note the recovery codes."""
    expect(tab.get_by_role("heading", level=1)).to_have_text("Protégez votre compte")
    tab.get_by_role("link", name=re.compile("application de codes")).click()
    secret = tab.get_by_label("Ou recopiez ce secret").input_value()
    tab.locator("#id_code").fill(person.totp(secret))
    tab.get_by_role("button", name="Ajouter cette application").click()
    expect(tab.locator(".codes li")).to_have_count(10)
    codes = tab.locator(".codes li").all_text_contents()
    tab.get_by_role("link", name="C’est noté, continuer").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Prestataire de paiement")
    return secret, codes


def test_a_newcomer_becomes_ready_to_be_paid(tab, world):
    person = Newcomer()
    sign_up(tab, world, person)
    describe_firm(tab)
    enrol_application(tab, person)
    tab.get_by_role("button", name="Créer un compte d’essai").click()
    expect(tab.get_by_text("message d’essai reçu").first).to_be_visible()
    tab.get_by_role("link", name=re.compile("Ajouter.*compte bancaire")).click()
    expect(tab.get_by_label("IBAN")).to_have_value(re.compile("FR"))
    tab.get_by_role("button", name="Enregistrer ce compte").click()

    expect(tab.get_by_role("heading", level=1)).to_have_text("Vous êtes prêt à encaisser.")
    assert tab.problems == []


def test_a_second_factor_is_asked_at_the_next_sign_in(tab, world):
    person = Newcomer()
    sign_up(tab, world, person)
    describe_firm(tab)
    secret, codes = enrol_application(tab, person)

    tab.goto("/compte/logout/")
    tab.get_by_role("button", name="Se déconnecter").click()
    forget_the_device(tab)
    tab.locator("#id_login").fill(person.email)
    tab.locator("#id_password").fill(PASSWORD)
    tab.get_by_role("button", name="Se connecter").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Votre second facteur")
    tab.locator("#id_code").fill(codes[0])
    tab.get_by_role("button", name="Se connecter").click()

    expect(tab.get_by_role("navigation", name="Principale")).to_be_visible()
    expect(tab.get_by_text("Il vous en reste 9")).to_be_visible()
    assert secret not in person.stored_factors()
    assert tab.problems == []
