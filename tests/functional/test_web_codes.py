"""Recovery codes, emergency codes and passwords, in a browser and without."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from encaisse.identity import emergency
from encaisse.identity.core import EMERGENCY_LIFE
from encaisse.identity.factors import factors_of
from encaisse.identity.models import User
from encaisse.identity.services import enrol_second_factor
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Role
from encaisse.organizations.emergency import issue_emergency_code
from encaisse.organizations.errors import EmergencyElsewhere, EmergencyForOneself
from encaisse.organizations.queries import members
from encaisse.organizations.team import add_member
from factories.organizations import NOW, Firm, make_user
from functional.door import Person, is_in
from functional.enrolling import member_of
from functional.test_web_passkeys import type_password
from functional.web_people import (
    Newcomer,
    audited,
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


def heading(tab):
    return tab.get_by_role("heading", level=1)


class TestRecoveryCodes:
    def test_they_are_shown_once_and_then_counted(self):
        firm = Firm()
        client = signed_in(firm, proven=True)
        client.post(reverse("mfa_generate_recovery_codes"))

        first = client.get(reverse("mfa_view_recovery_codes")).content.decode()
        again = client.get(reverse("mfa_view_recovery_codes")).content.decode()

        assert first.count("<li>") == 10
        assert "<li>" not in again
        assert "Il vous en reste 10" in again

    def test_they_are_downloaded_in_the_session_that_saw_them_only(self):
        firm = Firm()
        client = signed_in(firm, proven=True)
        client.post(reverse("mfa_generate_recovery_codes"))
        client.get(reverse("mfa_view_recovery_codes"))

        file = client.get(reverse("mfa_download_recovery_codes"))
        elsewhere = signed_in(firm, proven=True).get(reverse("mfa_download_recovery_codes"))

        assert len(re.findall(r"^\d{8}$", file.content.decode(), re.MULTILINE)) == 10
        assert "attachment" in file["Content-Disposition"]
        assert elsewhere.status_code == 404

    def test_leaving_before_they_were_seen_leads_back_to_them(self):
        firm = Firm()
        client = signed_in(firm, proven=True)
        client.post(reverse("mfa_generate_recovery_codes"))

        answer = client.get(reverse("home"))

        assert answer["Location"] == reverse("mfa_view_recovery_codes")

    def test_at_three_or_fewer_the_page_warns(self):
        firm = Firm()
        client = signed_in(firm, proven=True)
        row = Authenticator.objects.get(user=firm.owner, type="recovery_codes")
        row.data["migrated_codes"] = row.data["migrated_codes"][:3]
        row.save()

        page = client.get(reverse("mfa_index")).content.decode()

        assert "Il ne vous reste que" in page
        assert "3" in page

    def test_they_are_hashed_and_sealed_once_seen(self):
        user = make_user()
        codes = enrol_second_factor(user=user).recovery_codes
        row = Authenticator.objects.get(user=user, type="recovery_codes")

        opened = row.wrap().get_unused_codes()
        assert len(opened) == len(codes) == 10
        assert not set(codes) & {*opened, *str(row.data).split("'")}
        assert "seed" not in row.data

    def test_what_is_kept_of_them_opens_nothing(self):
        person, client = Person(), Client()
        row = Authenticator.objects.get(user=person.user, type="recovery_codes")
        person.types_password(client)

        for kept in RecoveryCodes(row).get_unused_codes():
            client.post(reverse("entrance"), {"code": kept})

        assert not is_in(client)

    def test_those_seen_before_they_were_hashed_open_still_and_are_hashed_then(self):
        person = Person()
        row = Authenticator.objects.get(user=person.user, type="recovery_codes")
        row.delete()
        wrapper = RecoveryCodes.activate(person.user)
        wrapper.mark_as_viewed()
        person.factor.recovery_codes[:] = wrapper.get_unused_codes()
        client = Client()
        person.types_password(client)

        person.shows_spare_code(client)

        assert is_in(client)
        row = Authenticator.objects.get(user=person.user, type="recovery_codes")
        assert "seed" not in row.data
        assert len(row.data["migrated_codes"]) == 9

    def test_typed_with_spaces_they_open_too(self):
        person = Person()
        code = person.factor.recovery_codes.pop()
        person.factor.recovery_codes.append(f" {code[:4]} {code[4:]} ")
        client = Client()
        person.types_password(client)

        person.shows_spare_code(client)

        assert is_in(client)


class TestEmergencyCodes:
    def issue(self, firm, member, **values):
        defaults = {"now": business_now(), "real_now": timezone.now()}
        return issue_emergency_code(
            organization_id=firm.id, owner_id=firm.owner.id, member_id=member.id,
            **{**defaults, **values},
        )  # fmt: skip

    def verify(self, user, code, **values):
        defaults = {"now": business_now(), "real_now": timezone.now()}
        return emergency.verify(user_id=user.id, code=code, **{**defaults, **values})

    def test_an_owner_gives_one_it_opens_once_and_new_factors_are_asked(self, tab, mailoutbox):
        firm = Firm()
        member = member_of(firm)
        enrol_second_factor(user=member)
        owner = signed_in(firm, proven=True)
        membership = self.membership(firm, member)
        page = owner.post(reverse("member_emergency", args=[membership.id])).content.decode()
        code = re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}", page)[0]

        type_password(tab, member)
        tab.locator("#id_code").fill(code.lower())
        tab.get_by_role("button", name="Se connecter").click()
        expect(heading(tab)).to_have_text("Choisissez un nouveau moyen de connexion")
        tab.goto("/banque/")
        expect(heading(tab)).to_have_text("Choisissez un nouveau moyen de connexion")
        tab.get_by_role("link", name=re.compile("application de codes")).click()
        secret = tab.get_by_label("Ou recopiez ce secret").input_value()
        tab.locator("#id_code").fill(Newcomer.totp(secret))
        tab.get_by_role("button", name="Ajouter cette application").click()
        expect(tab.locator(".codes li")).to_have_count(10)
        tab.get_by_role("link", name="C’est noté, continuer").click()
        expect(tab.get_by_role("navigation", name="Principale")).to_be_visible()

        assert len(factors_of(user_id=member.id)) == 1
        assert not User.objects.get(id=member.id).must_enrol
        assert {"emergency_code:issued", "emergency_code:used"} <= set(audited(firm))
        (letter,) = [one for one in mailoutbox if one.to == [member.email]]
        assert "remplace une fois votre second facteur" in letter.body
        assert code not in letter.body

    @staticmethod
    def membership(firm, member):
        with acting_for(firm.id):
            return members(organization_id=firm.id).get(user_id=member.id)

    def test_it_serves_once(self):
        firm = Firm()
        member = member_of(firm)
        code = self.issue(firm, member)

        assert self.verify(member, code)
        assert not self.verify(member, code)

    def test_a_day_later_it_is_over(self):
        firm, start = Firm(), timezone.now()
        member = member_of(firm)
        code = self.issue(firm, member, real_now=start)

        assert not self.verify(member, code, real_now=start + EMERGENCY_LIFE)
        assert self.verify(member, code, real_now=start + EMERGENCY_LIFE - timedelta(seconds=1))

    def test_a_new_one_replaces_the_former(self):
        firm = Firm()
        member = member_of(firm)
        former = self.issue(firm, member)
        later = self.issue(firm, member)

        assert not self.verify(member, former)
        assert self.verify(member, later)

    def test_guessing_ends_after_ten_tries(self):
        firm = Firm()
        member = member_of(firm)
        code = self.issue(firm, member)
        for _try in range(10):
            assert not self.verify(member, "2222-2222-2222")

        assert not self.verify(member, code)

    def test_it_opens_nobody_elses_account(self):
        firm = Firm()
        member, other = member_of(firm), member_of(firm)
        code = self.issue(firm, member)

        assert not self.verify(other, code)

    def test_nobody_makes_one_for_themselves(self):
        firm = Firm()

        with pytest.raises(EmergencyForOneself):
            self.issue(firm, firm.owner)

    def test_an_owner_opens_no_firm_of_somebody_else(self):
        firm, elsewhere = Firm(), Firm()
        member = member_of(firm)
        add_member(
            organization_id=elsewhere.id, actor=elsewhere.actor, user_id=member.id,
            role=Role.ACCOUNTANT, now=NOW,
        )  # fmt: skip

        with pytest.raises(EmergencyElsewhere):
            self.issue(firm, member)

    def test_a_manager_makes_none(self):
        firm = Firm()
        member = member_of(firm)
        client = signed_in(firm, Role.MANAGER, proven=True)

        answer = client.post(reverse("member_emergency", args=[self.membership(firm, member).id]))

        assert answer.status_code == 403

    def test_making_one_asks_who_one_is(self):
        firm = Firm()
        member = member_of(firm)
        url = reverse("member_emergency", args=[self.membership(firm, member).id])

        answer = signed_in(firm).get(url)

        assert answer["Location"].startswith("/compte/reauthenticate/")


class TestPasswords:
    def strength(self, tab):
        return tab.locator(".strength [role=status]")

    def test_a_hint_in_words_follows_what_is_typed(self, tab):
        tab.goto("/compte/signup/")
        field = tab.locator("#id_password1")
        for typed, words in (
            ("azertyazerty123", "Trop facile"),
            ("un long tuyau", "ajoutez un mot"),
            ("un long tuyau de cuivre rouge", "Très bien"),
        ):
            field.fill(typed)
            expect(self.strength(tab)).to_contain_text(words)

    def test_it_is_shown_and_hidden_again(self, tab):
        tab.goto("/compte/login/")
        tab.locator("#id_password").fill("un long tuyau")
        tab.get_by_role("button", name="Afficher le mot de passe").click()
        expect(tab.locator("#id_password")).to_have_attribute("type", "text")
        tab.get_by_role("button", name="Afficher le mot de passe").click()
        expect(tab.locator("#id_password")).to_have_attribute("type", "password")

    def test_browsers_and_keepers_of_passwords_know_which_is_which(self, tab):
        tab.goto("/compte/login/")
        expect(tab.locator("#id_password")).to_have_attribute("autocomplete", "current-password")
        tab.goto("/compte/signup/")
        expect(tab.locator("#id_password1")).to_have_attribute("autocomplete", "new-password")
