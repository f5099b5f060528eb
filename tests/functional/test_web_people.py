"""Who is let in, who leaves, in a real browser and over HTTP."""

import re
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect, sync_playwright

from encaisse.audit.queries import entries
from encaisse.kernel.errors import DomainError
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.messaging.queries import mails_about
from encaisse.organizations.core import InvitationState, Permission, Role
from encaisse.organizations.errors import (
    ApiKeyInvalid,
    InvitationClosed,
    LastOwner,
    TooManyInvitations,
)
from encaisse.organizations.invitations import (
    LARGEST_NUMBER,
    LIFE,
    accept_invitation,
    close_expired,
    invitation_token,
    invite_member,
    resend_invitation,
    revoke_invitation,
)
from encaisse.organizations.models import Invitation, Membership
from encaisse.organizations.queries import members
from encaisse.organizations.services import authenticate_api_key, create_api_key
from encaisse.organizations.team import add_member, change_role, remove_member
from factories.organizations import NOW, Firm, make_user
from functional.web_people import PASSWORD, Newcomer, cookie_of, signed_in
from plugins.world import eventually

CHROMIUM = Path("/usr/bin/chromium")
MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(autouse=True)
def _rows_beside_a_browser(monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # the browser keeps a loop running


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        browser.close()


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


def invite(firm, email, role=Role.ACCOUNTANT, **values):
    defaults = {
        "organization_id": firm.id,
        "actor": firm.actor,
        "invited_by": firm.owner.id,
        "real_now": timezone.now(),
        "now": business_now(),
    }
    return invite_member(email=email, role=role, **{**defaults, **values})


def person_at(email):
    """Somebody who proved this address, signed in nowhere yet."""
    user = make_user()
    user.email = email
    user.save()
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def client_of(user):
    client = Client()
    client.force_login(user, backend=MODEL_BACKEND)
    return client


def accept(firm, invitation, user, **values):
    defaults = {"real_now": timezone.now(), "now": business_now(), "addresses": [user.email]}
    return accept_invitation(
        organization_id=firm.id,
        invitation_id=invitation.id,
        actor=firm.actor,
        user_id=user.id,
        **{**defaults, **values},
    )


def roles_of(firm):
    with acting_for(firm.id):
        return {row.user_id: row.role for row in members(organization_id=firm.id)}


def audited(firm):
    with acting_for(firm.id):
        return [entry.action for entry in entries(organization_id=firm.id)]


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
        client = signed_in(firm)

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


class TestRoles:
    def test_a_role_is_changed_on_its_page(self):
        firm, person = Firm(), make_user()
        row = add_member(
            organization_id=firm.id, actor=firm.actor, user_id=person.id, role=Role.COLLECTOR,
            now=NOW,
        )  # fmt: skip
        client = signed_in(firm, proven=True)
        url = reverse("member_role", args=[row.id])

        shown = client.get(url).content.decode()
        answer = client.post(url, {"role": Role.ACCOUNTANT})

        assert 'value="collector"' in shown
        assert answer.status_code == 302
        assert roles_of(firm)[person.id] == Role.ACCOUNTANT
        assert signed_in_as(person).get(reverse("request_new")).status_code == 403

    @pytest.mark.parametrize("change", [add_member, change_role])
    def test_the_last_owner_keeps_the_role(self, change):
        firm = Firm()

        with pytest.raises(LastOwner):
            change(
                organization_id=firm.id, actor=firm.actor, user_id=firm.owner.id,
                role=Role.AUDITOR, now=NOW,
            )  # fmt: skip

        assert roles_of(firm) == {firm.owner.id: Role.OWNER}

    def test_the_last_owner_does_not_leave(self):
        firm = Firm()
        client = signed_in(firm, proven=True)
        with acting_for(firm.id):
            row = members(organization_id=firm.id).get()

        answer = client.post(reverse("member_remove", args=[row.id]))

        assert answer.status_code == 409
        assert "last_owner" in answer.content.decode()

    @pytest.mark.parametrize("leaves", [False, True], ids=["demoted", "removed"])
    def test_two_owners_who_depose_each_other_at_once_leave_one(self, leaves):
        for _ in range(5):
            firm, second = Firm(), make_user()
            add_member(
                organization_id=firm.id, actor=firm.actor, user_id=second.id, role=Role.OWNER,
                now=NOW,
            )  # fmt: skip

            refused = both_at_once(
                lambda person, firm=firm: depose(firm, person, leaves=leaves),
                [firm.owner.id, second.id],
            )

            assert [type(error) for error in refused] == [LastOwner]
            assert list(roles_of(firm).values()).count(Role.OWNER) == 1

    @pytest.mark.parametrize("name", ["member_role", "member_remove"])
    def test_rights_ask_for_the_password_again(self, name):
        firm = Firm()
        with acting_for(firm.id):
            row = members(organization_id=firm.id).get()

        answer = signed_in(firm).get(reverse(name, args=[row.id]))

        assert answer["Location"].startswith("/compte/reauthenticate/")


class TestLeaving:
    @pytest.fixture
    def firm(self):
        return Firm()

    @pytest.fixture
    def second_owner(self, firm):
        user = make_user()
        add_member(
            organization_id=firm.id, actor=firm.actor, user_id=user.id, role=Role.OWNER, now=NOW
        )
        return user

    def key_of(self, firm, user):
        return create_api_key(
            organization_id=firm.id,
            actor=type(firm.actor)(firm.actor.kind, user.id),
            name="Site internet",
            scopes=[Permission.PAYMENTS_READ],
            expires_at=None,
            now=NOW,
        )

    @pytest.mark.parametrize("leaves", [False, True], ids=["demoted", "removed"])
    def test_the_keys_and_invitations_one_made_stop_with_the_right_to_make_them(
        self, firm, second_owner, leaves
    ):
        theirs, ours = self.key_of(firm, second_owner), self.key_of(firm, firm.owner)
        invited = person_at(Newcomer().email)
        sent = invite(firm, invited.email, invited_by=second_owner.id)

        depose(firm, second_owner.id, leaves=leaves)

        with pytest.raises(ApiKeyInvalid):
            authenticate_api_key(secret=theirs.secret, now=timezone.now())
        authenticate_api_key(secret=ours.secret, now=timezone.now())
        with pytest.raises(InvitationClosed):
            accept(firm, sent, invited)
        assert "api_key:revoked" in audited(firm)

    def test_the_page_names_the_keys_that_will_stop(self, firm, second_owner):
        self.key_of(firm, second_owner)
        with acting_for(firm.id):
            row = Membership.objects.get(organization_id=firm.id, user=second_owner)

        page = signed_in(firm, proven=True).get(reverse("member_remove", args=[row.id]))

        assert "Site internet" in page.content.decode()

    def test_an_open_page_of_theirs_answers_no_more(self, firm, second_owner):
        client = client_of(second_owner)
        assert client.get(reverse("members")).status_code == 200

        depose(firm, second_owner.id, leaves=True)

        assert client.get(reverse("members"))["Location"] == reverse("welcome")

    def test_what_was_meant_for_the_firm_left_does_not_land_in_another(self, firm, second_owner):
        other = Firm()
        add_member(
            organization_id=other.id, actor=other.actor, user_id=second_owner.id, role=Role.OWNER,
            now=NOW,
        )  # fmt: skip
        client = client_of(second_owner)
        client.post(reverse("places"), {"organization": str(firm.id)})
        depose(firm, second_owner.id, leaves=True)

        refused = client.post(reverse("customer_new"), {"name": "Égaré"})

        assert refused.status_code == 403
        assert "no_longer_member" in refused.content.decode()
        assert "Égaré" not in client.get(reverse("customers")).content.decode()


def signed_in_as(user):
    return client_of(user)


def depose(firm, user_id, *, leaves):
    values = {"organization_id": firm.id, "actor": firm.actor, "user_id": user_id, "now": NOW}
    if leaves:
        remove_member(**values)
    else:
        change_role(role=Role.AUDITOR, **values)


def both_at_once(action, arguments):
    """Run the action for each argument at the same moment; return what was refused."""
    start, refused = threading.Barrier(len(arguments)), []

    def run(argument):
        start.wait()
        try:
            action(argument)
        except DomainError as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[argument]) for argument in arguments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return refused
