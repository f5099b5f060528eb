"""From somebody's sign-in far away to a frozen account, in one tap from the mail."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core import mail
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from encaisse.identity.access import Origin, judge, reopen
from encaisse.identity.devices import devices
from encaisse.identity.errors import AccountIsFrozen
from encaisse.identity.freezing import freeze, is_frozen
from encaisse.identity.models import User
from encaisse.kit.tenancy import acting_for
from encaisse.organizations import operations
from encaisse.organizations.api_keys import create_api_key
from encaisse.organizations.core import OperationKind, OperationState, Permission, Role
from encaisse.organizations.operations import Draft
from encaisse.organizations.queries import api_keys, members
from encaisse.organizations.team import add_member, remove_member
from encaisse.risk.presets import Level, Preset
from encaisse.security.core import Kind
from encaisse.security.errors import FreezeLinkInvalid
from encaisse.security.links import LIFE, make_link, open_link, use_link
from encaisse.security.raising import raise_alert
from factories.organizations import NOW, Firm, make_user
from functional.door import Person, is_in, same_device
from functional.wards import Ward
from functional.web_people import PASSWORD, audited, client_of, invite, person_at, signed_in
from plugins.world import eventually

LINK = re.compile(r"http\S+/geler/(\S+)/")


@pytest.fixture
def person():
    return Person()


def enters_from_far_away(person, *, client=None, after=timedelta(days=3)):
    """Show everything that is asked, from a country never seen."""
    client = client or Client()
    with time_machine.travel(timezone.now() + after):
        person.types_password(client, address=person.there)
        person.shows_spare_code(client, address=person.there)
        by_mail = reverse("entrance") + "?par=mail"
        client.post(by_mail, {"envoyer": "1"}, REMOTE_ADDR=person.there)
        code = mail.outbox[-1].subject.rpartition(" ")[2]
        client.post(by_mail, {"code": code}, REMOTE_ADDR=person.there)
    return client


def mails_to(world, address, words):
    letters = world.control(f"/mail?to={address}", method="GET")["data"]
    return [one for one in letters if words in one["subject"]]


def mailed(world, address, words):
    return eventually(lambda: mails_to(world, address, words), seconds=60)[0]


def test_a_sign_in_from_a_new_country_is_mailed_with_a_link_that_freezes(world, chromium, person):
    home = person.lives_here()
    thief = enters_from_far_away(person)
    letter = mailed(world, person.user.email, "Connexion depuis un nouveau pays")
    assert "Brésil" in letter["text"]
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, java_script_enabled=False, locale="fr-FR"
    )
    page = context.new_page()

    page.goto(LINK.search(letter["text"])[0])
    assert not is_frozen(user_id=person.user.id)
    page.get_by_role("button", name="Geler ce compte").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("est gelé")
    assert is_frozen(user_id=person.user.id)
    assert not is_in(thief)
    assert not is_in(home)
    assert "account:frozen" in audited(person.firm)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_contain_text("est gelé")
    context.close()
    mailed(world, person.user.email, "Compte gelé")


class TestAFrozenAccount:
    @pytest.fixture
    def frozen(self, person):
        person.browser = person.lives_here()
        freeze(user_id=person.user.id, by=person.user.id, real_now=timezone.now())
        return person

    def test_says_so_after_the_right_password_only(self, frozen):
        right = frozen.types_password(Client())
        wrong = frozen.types_password(Client(), password="x" * 20)

        assert right.status_code == 403
        assert "Ce compte est gelé" in right.content.decode()
        assert wrong.status_code == 200
        assert "gelé" not in wrong.content.decode()

    def test_knows_no_device_and_keeps_no_session(self, frozen):
        assert not is_in(frozen.browser)
        assert not devices(user_id=frozen.user.id).exists()
        answer = frozen.types_password(same_device(frozen.browser))
        assert answer.status_code == 403

    def test_a_session_that_was_opening_meanwhile_ends_at_its_first_page(self, frozen):
        late = client_of(frozen.user)

        answer = late.get(reverse("home"))

        assert answer["Location"] == reverse("account_login")

    def test_no_sensitive_action_passes(self, frozen):
        event = judge(
            user=User.objects.get(id=frozen.user.id),
            origin=Origin(address=frozen.home, agent="Firefox"),
            preset=Preset.SOUPLE,
            real_now=timezone.now(),
        )

        assert event.level == Level.REFUSED
        assert event.reasons[0]["code"] == "account_frozen"

    def test_its_keys_are_revoked_everywhere_and_none_is_made_any_more(self):
        firm, other = Firm(), Firm()
        add_member(organization_id=other.id, actor=other.actor, user_id=firm.owner.id,
                   role=Role.OWNER, now=NOW)  # fmt: skip
        for place in (firm, other):
            make_key(place, firm.actor)

        freeze(user_id=firm.owner.id, by=other.owner.id, real_now=timezone.now())

        for place in (firm, other):
            with acting_for(place.id):
                assert all(key.revoked_at for key in api_keys(organization_id=place.id))
            assert "api_key:revoked" in audited(place)
        with pytest.raises(AccountIsFrozen):
            make_key(firm, firm.actor)

    def test_what_it_asked_and_nobody_finished_stops(self):
        firm = Firm()
        draft = Draft(kind=OperationKind.GIVE_ROLE, title="Donner", payee="Paul", content={})
        operation = operations.ask(
            organization_id=firm.id, actor=firm.actor, draft=draft, now=NOW,
            real_now=timezone.now(),
        )  # fmt: skip

        freeze(user_id=firm.owner.id, by=firm.owner.id, real_now=timezone.now())

        with acting_for(firm.id):
            row = operations.operation_by_id(organization_id=firm.id, operation_id=operation.id)
        assert row.state == OperationState.CANCELLED

    def test_an_owner_reopens_it_from_the_team(self, frozen):
        partner = make_user()
        add_member(organization_id=frozen.firm.id, actor=frozen.firm.actor, user_id=partner.id,
                   role=Role.OWNER, now=NOW)  # fmt: skip
        reopen(user_id=frozen.user.id, by_user_id=partner.id, real_now=timezone.now())

        assert frozen.types_password(Client())["Location"] == reverse("entrance")
        assert "access:reopened" in audited(frozen.firm)

    def test_a_guardian_s_recovery_reopens_it(self):
        ward = Ward()
        freeze(user_id=ward.anne.id, by=ward.anne.id, real_now=timezone.now())
        _row, token, code = ward.due()

        ward.redeem(token, code)

        assert not is_frozen(user_id=ward.anne.id)


def make_key(place, actor):
    return create_api_key(
        organization_id=place.id, actor=actor, name="Site",
        scopes=[Permission.INVOICES_READ], expires_at=None, now=NOW,
    )  # fmt: skip


def alert_about(firm, user, kind, *, ago=timedelta(0)):
    raise_alert(
        organization_id=firm.id, kind=kind, subject=f"user:{user.id}", about_id=user.id,
        cause_id=uuid4(), facts={"place": "Brésil", "role": "Propriétaire", "by": "Paul"},
        real_now=timezone.now() - ago,
    )  # fmt: skip


class TestTheLink:
    @pytest.fixture
    def token(self, person):
        return make_link(user_id=person.user.id, given_to=person.user.id, real_now=timezone.now())

    def test_looking_changes_nothing(self, token, person):
        for _time in range(3):
            assert Client().get(reverse("freeze_link", args=[token])).status_code == 200

        assert not is_frozen(user_id=person.user.id)

    def test_two_taps_at_once_freeze_once(self, token, person):
        def tap(_number):
            try:
                return Client().post(reverse("freeze_link", args=[token])).status_code
            finally:
                connections.close_all()

        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(tap, range(6)))

        assert set(answers) == {200}
        assert audited(person.firm).count("account:frozen") == 1

    def test_serves_once(self, token, person):
        now = timezone.now()
        use_link(token=token, real_now=now)
        assert open_link(token=token, real_now=now).is_frozen
        reopen(user_id=person.user.id, by_user_id=None, real_now=now)

        with pytest.raises(FreezeLinkInvalid):
            use_link(token=token, real_now=now)
        assert not is_frozen(user_id=person.user.id)

    def test_lasts_seven_days(self, token):
        now = timezone.now()
        open_link(token=token, real_now=now + LIFE - timedelta(minutes=1))
        with pytest.raises(FreezeLinkInvalid):
            open_link(token=token, real_now=now + LIFE + timedelta(minutes=1))

    def test_of_an_owner_who_left_freezes_nobody(self, person):
        partner = make_user()
        add_member(organization_id=person.firm.id, actor=person.firm.actor, user_id=partner.id,
                   role=Role.OWNER, now=NOW)  # fmt: skip
        token = make_link(user_id=person.user.id, given_to=partner.id, real_now=timezone.now())
        remove_member(
            organization_id=person.firm.id, actor=person.firm.actor, user_id=partner.id, now=NOW
        )

        answer = Client().post(reverse("freeze_link", args=[token]))

        assert answer.status_code == 404
        assert "freeze_link_invalid" in answer.content.decode()
        assert not is_frozen(user_id=person.user.id)

    def test_an_invented_one_is_unknown(self):
        assert Client().get(reverse("freeze_link", args=["x" * 22])).status_code == 404


class TestFromThePages:
    def test_an_owner_freezes_a_member_from_the_team(self, person):
        employee = person_at(make_user().email + ".example")
        add_member(organization_id=person.firm.id, actor=person.firm.actor, user_id=employee.id,
                   role=Role.COLLECTOR, now=NOW)  # fmt: skip
        owner = client_of(person.user)
        with acting_for(person.firm.id):
            row = members(organization_id=person.firm.id).get(user_id=employee.id)
        page = owner.get(reverse("member_freeze", args=[row.id])).content.decode()

        owner.post(reverse("member_freeze", args=[row.id]))

        assert "Geler ce compte" in page
        assert is_frozen(user_id=employee.id)
        assert "Compte gelé" in owner.get(reverse("members")).content.decode()
        assert client_of(employee).get(reverse("home")).status_code == 302

    def test_somebody_of_two_firms_is_frozen_then_reopened_from_one_of_them(self, person):
        elsewhere, employee, row = self.shared(person)
        alert_about(person.firm, employee, Kind.NEW_COUNTRY)
        owner = signed_in(person.firm, proven=True)

        frozen = owner.post(reverse("member_freeze", args=[row.id]))
        was_frozen = is_frozen(user_id=employee.id)
        reopened = owner.post(reverse("member_reopen", args=[row.id]))

        assert (frozen.status_code, reopened.status_code) == (302, 302)
        assert was_frozen
        assert not is_frozen(user_id=employee.id)
        assert {"account:frozen", "access:reopened"} <= set(audited(elsewhere))

    def shared(self, person):
        """Somebody who works in the person's firm and in another."""
        elsewhere, employee = Firm(), person_at(make_user().email + ".example")
        for firm in (person.firm, elsewhere):
            add_member(organization_id=firm.id, actor=firm.actor, user_id=employee.id,
                       role=Role.COLLECTOR, now=NOW)  # fmt: skip
        with acting_for(person.firm.id):
            row = members(organization_id=person.firm.id).get(user_id=employee.id)
        return elsewhere, employee, row

    @pytest.mark.parametrize(
        "kind", [None, Kind.FAILED_SIGN_INS, Kind.NEW_ADMINISTRATOR, Kind.RECOVERY_ASKED]
    )
    def test_somebody_of_two_firms_is_not_frozen_for_what_an_owner_could_cause(self, person, kind):
        elsewhere, employee, row = self.shared(person)
        if kind is not None:
            alert_about(person.firm, employee, kind)
        owner = signed_in(person.firm, proven=True)
        address = reverse("member_freeze", args=[row.id])

        page, answer = owner.get(address).content.decode(), owner.post(address)

        assert "Geler ce compte" not in page
        assert reverse("member_remove", args=[row.id]) in page
        assert answer.status_code == 409
        assert not is_frozen(user_id=employee.id)
        assert "account:frozen" not in audited(elsewhere)

    def test_an_old_alert_freezes_nobody_elsewhere(self, person):
        _elsewhere, employee, row = self.shared(person)
        alert_about(person.firm, employee, Kind.NEW_COUNTRY, ago=timedelta(days=8))

        signed_in(person.firm, proven=True).post(reverse("member_freeze", args=[row.id]))

        assert not is_frozen(user_id=employee.id)

    def test_an_alert_in_another_firm_is_no_reason_here(self, person):
        elsewhere, employee, row = self.shared(person)
        alert_about(elsewhere, employee, Kind.NEW_COUNTRY)

        signed_in(person.firm, proven=True).post(reverse("member_freeze", args=[row.id]))

        assert not is_frozen(user_id=employee.id)

    def test_a_link_held_by_an_owner_freezes_elsewhere_only_where_the_account_looks_stolen(
        self, person
    ):
        _elsewhere, employee, _row = self.shared(person)
        token = make_link(user_id=employee.id, given_to=person.user.id, real_now=timezone.now())

        before = Client().post(reverse("freeze_link", args=[token])).status_code
        was_frozen = is_frozen(user_id=employee.id)
        alert_about(person.firm, employee, Kind.IMPOSSIBLE_TRAVEL)
        Client().post(reverse("freeze_link", args=[token]))

        assert (before, was_frozen) == (404, False)
        assert is_frozen(user_id=employee.id)

    def test_what_a_frozen_person_sent_opens_nothing(self, person):
        invitation = invite(person.firm, "complice@example.test", Role.COLLECTOR)

        freeze(user_id=person.user.id, by=person.user.id, real_now=timezone.now())

        with acting_for(person.firm.id):
            invitation.refresh_from_db()
        assert invitation.state == "revoked"

    def test_a_collector_freezes_nobody_else(self, person):
        employee = person_at(make_user().email + ".example")
        add_member(organization_id=person.firm.id, actor=person.firm.actor, user_id=employee.id,
                   role=Role.COLLECTOR, now=NOW)  # fmt: skip
        with acting_for(person.firm.id):
            row = members(organization_id=person.firm.id).get(user_id=person.user.id)

        answer = client_of(employee).post(reverse("member_freeze", args=[row.id]))

        assert answer.status_code == 403
        assert not is_frozen(user_id=person.user.id)

    def test_everybody_freezes_themselves_from_their_activity(self, person):
        client = person.lives_here()
        assert reverse("freeze_mine") in client.get(reverse("activity")).content.decode()

        answer = client.post(reverse("freeze_mine"))

        assert "est gelé" in answer.content.decode()
        assert not is_in(client)
        assert person.types_password(Client(), password=PASSWORD).status_code == 403
