"""Who may do what, changed and taken back; a firm never left without an owner."""

import threading

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from encaisse.identity.open_sessions import open_sessions
from encaisse.kernel.errors import DomainError
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.api_keys import authenticate_api_key, create_api_key
from encaisse.organizations.core import Permission, Role
from encaisse.organizations.errors import (
    ApiKeyInvalid,
    InvitationClosed,
    LastOwner,
)
from encaisse.organizations.models import Membership
from encaisse.organizations.queries import members
from encaisse.organizations.team import add_member, change_role, remove_member
from factories.organizations import NOW, Firm, make_user
from functional.web_people import (
    Newcomer,
    accept,
    audited,
    client_of,
    invite,
    person_at,
    prove,
    roles_of,
    signed_in,
)


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
            authenticate_api_key(secret=theirs.secret, address="82.64.1.1", real_now=timezone.now())
        authenticate_api_key(secret=ours.secret, address="82.64.1.1", real_now=timezone.now())
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

        assert client.get(reverse("members"))["Location"].startswith(reverse("account_login"))
        assert not open_sessions(user_id=second_owner.id, real_now=timezone.now()).exists()

    def test_who_leaves_by_themselves_reads_the_answer(self, firm, second_owner):
        client = client_of(second_owner)
        prove(client, second_owner)
        with acting_for(firm.id):
            row = Membership.objects.get(organization_id=firm.id, user=second_owner)

        client.post(reverse("member_remove", args=[row.id]))

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
