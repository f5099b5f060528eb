"""Each kind of alert raised by doing the thing; who is told, how often, and by which way."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from encaisse.identity.access import Origin, record_failure
from encaisse.identity.core import FactorChange, FactorKind
from encaisse.identity.factors import announce, factors_of, remove_factor
from encaisse.identity.freezing import freeze
from encaisse.identity.phones import finish_enrolment, start_enrolment
from encaisse.kernel.actor import Actor, ActorKind
from encaisse.kernel.money import Money
from encaisse.kernel.phones import PhoneNumber
from encaisse.kit.clock import business_now
from encaisse.kit.events import publish
from encaisse.kit.jobs import app
from encaisse.kit.tenancy import acting_for
from encaisse.messaging.models import OutboundMail
from encaisse.notifications.alerts import send_alert
from encaisse.organizations import operations
from encaisse.organizations.api_keys import create_api_key
from encaisse.organizations.core import OperationKind, Permission, Role
from encaisse.organizations.events import ApiKeyUsedFromNewAddress
from encaisse.organizations.operations import Draft
from encaisse.organizations.queries import members
from encaisse.organizations.team import add_member, change_role
from encaisse.payments.models import PaymentIntent
from encaisse.payments.services.refunds import request_refund
from encaisse.providers.models import Connection
from encaisse.security.core import FACTS_KEPT_FOR, AlertState, Channel, Kind
from encaisse.security.deliveries import TEXTS_A_DAY, may_text
from encaisse.security.models import Alert, AlertDelivery, FreezeLink
from encaisse.security.preferences import choose
from encaisse.security.raising import forget_facts, raise_alert, tell_what_goes_on
from encaisse.security.watch import look_at_machine, watch
from encaisse.treasury.services.accounts import BankAccountDraft, add_bank_account, collect_on
from factories.organizations import NOW, Firm, make_user
from factories.payments import PayableFirm
from functional.test_entrance import Person, same_device
from functional.test_freeze import enters_from_far_away, mailed, mails_to
from functional.test_web_enrolment import texted_code
from functional.test_web_recovery import Ward
from functional.test_webhooks_in import Sender
from functional.web_people import client_of, person_at, signed_in
from plugins.world import eventually

OTHER_IBAN = "FR1420041010050500013M02606"


def alerts(firm, kind):
    with acting_for(firm.id):
        return list(Alert.objects.filter(kind=kind).order_by("first_at"))


def alerted(firm, kind):
    (found,) = eventually(lambda: alerts(firm, kind))
    return found


def hearers(alert):
    with acting_for(alert.organization_id):
        rows = AlertDelivery.objects.filter(alert=alert)
        return {(row.user_id, row.channel) for row in rows}


def member(firm, role):
    user = person_at(f"{uuid4()}@example.test")
    add_member(organization_id=firm.id, actor=firm.actor, user_id=user.id, role=role, now=NOW)
    return user


@pytest.fixture
def person(world):
    return Person()


class TestAccesses:
    def test_five_wrong_passwords_are_an_alert_and_four_are_none(self, person):
        for _try in range(4):
            person.types_password(Client(), password="x" * 20)
        eventually(lambda: all_jobs_done("security.look_at_failure"))
        assert alerts(person.firm, Kind.FAILED_SIGN_INS) == []

        for _try in range(3):
            person.types_password(Client(), password="x" * 20)

        eventually(lambda: [a.count for a in alerts(person.firm, Kind.FAILED_SIGN_INS)] == [3])
        assert "Adresse" not in alerts(person.firm, Kind.FAILED_SIGN_INS)[0].subject

    def test_a_journey_nobody_makes(self, person):
        device = same_device(person.lives_here())
        enters_from_far_away(person, client=device, after=timedelta(minutes=40))

        alert = alerted(person.firm, Kind.IMPOSSIBLE_TRAVEL)

        assert alert.facts["place"] == "Brésil"
        assert alerts(person.firm, Kind.NEW_COUNTRY) == []

    def test_a_refused_access(self, person):
        person.lives_here()
        thief = Client()
        for _try in range(3):
            person.types_password(thief, address=person.there, password="x" * 20)
        person.types_password(thief, address=person.there)

        assert alerted(person.firm, Kind.ACCOUNT_LOCKED).about_id == person.user.id

    def test_a_frozen_account_is_told_to_who_manages_members(self, person):
        partner = member(person.firm, Role.OWNER)
        collector = member(person.firm, Role.COLLECTOR)
        freeze(user_id=person.user.id, by=partner.id, real_now=timezone.now())

        told = {user_id for user_id, _channel in hearers(alerted(person.firm, Kind.ACCOUNT_FROZEN))}

        assert told == {person.user.id, partner.id}
        assert collector.id not in told

    def test_a_factor_added_then_removed(self, person, world):
        number = PhoneNumber.parse("06 39 98 03 01")
        start_enrolment(user_id=person.user.id, number=number, real_now=timezone.now())
        finish_enrolment(
            user_id=person.user.id, code=texted_code(world, "33639980301"), now=NOW,
            real_now=timezone.now(),
        )  # fmt: skip
        added = alerted(person.firm, Kind.FACTOR_ADDED)
        (phone,) = [f for f in factors_of(user_id=person.user.id) if f.kind is FactorKind.PHONE]
        remove_factor(
            user_id=person.user.id, kind=phone.kind, factor_id=phone.id, keeps_one=True,
            now=business_now(),
        )  # fmt: skip

        assert added.facts == {"factor": "un téléphone"}
        assert alerted(person.firm, Kind.FACTOR_REMOVED).facts == {"factor": "un téléphone"}

    def test_a_passkey_that_answers_like_a_copy(self, person):
        (factor,) = factors_of(user_id=person.user.id)
        announce(
            user_id=person.user.id, change=FactorChange.COPY_SUSPECTED, factor=factor,
            now=business_now(),
        )  # fmt: skip

        assert alerted(person.firm, Kind.PASSKEY_COPIED)

    def test_a_recovery_asked(self, world):
        ward = Ward()
        ward.ask()

        assert alerted(ward.firm, Kind.RECOVERY_ASKED).about_id == ward.anne.id

    def test_in_two_firms_a_person_is_told_once_and_each_firm_has_its_alert(self, person):
        other = Firm()
        add_member(
            organization_id=other.id, actor=other.actor, user_id=person.user.id,
            role=Role.COLLECTOR, now=NOW,
        )  # fmt: skip
        freeze(user_id=person.user.id, by=other.owner.id, real_now=timezone.now())
        told = [hearers(alerted(firm, Kind.ACCOUNT_FROZEN)) for firm in (person.firm, other)]

        own = [channel for heard in told for user, channel in heard if user == person.user.id]
        assert sorted(own) == [Channel.EMAIL, Channel.SMS]


class TestDealings:
    def test_a_new_owner(self, world):
        firm = Firm()
        partner = member(firm, Role.COLLECTOR)
        change_role(
            organization_id=firm.id, actor=firm.actor, user_id=partner.id, role=Role.OWNER,
            now=business_now(),
        )  # fmt: skip

        alert = alerted(firm, Kind.NEW_ADMINISTRATOR)

        assert alert.facts["role"] == "propriétaire"
        assert {user for user, _channel in hearers(alert)} == {firm.owner.id, partner.id}

    def test_another_account_collects(self, world):
        firm = PayableFirm(world)
        account = add_bank_account(
            organization_id=firm.id, actor=firm.actor, now=business_now(),
            draft=BankAccountDraft(iban=OTHER_IBAN, holder_name="Plomberie"),
        )  # fmt: skip
        collect_on(
            organization_id=firm.id, actor=firm.actor, account_id=account.id, now=business_now()
        )

        alert = alerted(firm, Kind.IBAN_CHANGED)

        assert alert.facts["iban"] == account.iban_masked
        assert OTHER_IBAN not in json.dumps(alert.facts)

    def test_a_first_export_then_a_much_larger_one(self, world):
        firm = Firm()
        auditor = signed_in(firm, Role.AUDITOR)
        assert auditor.post(reverse("audit_export")).status_code == 200
        assert alerted(firm, Kind.UNUSUAL_EXPORT).facts["why"] == "pour la première fois"

        auditor.post(reverse("audit_export"))
        for number in range(20):
            create_api_key(
                organization_id=firm.id, actor=firm.actor, name=f"Clé {number}",
                scopes=[Permission.INVOICES_READ], expires_at=None, now=business_now(),
            )  # fmt: skip
        auditor.post(reverse("audit_export"))

        last = eventually(
            lambda: [
                a
                for a in alerts(firm, Kind.UNUSUAL_EXPORT)
                if a.facts["why"] != "pour la première fois"
            ]
        )
        assert last[0].facts["why"] == "plus que d’habitude"
        assert last[0].count == 2

    def test_a_key_from_a_new_address(self, world):
        firm = Firm()
        key = create_api_key(
            organization_id=firm.id, actor=firm.actor, name="Site",
            scopes=[Permission.INVOICES_READ], expires_at=None, now=NOW,
        ).key  # fmt: skip
        with acting_for(firm.id):
            for is_first_use in (True, False):
                publish(
                    ApiKeyUsedFromNewAddress(
                        organization_id=firm.id, key_id=key.id, country="BR",
                        is_first_use=is_first_use, at=timezone.now(),
                    )
                )  # fmt: skip

        alert = alerted(firm, Kind.KEY_NEW_ADDRESS)

        assert (alert.facts, alert.count) == ({"key": "Site", "place": "Brésil"}, 1)

    def test_an_operation_that_somebody_refused(self, world):
        firm = Firm()
        partner = member(firm, Role.OWNER)
        operation = ask_something(firm)
        operations.cancel(
            organization_id=firm.id, actor=Actor(ActorKind.MEMBER, partner.id),
            operation_id=operation.id, now=business_now(), real_now=timezone.now(),
        )  # fmt: skip

        alert = alerted(firm, Kind.LINK_REFUSED)

        assert alert.about_id == partner.id
        assert alert.facts["operation"] == "Donner le rôle de propriétaire"

    def test_a_spree_of_refunds(self, world):
        firm = PayableFirm(world)
        firm.pay(firm.request(90_000))
        intent = eventually(lambda: captured(firm))
        for amount in (15_000, 4_000, 2_000):
            request_refund(
                organization_id=firm.id, actor=firm.actor, intent_id=intent.id,
                amount=Money(amount), reason="", now=business_now(),
            )  # fmt: skip

        alert = alerted(firm, Kind.REFUND_SPREE)

        assert alert.facts["number"] == "3"
        assert alert.facts["amount"] == Money(21_000).in_french()

    def test_forged_messages(self, world):
        firm = PayableFirm(world)
        forger = Sender(firm, "whsec_Zm9yZ2VkZm9yZ2VkZm9yZ2VkZm9yZ2Vk")
        for _time in range(3):
            assert forger.send(forger.event("pay_x")).status_code == 401

        assert alerted(firm, Kind.WEBHOOKS_FAILING).count == 1


def ask_something(firm):
    draft = Draft(
        kind=OperationKind.GIVE_ROLE, title="Donner le rôle de propriétaire",
        payee="Paul Leroy", content={"user_id": str(firm.owner.id)},
    )  # fmt: skip
    return operations.ask(
        organization_id=firm.id, actor=firm.actor, draft=draft, now=business_now(),
        real_now=timezone.now(),
    )  # fmt: skip


def captured(firm):
    with acting_for(firm.id):
        return PaymentIntent.objects.filter(state="captured").first()


def all_jobs_done(name):
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs "
            "WHERE task_name = %s AND status IN ('todo', 'doing')",
            [name],
        )
        return cursor.fetchone()[0] == 0


class TestWhatIsNotDone:
    def see(self, firm, *, now=None):
        now = now or timezone.now()
        for _time in range(2):
            watch(organization_id=firm.id, machine=look_at_machine(real_now=now), real_now=now)

    def test_jobs_that_wait_too_long(self):
        firm = Firm()
        app.configure_task("kit.forget_jobs", queue="nobody", schedule_in={"hours": 1}).defer(
            timestamp=0
        )
        self.see(firm, now=timezone.now() + timedelta(hours=2))

        (alert,) = alerts(firm, Kind.JOBS_STALLED)

        assert (alert.count, alert.state) == (1, AlertState.OPEN)
        watch(organization_id=firm.id, machine={Kind.JOBS_STALLED: {}}, real_now=timezone.now())
        assert alerts(firm, Kind.JOBS_STALLED)[0].state == AlertState.CLOSED

    def test_a_backup_that_is_old_until_another_is_made(self, settings, tmp_path):
        firm, settings.DEMO, settings.DATA_DIR = Firm(), False, tmp_path
        notes = tmp_path / "backups.json"
        for days, states in ((3, ["open"]), (0, ["closed"]), (5, ["closed", "open"])):
            made = timezone.now() - timedelta(days=days)
            notes.write_text(json.dumps({"backup": {"at": made.isoformat()}}))
            self.see(firm)
            assert [alert.state for alert in alerts(firm, Kind.BACKUP_OLD)] == states

    def test_a_certificate_and_an_attestation_near_their_end(self, settings, tmp_path, world):
        firm, path = PayableFirm(world), tmp_path / "site.pem"
        path.write_bytes(certificate(days=10))
        settings.ENCAISSE_CERTIFICATE_FILE = path
        with acting_for(firm.id):
            rows = Connection.objects.filter(organization_id=firm.id)
            rows.update(pci_expires_on=(timezone.now() + timedelta(days=5)).date())
        self.see(firm)
        found = alerts(firm, Kind.CERTIFICATE_EXPIRING)
        assert len(found) == 2
        assert {alert.facts["what"].partition(" ")[0] for alert in found} == {"Le", "L’attestation"}

        path.write_bytes(certificate(days=200))
        self.see(firm)

        states = {
            a.subject.partition(":")[0]: a.state for a in alerts(firm, Kind.CERTIFICATE_EXPIRING)
        }
        assert states == {"certificate": "closed", "connection": "open"}


def certificate(*, days):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "encaisse.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=300)).not_valid_after(now + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    return made.public_bytes(serialization.Encoding.PEM)


class TestGrouping:
    def test_a_thousand_failures_are_one_alert_and_few_mails(self, person, world):
        origin = Origin(address=person.there, agent="curl")
        for _try in range(1000):
            record_failure(user_id=person.user.id, origin=origin, real_now=timezone.now())

        eventually(
            lambda: [a.count for a in alerts(person.firm, Kind.FAILED_SIGN_INS)] == [996],
            seconds=90,
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
        assert hearers(raised(person.firm, Kind.NEW_COUNTRY)) == {(person.user.id, Channel.SMS)}


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
