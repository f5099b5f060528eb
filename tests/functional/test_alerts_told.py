"""Alerts told to people: grouped, once each, as they chose, on their page."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connections, transaction
from django.urls import reverse
from django.utils import timezone

from encaisse.identity.access import Origin, record_failure
from encaisse.identity.phones import finish_enrolment, start_enrolment
from encaisse.kernel.phones import PhoneNumber
from encaisse.kit.tenancy import acting_for
from encaisse.messaging.models import OutboundMail
from encaisse.notifications.alerts import send_alert
from encaisse.organizations.core import Role
from encaisse.organizations.queries import members
from encaisse.security.core import FACTS_KEPT_FOR, AlertState, Channel, Kind
from encaisse.security.deliveries import TEXTS_A_DAY, may_text
from encaisse.security.models import Alert, AlertDelivery, FreezeLink
from encaisse.security.preferences import choose
from encaisse.security.raising import forget_facts, raise_alert, tell_what_goes_on
from factories.organizations import NOW, Firm, make_user
from functional.door import Person
from functional.enrolling import texted_code
from functional.telephones import pushed_to, telephone_of
from functional.test_freeze import mailed, mails_to
from functional.watched import alerts, hearers, member
from functional.web_people import client_of, signed_in
from plugins.world import eventually


@pytest.fixture
def person(world):
    return Person()


class TestGrouping:
    def test_a_thousand_failures_are_one_alert_and_few_mails(self, person, world):
        origin = Origin(address=person.there, agent="curl")
        for _try in range(1000):
            record_failure(user_id=person.user.id, origin=origin, real_now=timezone.now())

        eventually(
            lambda: [a.count for a in alerts(person.firm, Kind.FAILED_SIGN_INS)] == [996],
            seconds=240,
        )
        start = alerts(person.firm, Kind.FAILED_SIGN_INS)[0].first_at
        for minutes in (5, 29, 40, 41, 60, 119):
            tell_what_goes_on(
                organization_id=person.firm.id, real_now=start + timedelta(minutes=minutes)
            )
        with acting_for(person.firm.id):
            mails = AlertDelivery.objects.filter(alert__kind=Kind.FAILED_SIGN_INS, channel="email")
            assert sorted(mails.values_list("round", flat=True)) == [1, 2]
        words = "Mots de passe faux"
        eventually(lambda: len(mails_to(world, person.user.email, words)) == 2)
        assert any("996 fois" in one["text"] for one in mails_to(world, person.user.email, words))

    def test_what_happens_again_after_its_window_is_another_alert(self, person):
        now = timezone.now()
        for hours in (0, 0.5, 3):
            raised(person.firm, Kind.ACCOUNT_LOCKED, at=now + timedelta(hours=hours))

        found = alerts(person.firm, Kind.ACCOUNT_LOCKED)

        assert [(one.count, one.state) for one in found] == [(2, "closed"), (1, "open")]

    def test_the_same_cause_counts_once(self, person):
        cause = uuid4()
        for _time in range(3):
            raised(person.firm, Kind.ACCOUNT_FROZEN, cause=cause)

        assert [one.count for one in alerts(person.firm, Kind.ACCOUNT_FROZEN)] == [1]

    def test_at_the_same_moment_from_many_processes_it_is_one_row(self, person):
        def strike(_number):
            try:
                raised(person.firm, Kind.ACCOUNT_LOCKED)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(strike, range(24)))

        assert [one.count for one in alerts(person.firm, Kind.ACCOUNT_LOCKED)] == [24]

    def test_what_was_seen_and_goes_on_is_open_again(self, person):
        alert = raised(person.firm, Kind.ACCOUNT_LOCKED)
        client = client_of(person.user)
        client.post(reverse("alert_seen", args=[alert.id]))
        assert alerts(person.firm, Kind.ACCOUNT_LOCKED)[0].state == AlertState.SEEN

        raised(person.firm, Kind.ACCOUNT_LOCKED)

        assert alerts(person.firm, Kind.ACCOUNT_LOCKED)[0].state == AlertState.OPEN


def raised(firm, kind, *, at=None, cause=None, about=None):
    facts = {"place": "Brésil", "by": "Paul", "person": "Anne", "factor": "une clé d’accès"}
    facts |= {"role": "propriétaire", "agent": "Firefox sur Windows", "address": "200.147.1.1"}
    return raise_alert(
        organization_id=firm.id,
        kind=kind,
        subject=f"user:{about or firm.owner.id}",
        about_id=about or firm.owner.id,
        cause_id=cause or uuid4(),
        facts=facts,
        real_now=at or timezone.now(),
    )


class Boom(Exception):
    """The process died here."""


class TestTellingOnce:
    def deliveries(self, alert, channel):
        with acting_for(alert.organization_id):
            return list(AlertDelivery.objects.filter(alert=alert, channel=channel))

    def test_a_job_killed_at_any_moment_and_run_again_writes_one_mail(self, world):
        firm = Firm()
        (row,) = self.deliveries(raised(firm, Kind.NEW_COUNTRY), Channel.EMAIL)
        told = {
            "organization_id": firm.id, "delivery_id": row.id, "channel": Channel.EMAIL,
            "real_now": timezone.now(), "now": NOW,
        }  # fmt: skip
        with pytest.raises(Boom), transaction.atomic():
            send_alert(**told)
            raise Boom
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _n: run_and_close(send_alert, told), range(4)))

        with acting_for(firm.id):
            assert OutboundMail.objects.filter(object_id=row.id).count() == 1
        assert FreezeLink.objects.filter(user=firm.owner).count() <= 2  # a text has its own
        assert len(eventually(lambda: mails_to(world, firm.owner.email, "nouveau pays"))) == 1

    def test_a_text_being_sent_is_not_sent_again(self, world):
        firm = Firm()
        number = with_phone(firm.owner, world, "06 39 98 03 11")
        (row,) = self.deliveries(raised(firm, Kind.NEW_COUNTRY), Channel.SMS)
        texts = eventually(lambda: alert_texts(world, number))

        with acting_for(firm.id):
            AlertDelivery.objects.filter(id=row.id).update(state=AlertDelivery.State.SENDING)
        send_alert(
            organization_id=firm.id, delivery_id=row.id, channel=Channel.SMS,
            real_now=timezone.now(), now=NOW,
        )  # fmt: skip

        assert "/geler/" in texts[0]["text"]
        assert len(alert_texts(world, number)) == 1

    def test_five_texts_a_day_at_most(self):
        user, now = make_user(), timezone.now()
        allowed = [
            may_text(user_id=user.id, delivery_id=uuid4(), real_now=now) for _time in range(8)
        ]

        assert allowed == [True] * TEXTS_A_DAY + [False] * 3
        later = now + timedelta(days=1, minutes=1)
        assert may_text(user_id=user.id, delivery_id=uuid4(), real_now=later)


def run_and_close(act, told):
    try:
        act(**told)
    finally:
        connections.close_all()


def with_phone(user, world, number):
    parsed = PhoneNumber.parse(number)
    start_enrolment(user_id=user.id, number=parsed, real_now=timezone.now())
    digits = parsed.e164.removeprefix("+")
    finish_enrolment(
        user_id=user.id, code=texted_code(world, digits), now=NOW, real_now=timezone.now()
    )
    return digits


def alert_texts(world, digits):
    texts = world.control(f"/sms?to=%2B{digits}", method="GET")["data"]
    return [one for one in texts if "Encaisse :" in one["text"] and "pays" in one["text"]]


class TestChoosing:
    def test_what_was_refused_is_not_sent_but_stands_on_the_page(self, person):
        chosen = {Kind.FACTOR_ADDED: {Channel.EMAIL: False, Channel.SMS: False}}
        choose(user_id=person.user.id, chosen=chosen, real_now=timezone.now())

        alert = raised(person.firm, Kind.FACTOR_ADDED)

        assert hearers(alert) == set()
        page = client_of(person.user).get(reverse("alerts")).content.decode()
        assert "Nouveau moyen de connexion" in page

    def test_what_is_grave_keeps_a_way(self, person):
        client = client_of(person.user)
        everything = {f"{kind}-email": "on" for kind in Kind}
        del everything["new_country-email"]

        answer = client.post(reverse("alert_settings"), everything)

        assert answer.status_code == 422
        assert "grave_not_silenced" in answer.content.decode()
        everything["new_country-sms"] = "on"
        assert client.post(reverse("alert_settings"), everything).status_code == 302
        # Chosen, but no telephone is known to which a text could go.
        assert hearers(raised(person.firm, Kind.NEW_COUNTRY)) == {(person.user.id, Channel.EMAIL)}

    def test_each_way_is_taken_only_where_it_leads_somewhere(self, person, world):
        telephone = telephone_of(person.user, world=world)

        alert = raised(person.firm, Kind.NEW_COUNTRY)

        ways = {(person.user.id, Channel.EMAIL), (person.user.id, Channel.PUSH)}
        assert hearers(alert) == ways
        told = eventually(lambda: pushed_to(world, telephone))[0]
        assert told["title"] == "Connexion depuis un nouveau pays"
        assert "/geler/" in told["url"]


class TestThePage:
    def test_counts_on_the_bell_what_nobody_looked_at(self, person):
        client = client_of(person.user)
        assert "à voir" not in client.get(reverse("home")).content.decode()
        alert = raised(person.firm, Kind.NEW_COUNTRY)
        assert "Alertes : 1 à voir" in client.get(reverse("home")).content.decode()

        page = client.get(reverse("alert", args=[alert.id])).content.decode()
        client.post(reverse("alert_seen", args=[alert.id]))

        assert "200.147.1.1" in page
        assert reverse("freeze_mine") in page
        assert "à voir" not in client.get(reverse("home")).content.decode()

    def test_shows_a_collector_their_own_alerts_only(self, person):
        collector = member(person.firm, Role.COLLECTOR)
        client = client_of(collector)
        owners = raised(person.firm, Kind.NEW_COUNTRY)
        own = raised(person.firm, Kind.NEW_COUNTRY, about=collector.id)

        assert client.get(reverse("alert", args=[owners.id])).status_code == 404
        assert client.post(reverse("alert_seen", args=[owners.id])).status_code == 404
        assert client.get(reverse("alert", args=[own.id])).status_code == 200

    def test_leads_an_owner_to_freeze_the_member_it_is_about(self, person):
        collector = member(person.firm, Role.COLLECTOR)
        alert = raised(person.firm, Kind.NEW_COUNTRY, about=collector.id)
        with acting_for(person.firm.id):
            row = members(organization_id=person.firm.id).get(user_id=collector.id)

        page = client_of(person.user).get(reverse("alert", args=[alert.id])).content.decode()

        assert reverse("member_freeze", args=[row.id]) in page

    def test_teaches_where_there_is_nothing(self):
        assert "Aucune alerte" in signed_in(Firm()).get(reverse("alerts")).content.decode()

    def test_forgets_where_and_how_after_six_months(self, person):
        alert = raised(person.firm, Kind.NEW_COUNTRY)
        later = timezone.now() + FACTS_KEPT_FOR + timedelta(days=1)

        assert forget_facts(organization_id=person.firm.id, real_now=later) == 1
        assert forget_facts(organization_id=person.firm.id, real_now=later) == 0

        page = client_of(person.user).get(reverse("alert", args=[alert.id])).content.decode()
        assert "pays inhabituel" in page
        assert "(effacé)" in page
        assert "200.147.1.1" not in page

    def test_holds_no_fact_in_clear(self, person):
        alert = raised(person.firm, Kind.NEW_COUNTRY)
        with acting_for(person.firm.id):
            stored = Alert.objects.get(id=alert.id)

        assert b"200.147.1.1" not in bytes(stored.facts_sealed)
        assert stored.facts["address"] == "200.147.1.1"


def test_a_mail_about_somebody_else_names_them_and_freezes_them(world):
    firm = Firm()
    collector = member(firm, Role.COLLECTOR)
    raised(firm, Kind.NEW_COUNTRY, about=collector.id)

    letter = mailed(world, firm.owner.email, "nouveau pays")

    assert f"Geler le compte de {collector.email}" in letter["text"]
