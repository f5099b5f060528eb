"""Who is let in, who leaves, in a real browser and over HTTP."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.messaging.queries import mails_about
from encaisse.organizations.core import InvitationState, Role
from encaisse.organizations.errors import (
    InvitationClosed,
    TooManyInvitations,
)
from encaisse.organizations.invitations import (
    LARGEST_NUMBER,
    LIFE,
    close_expired,
    invitation_token,
    resend_invitation,
    revoke_invitation,
)
from encaisse.organizations.models import Invitation
from factories.organizations import NOW, Firm
from functional.web_people import (
    PASSWORD,
    Newcomer,
    accept,
    audited,
    client_of,
    cookie_of,
    invite,
    person_at,
    roles_of,
    signed_in,
)
from plugins.world import eventually


@pytest.fixture
def open_tab(chromium, world):
    """Open tabs of browsers that share nothing, and fail on any complaint of theirs."""
    contexts, problems = [], []

    def opened(*, cookie=None, width=1280):
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, base_url=world.url, locale="fr-FR"
        )
        contexts.append(context)
        if cookie:
            context.add_cookies([cookie])
        page = context.new_page()
        page.set_default_timeout(8000)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert problems == []


def mailed_link(world, address):
    def find():
        letters = world.control(f"/mail?to={address}", method="GET")["data"]
        found = [re.search(r"http\S+/invitation/\S+", letter["text"]) for letter in letters]
        return next((match[0] for match in found if match), None)

    return eventually(find)


def enrol_application(tab, person):
    tab.get_by_role("link", name=re.compile("application de codes")).click()
    secret = tab.get_by_label("Ou recopiez ce secret").input_value()
    tab.locator("#id_code").fill(person.totp(secret))
    tab.get_by_role("button", name="Ajouter cette application").click()
    tab.get_by_role("link", name="C’est noté, continuer").click()


class TestInvitingInABrowser:
    def test_an_accountant_is_invited_signs_up_and_sees_only_what_the_role_may(
        self, open_tab, world
    ):
        firm, accountant = Firm(), Newcomer()
        owner = open_tab(cookie=cookie_of(firm, world))
        owner.goto("/equipe/")
        owner.get_by_role("link", name="Inviter quelqu’un").click()
        owner.get_by_label("Adresse électronique").fill(accountant.email)
        owner.get_by_label("Comptable").check()
        owner.get_by_role("button", name="Envoyer l’invitation").click()
        expect(owner.get_by_role("heading", name="Invitations sans réponse")).to_be_visible()
        expect(owner.get_by_text(accountant.email).last).to_be_visible()

        tab = open_tab(width=390)
        tab.goto(mailed_link(world, accountant.email))
        expect(tab.get_by_text("Comptable")).to_be_visible()
        tab.get_by_role("link", name="Créer mon compte").click()
        tab.get_by_label("Votre nom").fill(accountant.name)
        tab.locator("#id_email").fill(accountant.email)
        tab.locator("#id_password1").fill(PASSWORD)
        tab.get_by_role("button", name="Créer mon compte").click()
        tab.locator("#id_code").fill(accountant.mailed_code(world))
        tab.get_by_role("button", name="Continuer").click()
        tab.get_by_role("button", name="Rejoindre l’équipe").click()
        enrol_application(tab, accountant)

        navigation = tab.get_by_role("navigation", name="Principale")
        expect(navigation.get_by_text("Trésorerie")).to_be_visible()
        assert tab.request.get("/factures/").status == 200
        assert tab.request.get("/equipe/").status == 403
        assert tab.request.get("/banque/nouveau/").status == 403
        owner.reload()
        expect(owner.get_by_text("Invitations sans réponse")).to_have_count(0)
        expect(owner.get_by_role("row", name=re.compile(accountant.name))).to_contain_text(
            "Comptable"
        )


class TestInviting:
    def test_the_answer_is_the_same_whether_or_not_the_address_has_an_account(self):
        firm, known = Firm(), person_at(Newcomer().email)
        client = signed_in(firm, proven=True)

        answers = [
            client.post(reverse("member_invite"), {"email": email, "role": Role.ACCOUNTANT})
            for email in (known.email, Newcomer().email)
        ]

        assert {(answer.status_code, answer["Location"]) for answer in answers} == {
            (302, reverse("members"))
        }

    def test_it_asks_for_the_password_again(self):
        answer = signed_in(Firm()).get(reverse("member_invite"))

        assert answer["Location"].startswith("/compte/reauthenticate/")

    def test_the_address_and_the_link_are_stored_sealed(self):
        firm = Firm()

        invitation = invite(firm, "nadia@example.test")

        with connection.cursor() as cursor, acting_for(firm.id):
            cursor.execute("SELECT i::text FROM organizations_invitation i")
            stored = cursor.fetchone()[0]
        assert "nadia" not in bytes(invitation.email_sealed).decode("latin-1") + stored
        assert invitation_token(invitation) not in stored

    def test_one_mail_is_written_for_each_invitation(self, world):
        firm, person = Firm(), Newcomer()

        invitation = invite(firm, person.email)

        mailed_link(world, person.email)
        with acting_for(firm.id):
            written = mails_about(organization_id=firm.id, object_id=invitation.id)
            assert written.count() == 1

    @pytest.mark.parametrize("email", ["nadia@example.test", " NADIA@Example.test "])
    def test_an_address_is_invited_once_at_a_time(self, email):
        firm = Firm()
        invite(firm, "nadia@example.test")

        answer = signed_in(firm, proven=True).post(
            reverse("member_invite"), {"email": email, "role": Role.ACCOUNTANT}
        )

        assert answer.status_code == 422
        assert "already_invited" in answer.content.decode()

    def test_a_member_is_not_invited_again(self):
        firm = Firm()

        answer = signed_in(firm, proven=True).post(
            reverse("member_invite"), {"email": firm.owner.email, "role": Role.ACCOUNTANT}
        )

        assert "already_member" in answer.content.decode()

    def test_a_firm_does_not_send_mail_without_end(self):
        firm = Firm()
        for number in range(LARGEST_NUMBER):
            sent = invite(firm, f"personne{number}@example.test")
            revoke_invitation(
                organization_id=firm.id, actor=firm.actor, invitation_id=sent.id, now=NOW
            )

        with pytest.raises(TooManyInvitations):
            invite(firm, "une.de.trop@example.test")

    def test_a_new_link_replaces_the_former(self):
        firm, person = Firm(), person_at(Newcomer().email)
        former = invite(firm, person.email)

        resent = resend_invitation(
            organization_id=firm.id, actor=firm.actor, invitation_id=former.id,
            invited_by=firm.owner.id, real_now=timezone.now(), now=business_now(),
        )  # fmt: skip

        with pytest.raises(InvitationClosed):
            accept(firm, former, person)
        accept(firm, resent, person)
        assert roles_of(firm)[person.id] == Role.ACCOUNTANT

    def test_it_is_resent_and_cancelled_from_the_team_page(self):
        firm = Firm()
        sent = invite(firm, "nadia@example.test")
        client = signed_in(firm, proven=True)

        page = client.post(reverse("invitation_resend", args=[sent.id]), follow=True)
        with acting_for(firm.id):
            resent = Invitation.objects.get(organization_id=firm.id, state=InvitationState.PENDING)
        client.post(reverse("invitation_revoke", args=[resent.id]))

        assert "Un nouveau lien part vers nadia@example.test" in page.content.decode()
        assert "nadia@example.test" not in client.get(reverse("members")).content.decode()
        assert audited(firm).count("member:invited") == 2
        assert audited(firm).count("invitation:revoked") == 1

    def test_an_auditor_reads_the_team_without_the_invitations(self):
        firm = Firm()
        invite(firm, "nadia@example.test")

        page = signed_in(firm, Role.AUDITOR).get(reverse("members")).content.decode()

        assert "nadia@example.test" not in page
        assert "Inviter" not in page


class TestAccepting:
    def page(self, invitation):
        return reverse("invitation", args=[invitation_token(invitation)])

    def test_a_stranger_is_offered_an_account_or_the_door_of_theirs(self, client):
        page = client.get(self.page(invite(Firm(), "nadia@example.test"))).content.decode()

        assert "Créer mon compte" in page
        assert "J’ai déjà un compte" in page

    def test_somebody_else_signed_in_is_refused(self):
        firm, other = Firm(), person_at(Newcomer().email)
        invitation = invite(firm, "nadia@example.test")

        shown = client_of(other).get(self.page(invitation))
        posted = client_of(other).post(self.page(invitation))

        assert {shown.status_code, posted.status_code} == {403}
        assert "invitation_for_someone_else" in posted.content.decode()
        assert other.id not in roles_of(firm)

    def test_an_address_not_proven_opens_nothing(self):
        firm, person = Firm(), person_at(Newcomer().email)
        EmailAddress.objects.filter(user=person).update(verified=False)

        answer = client_of(person).post(self.page(invite(firm, person.email)))

        assert answer.status_code == 403
        assert person.id not in roles_of(firm)

    def test_the_link_opens_once(self):
        firm, person = Firm(), person_at(Newcomer().email)
        invitation = invite(firm, person.email)
        client = client_of(person)

        first = client.post(self.page(invitation))
        again = client.post(self.page(invitation))

        assert first.status_code == 302
        assert again.status_code == 410
        assert "invitation_closed" in again.content.decode()

    def test_whoever_joins_works_in_the_firm_that_invited(self):
        firm, own = Firm(name="Zinguerie Invitante"), Firm(name="Atelier à moi")
        EmailAddress.objects.create(
            user=own.owner, email=own.owner.email, verified=True, primary=True
        )

        page = client_of(own.owner).post(self.page(invite(firm, own.owner.email)), follow=True)

        assert "Zinguerie Invitante" in page.content.decode()

    def test_after_seven_days_it_is_too_late(self):
        firm, person = Firm(), person_at(Newcomer().email)
        invitation = invite(firm, person.email)
        later = timezone.now() + LIFE + timedelta(seconds=1)

        with pytest.raises(InvitationClosed):
            accept(firm, invitation, person, real_now=later)

        assert close_expired(organization_id=firm.id, real_now=later) == 1
        assert "Expirée" in signed_in(firm).get(reverse("members")).content.decode()

    def test_an_address_of_nowhere_says_so(self, client):
        answer = client.get(reverse("invitation", args=["a" * 22]))

        assert answer.status_code == 404
        assert "handle_unknown" in answer.content.decode()
