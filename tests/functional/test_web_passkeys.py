"""Passkeys in a real Chromium, with a telephone of its own."""

import json
import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from playwright.sync_api import expect

from encaisse.identity.core import FactorKind
from encaisse.identity.errors import LastFactor
from encaisse.identity.factors import factors_of, recovery_codes_left, remove_factor
from encaisse.identity.services import enrol_second_factor
from encaisse.organizations.core import Role
from encaisse.organizations.team import add_member
from factories.organizations import NOW, Firm, make_user
from functional.authenticators import Device
from functional.web_people import PASSWORD, audited, forget_the_device, problem_of
from plugins.world import eventually


@pytest.fixture
def open_tab(chromium, world):
    contexts = []

    def opened(host="localhost", **options):
        context = chromium.new_context(
            viewport={"width": 390, "height": 844},
            base_url=f"http://{host}:{world.port}",
            locale="fr-FR",
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(8000)
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on("console", lambda message: page.problems.extend(problem_of(message)))
        return page

    yield opened
    for context in contexts:
        context.close()


def with_password(user):
    user.set_password(PASSWORD)
    user.full_name = "Anne Martin"
    user.save()
    EmailAddress.objects.get_or_create(user=user, email=user.email, verified=True, primary=True)
    return user


def type_password(tab, user):
    tab.goto("/compte/login/")
    tab.get_by_label("Adresse").or_(tab.locator("#id_login")).first.fill(user.email)
    tab.locator("#id_password").fill(PASSWORD)
    tab.get_by_role("button", name="Se connecter").click()


def prove_again(tab):
    tab.locator("#id_password").fill(PASSWORD)
    tab.get_by_role("button", name="Confirmer").click()


def make_passkey(tab, name="Téléphone d’Anne"):
    tab.goto("/compte/2fa/webauthn/add/")
    if tab.get_by_role("heading", name="C’est bien vous ?").is_visible():
        prove_again(tab)
    tab.get_by_label("Nom de cette clé").fill(name)
    tab.get_by_role("button", name="Créer la clé sur cet appareil").click()
    tab.wait_for_url(re.compile("recovery-codes|2fa/$"))


def sign_out(tab):
    tab.goto("/compte/logout/")
    tab.get_by_role("button", name="Se déconnecter").click()


@pytest.fixture
def anne(open_tab):
    """Anne, signed in, with a passkey on her telephone."""
    tab = open_tab()
    tab.device = Device(tab)
    tab.firm = Firm()
    tab.user = with_password(tab.firm.owner)
    type_password(tab, tab.user)
    make_passkey(tab)
    return tab


def heading(tab):
    return tab.get_by_role("heading", level=1)


class TestEnrolling:
    def test_it_takes_a_name_a_finger_and_gives_recovery_codes(self, anne):
        expect(anne.locator(".codes li")).to_have_count(10)
        anne.goto("/compte/2fa/")

        expect(anne.get_by_text("Téléphone d’Anne").first).to_be_visible()
        assert [one.kind for one in factors_of(user_id=anne.user.id)] == [FactorKind.PASSKEY]
        assert anne.problems == []

    def test_the_device_keeps_it_and_recognised_its_owner(self, anne):
        (held,) = anne.device.credentials()

        assert held["isResidentCredential"]
        assert held["rpId"] == "localhost"

    def test_the_journal_of_the_firm_tells_it_and_the_person_gets_a_mail(self, anne, world):
        assert "factor:added" in audited(anne.firm)
        path = f"/mail?to={anne.user.email}"
        assert eventually(
            lambda: [
                letter
                for letter in world.control(path, method="GET")["data"]
                if "clé d’accès ouvre" in letter["text"]
            ]
        )

    def test_only_public_data_is_kept(self, anne):
        (row,) = Authenticator.objects.filter(user=anne.user, type="webauthn")

        (held,) = anne.device.credentials()
        assert held["privateKey"] not in json.dumps(row.data)

    def test_the_same_device_is_not_enrolled_twice(self, anne):
        anne.goto("/compte/2fa/webauthn/add/")
        anne.get_by_role("button", name="Créer la clé").click()

        expect(anne.get_by_role("alert")).to_contain_text("garde déjà une clé")
        assert len(factors_of(user_id=anne.user.id)) == 1

    def test_a_finger_that_is_not_the_owners_makes_nothing(self, open_tab):
        tab = open_tab()
        device = Device(tab)
        device.recognise(succeeds=False)
        user = with_password(Firm().owner)
        type_password(tab, user)
        tab.goto("/compte/2fa/webauthn/add/")
        tab.get_by_role("button", name="Créer la clé").click()

        expect(tab.get_by_role("alert")).to_contain_text("annulée")
        assert factors_of(user_id=user.id) == []

    def test_it_asks_who_one_is_first(self, anne):
        sign_out(anne)
        anne.get_by_role("button", name="Entrer avec une clé d’accès").click()
        expect(anne.get_by_role("navigation", name="Principale")).to_be_visible()
        anne.goto("/compte/2fa/webauthn/add/")

        expect(heading(anne)).to_have_text("C’est bien vous ?")

    def test_it_is_renamed(self, anne):
        anne.goto("/compte/2fa/")
        anne.get_by_role("link", name=re.compile("Renommer")).click()
        anne.get_by_label("Nom de cette clé").fill("iPhone bleu")
        anne.get_by_role("button", name="Enregistrer ce nom").click()

        expect(anne.get_by_text("iPhone bleu").first).to_be_visible()

    def test_an_address_of_numbers_says_where_to_go(self, open_tab, world):
        tab = open_tab(host="127.0.0.1")
        type_password(tab, with_password(Firm().owner))
        tab.goto("/compte/2fa/webauthn/add/")

        expect(tab.get_by_text("liée à une adresse")).to_be_visible()
        expect(tab.get_by_role("link", name=f"http://localhost:{world.port}")).to_be_visible()
        expect(tab.get_by_role("button", name="Créer la clé")).to_have_count(0)

    def test_without_javascript_the_page_says_so_and_the_password_works(self, open_tab):
        tab = open_tab(java_script_enabled=False)
        tab.goto("/compte/login/")

        expect(tab.get_by_text("besoin de JavaScript")).to_be_visible()
        expect(tab.get_by_role("button", name="Entrer avec une clé d’accès")).to_be_hidden()
        type_password(tab, with_password(Firm().owner))
        expect(heading(tab)).not_to_have_text("Se connecter")


class TestSigningIn:
    def test_one_touch_and_no_password(self, anne):
        sign_out(anne)
        anne.get_by_role("button", name="Entrer avec une clé d’accès").click()

        expect(anne.get_by_role("navigation", name="Principale")).to_be_visible()
        (factor,) = factors_of(user_id=anne.user.id)
        assert factor.last_used_at is not None
        assert anne.problems == []

    def test_after_a_password_it_is_the_second_step(self, anne):
        sign_out(anne)
        forget_the_device(anne)
        type_password(anne, anne.user)
        anne.get_by_role("button", name="Utiliser ma clé d’accès").click()

        expect(anne.get_by_role("navigation", name="Principale")).to_be_visible()

    def test_giving_up_says_so_and_changes_nothing(self, anne):
        sign_out(anne)
        anne.device.recognise(succeeds=False)
        anne.get_by_role("button", name="Entrer avec une clé d’accès").click()

        expect(anne.get_by_role("alert")).to_contain_text("Rien n’a changé")
        expect(anne.get_by_role("button", name="Entrer avec une clé d’accès")).to_be_enabled()

    def test_a_copy_of_the_key_opens_nothing_and_the_journal_says_so(self, anne):
        for _time in range(2):
            sign_out(anne)
            anne.get_by_role("button", name="Entrer avec une clé d’accès").click()
            expect(anne.get_by_role("navigation", name="Principale")).to_be_visible()
        sign_out(anne)
        anne.device.rewind(count=1)
        anne.get_by_role("button", name="Entrer avec une clé d’accès").click()

        expect(anne.get_by_text("comme le ferait une copie")).to_be_visible()
        expect(heading(anne)).to_have_text("Se connecter")
        assert "factor:copy_suspected" in audited(anne.firm)

    def test_an_answer_already_given_opens_nothing(self, anne):
        sign_out(anne)
        answers = []
        anne.on("request", lambda sent: answers.append(sent) if sent.method == "POST" else None)
        anne.get_by_role("button", name="Entrer avec une clé d’accès").click()
        expect(anne.get_by_role("navigation", name="Principale")).to_be_visible()
        (given,) = [sent for sent in answers if sent.url.endswith("webauthn/login/")]
        sign_out(anne)

        anne.request.get("/compte/2fa/webauthn/login/", headers={"Accept": "application/json"})
        form = dict(given.post_data_json)
        form["csrfmiddlewaretoken"] = anne.locator("[name=csrfmiddlewaretoken]").first.input_value()
        answer = anne.request.post("/compte/2fa/webauthn/login/", form=form)

        assert "ouvre pas ce compte" in answer.text()
        anne.goto("/")
        expect(heading(anne)).to_have_text("Se connecter")

    def test_a_key_that_claims_to_be_somebody_elses_opens_nothing(self, anne, open_tab):
        (held,) = anne.device.credentials()
        thief = open_tab()
        Device(thief).forge(for_user_handle=held["userHandle"], rp_id="localhost")
        thief.goto("/compte/login/")
        thief.get_by_role("button", name="Entrer avec une clé d’accès").click()

        expect(thief.get_by_text("ouvre pas ce compte")).to_be_visible()
        expect(heading(thief)).to_have_text("Se connecter")


class TestProvingAgain:
    def test_a_passkey_is_proof_enough(self, anne):
        sign_out(anne)
        anne.get_by_role("button", name="Entrer avec une clé d’accès").click()
        expect(anne.get_by_role("navigation", name="Principale")).to_be_visible()
        anne.goto("/cles/nouvelle/")
        anne.get_by_role("link", name="Utiliser une clé d’accès").click()
        anne.get_by_role("button", name="Utiliser ma clé d’accès").click()

        expect(anne.get_by_role("heading", level=1)).not_to_have_text("C’est bien vous ?")
        assert anne.url.endswith("/cles/nouvelle/")


class TestRemoving:
    def test_the_last_one_stays_where_a_role_demands_one(self, anne):
        anne.goto("/compte/2fa/")
        anne.get_by_role("link", name=re.compile("Retirer")).first.click()

        expect(anne.get_by_text("votre dernier second facteur")).to_be_visible()
        (factor,) = factors_of(user_id=anne.user.id)
        with pytest.raises(LastFactor):
            remove_factor(
                user_id=anne.user.id, kind=factor.kind, factor_id=factor.id,
                keeps_one=True, now=NOW,
            )  # fmt: skip

    def test_one_of_two_leaves_with_a_mail_and_a_line_in_the_journal(self, anne, world):
        enrol = enrol_totp_only(anne.user)
        anne.goto("/compte/2fa/")
        anne.get_by_role("link", name="Retirer Téléphone d’Anne").click()
        anne.get_by_role("button", name=re.compile("Retirer")).click()

        expect(anne.get_by_text("n’ouvre plus votre compte")).to_be_visible()
        assert enrol
        assert [one.kind for one in factors_of(user_id=anne.user.id)] == [FactorKind.TOTP]
        assert "factor:removed" in audited(anne.firm)

    def test_a_collector_may_go_back_to_a_password_alone(self):
        firm, user = Firm(), make_user()
        add_member(
            organization_id=firm.id, actor=firm.actor, user_id=user.id,
            role=Role.COLLECTOR, now=NOW,
        )  # fmt: skip
        enrol_second_factor(user=user)
        (factor,) = factors_of(user_id=user.id)

        remove_factor(
            user_id=user.id, kind=factor.kind, factor_id=factor.id, keeps_one=False, now=NOW
        )

        assert factors_of(user_id=user.id) == []
        assert recovery_codes_left(user_id=user.id) is None

    def test_somebody_elses_is_not_found(self, anne):
        stranger = make_user()
        (factor,) = factors_of(user_id=anne.user.id)

        answer = anne.request.get(f"/compte/2fa/{FactorKind.TOTP}/{factor.id}/retirer/")

        assert answer.status == 404
        assert factors_of(user_id=stranger.id) == []


def enrol_totp_only(user):
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret  # noqa: PLC0415

    return TOTP.activate(user, generate_totp_secret())
