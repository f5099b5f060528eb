"""A second factor before anything else, in a real browser; and what becomes of a lost one."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from encaisse.identity.core import FactorKind
from encaisse.identity.factors import factors_of
from encaisse.kit.clock import business_now
from encaisse.organizations.api_keys import create_api_key
from encaisse.organizations.core import Permission, Role
from encaisse.organizations.queries import must_prove_twice
from factories.organizations import Firm
from functional.authenticators import Device
from functional.enrolling import member_of, texted_code
from functional.test_web_passkeys import type_password, with_password
from functional.web_people import (
    MODEL_BACKEND,
    PASSWORD,
    Newcomer,
    signed_in,
)


@pytest.fixture
def tab(chromium, world):
    context = chromium.new_context(
        viewport={"width": 390, "height": 844},
        base_url=f"http://localhost:{world.port}",
        locale="fr-FR",
    )
    page = context.new_page()
    page.set_default_timeout(8000)
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("console", lambda message: page.problems.append(message.text))
    yield page
    context.close()
    assert page.problems == []


def unprotected(firm):
    """Return the client of an owner who has just a password."""
    client = Client()
    client.force_login(firm.owner, backend=MODEL_BACKEND)
    return client


class TestRoles:
    @pytest.mark.parametrize(
        ("role", "is_asked"),
        [
            (Role.OWNER, True), (Role.MANAGER, True), (Role.ACCOUNTANT, True),
            (Role.COLLECTOR, False), (Role.AUDITOR, False),
        ],
    )  # fmt: skip
    def test_those_that_move_money_or_read_bank_details_ask_for_it(self, role, is_asked):
        assert must_prove_twice(user_id=member_of(Firm(), role).id) is is_asked


class TestNothingElseOpens:
    @pytest.mark.parametrize(
        "name",
        ["home", "bank", "members", "mfa_index", "account_email", "account_change_password",
         "places", "welcome", "provider", "api_keys"],
    )  # fmt: skip
    def test_every_page_leads_to_enrolment(self, name):
        answer = unprotected(Firm()).get(reverse(name))

        assert (answer.status_code, answer["Location"]) == (302, reverse("enrol"))

    def test_a_form_posted_changes_nothing(self):
        answer = unprotected(Firm()).post(reverse("customer_new"), {"name": "Camille Leroy"})

        assert answer["Location"] == reverse("enrol")

    def test_signing_out_does(self):
        client = unprotected(Firm())

        assert client.get(reverse("account_logout")).status_code == 200
        assert client.post(reverse("account_logout")).status_code == 302
        assert "_auth_user_id" not in client.session

    def test_a_program_with_a_key_notices_nothing(self, client):
        firm = Firm()
        key = create_api_key(
            organization_id=firm.id, actor=firm.actor, name="Site",
            scopes=[Permission.CUSTOMERS_READ], expires_at=None, now=business_now(),
        )  # fmt: skip

        answer = client.get("/api/v1/customers", headers={"Authorization": f"Bearer {key.secret}"})

        assert answer.status_code == 200

    def test_a_collector_works_with_a_password_alone(self):
        client = Client()
        client.force_login(member_of(Firm(), Role.COLLECTOR), backend=MODEL_BACKEND)

        assert client.get(reverse("home")).status_code == 200

    def test_a_payer_is_asked_nothing(self, client):
        assert client.get("/p/inconnu").status_code == 404


class TestEnrolling:
    def test_this_device_four_clicks_and_back_to_where_one_was_going(self, tab):
        Device(tab)
        user = with_password(Firm().owner)
        tab.goto("/banque/")
        tab.locator("#id_login").fill(user.email)
        tab.locator("#id_password").fill(PASSWORD)
        tab.get_by_role("button", name="Se connecter").click()
        tab.get_by_role("link", name=re.compile("Cet appareil")).click()
        tab.get_by_role("button", name="Créer la clé").click()
        expect(tab.locator(".codes li")).to_have_count(10)
        tab.get_by_role("link", name="C’est noté, continuer").click()

        expect(tab.get_by_role("navigation", name="Principale")).to_be_visible()
        assert tab.url.endswith("/banque/")

    def test_a_code_application_with_an_image_of_ours(self, tab):
        type_password(tab, user := with_password(Firm().owner))
        tab.get_by_role("link", name=re.compile("application de codes")).click()
        image = tab.request.get("/compte/2fa/totp/image.svg")
        drawn = tab.locator(".qr").evaluate(
            "async (image) => (await image.decode(), image.naturalWidth)"
        )
        secret = tab.get_by_label("Ou recopiez ce secret").input_value()
        tab.locator("#id_code").fill(Newcomer.totp(secret))
        tab.get_by_role("button", name="Ajouter cette application").click()

        expect(tab.locator(".codes li")).to_have_count(10)
        assert drawn > 0
        assert image.headers["content-type"] == "image/svg+xml"
        assert "style=" not in image.text()
        assert [one.kind for one in factors_of(user_id=user.id)] == [FactorKind.TOTP]

    def test_a_telephone(self, tab, world):
        user = with_password(Firm().owner)
        type_password(tab, user)
        tab.get_by_role("link", name=re.compile("Un code par SMS")).click()
        tab.get_by_label("Numéro de mobile").fill("01 23 45 67 89")
        tab.get_by_role("button", name="Recevoir un code").click()
        expect(tab.get_by_text("ne peut pas recevoir de code")).to_be_visible()
        tab.get_by_label("Numéro de mobile").fill("06 39 98 02 01")
        tab.get_by_role("button", name="Recevoir un code").click()
        expect(tab.get_by_text("•• •• •• 02 01")).to_be_visible()
        tab.get_by_label("Code reçu par SMS").fill("000000")
        tab.get_by_role("button", name="Ajouter ce téléphone").click()
        expect(tab.get_by_text(re.compile("Essais restants"))).to_be_visible()
        tab.get_by_label("Code reçu par SMS").fill(texted_code(world, "33639980201"))
        tab.get_by_role("button", name="Ajouter ce téléphone").click()
        expect(tab.locator(".codes li")).to_have_count(10)
        tab.get_by_role("link", name="C’est noté, continuer").click()

        expect(tab.get_by_role("navigation", name="Principale")).to_be_visible()
        assert [one.kind for one in factors_of(user_id=user.id)] == [FactorKind.PHONE]
        tab.problems.clear()  # Chromium tells the two refusals (422)

    def test_a_telephone_then_guards_the_door(self, tab, world):
        user = with_password(Firm().owner)
        type_password(tab, user)
        tab.get_by_role("link", name=re.compile("Un code par SMS")).click()
        tab.get_by_label("Numéro de mobile").fill("06 39 98 02 02")
        tab.get_by_role("button", name="Recevoir un code").click()
        tab.get_by_label("Code reçu par SMS").fill(texted_code(world, "33639980202"))
        tab.get_by_role("button", name="Ajouter ce téléphone").click()
        expect(tab.locator(".codes li")).to_have_count(10)
        tab.get_by_role("link", name="C’est noté, continuer").click()
        tab.context.clear_cookies()

        type_password(tab, user)
        expect(tab.get_by_role("heading", level=1)).to_have_text("Votre second facteur")
        tab.get_by_role("button", name="Recevoir un code").click()
        expect(tab.get_by_label("Code reçu")).to_be_visible()
        tab.get_by_label("Code reçu").fill(texted_code(world, "33639980202", reason="connexion"))
        tab.get_by_role("button", name="Se connecter").click()

        expect(tab.get_by_role("navigation", name="Principale")).to_be_visible()

    def test_adding_a_second_one_later_asks_who_one_is(self):
        answer = signed_in(Firm()).get(reverse("phone_add"))

        assert answer["Location"].startswith("/compte/reauthenticate/")
