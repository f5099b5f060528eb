"""Each kind of alert raised by doing the thing; who is told, how often, and by which way."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

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
from encaisse.organizations import operations
from encaisse.organizations.api_keys import create_api_key
from encaisse.organizations.core import OperationKind, Permission, Role
from encaisse.organizations.events import ApiKeyUsedFromNewAddress
from encaisse.organizations.operations import Draft
from encaisse.organizations.team import add_member, change_role
from encaisse.payments.models import PaymentIntent
from encaisse.payments.services.refunds import request_refund
from encaisse.providers.models import Connection
from encaisse.security.advisories import FILE, bring
from encaisse.security.core import AlertState, Channel, Kind
from encaisse.security.watch import look_at_machine, watch
from encaisse.treasury.services.accounts import BankAccountDraft, add_bank_account, collect_on
from factories.advisories import osv
from factories.organizations import NOW, Firm
from factories.payments import PayableFirm
from functional.door import Person, same_device
from functional.enrolling import texted_code
from functional.test_freeze import enters_from_far_away
from functional.test_webhooks_in import Sender
from functional.wards import Ward
from functional.watched import alerts, hearers, member
from functional.web_people import signed_in
from plugins.world import eventually

OTHER_IBAN = "FR1420041010050500013M02606"


def alerted(firm, kind):
    (found,) = eventually(lambda: alerts(firm, kind))
    return found


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
        assert own == [Channel.EMAIL]


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

    def test_not_jobs_that_wait_behind_one_of_their_own_that_is_tried_again(self):
        def stalled():
            return look_at_machine(real_now=timezone.now())[Kind.JOBS_STALLED]

        before, lock = stalled(), f"endpoint:{uuid4()}"
        queued = app.configure_task("kit.forget_jobs", queue="nobody", lock=lock)
        tried_again = app.configure_task(
            "kit.forget_jobs", queue="nobody", lock=lock, schedule_in={"hours": 6}
        ).defer(timestamp=0)
        behind = queued.defer(timestamp=0)
        with connections["default"].cursor() as cursor:
            cursor.execute(
                "UPDATE procrastinate_events SET at = now() - interval '5 hours' WHERE job_id = %s",
                [behind],
            )
            held_back = stalled()
            end = "UPDATE procrastinate_jobs SET status = 'cancelled' WHERE id = %s"
            cursor.execute(end, [tried_again])
            alone = stalled()
            cursor.execute(end, [behind])

        assert held_back == before
        assert alone["jobs"]["minutes"] == "300"

    def test_a_backup_that_is_old_until_another_is_made(self, settings, tmp_path):
        firm, settings.DEMO, settings.DATA_DIR = Firm(), False, tmp_path
        notes = tmp_path / "backups.json"
        for days, states in ((3, ["open"]), (0, ["closed"]), (5, ["closed", "open"])):
            made = timezone.now() - timedelta(days=days)
            notes.write_text(json.dumps({"backup": {"at": made.isoformat()}}))
            self.see(firm)
            assert [alert.state for alert in alerts(firm, Kind.BACKUP_OLD)] == states

    def test_a_library_with_a_known_flaw_until_it_is_updated(self, settings, tmp_path):
        firm, settings.DATA_DIR = Firm(), tmp_path
        for fixed, states in (("99", ["open"]), ("1.0", ["closed"])):
            events = [{"introduced": "0"}, {"fixed": fixed}]
            (tmp_path / FILE).write_text(
                bring(json.dumps(osv(events=events)).encode(), real_now=timezone.now())
            )
            self.see(firm)
            found = alerts(firm, Kind.LIBRARY_VULNERABLE)
            assert [alert.state for alert in found] == states
        assert found[0].facts["fixed"] == "99"

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
