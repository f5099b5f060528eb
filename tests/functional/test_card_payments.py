"""A card payment from the link to the ledger, with the real sandbox, server and worker."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from django.db import connections

from encaisse.audit.models import AuditEntry
from encaisse.audit.services import read_facts
from encaisse.kernel.money import Money
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.ledger.queries import balance, journal
from encaisse.payments.core import AttemptState, IntentState, Method, RequestState
from encaisse.payments.errors import PaymentInProgress, RequestAlreadyPaid, RequestNotPayable
from encaisse.payments.models import PaymentAttempt, PaymentIntent, PaymentRequest
from encaisse.payments.services.resolve import resolve_attempt
from encaisse.payments.sweep import sweep
from encaisse.providers.contract import ProviderOutcomeUnknown
from factories.payments import CHALLENGE_CARD, PayableFirm
from plugins.world import eventually

LOST_ANSWER_CARD = "4000000000000341"
REFUSED_CARD = "4000000000009995"
DISPUTED_CARD = "4000000000000259"


@pytest.fixture
def firm(world):
    return PayableFirm(world)


def the_attempt(firm) -> PaymentAttempt:
    with acting_for(firm.id):
        return PaymentAttempt.objects.select_related("intent").get()


def the_request(firm) -> PaymentRequest:
    with acting_for(firm.id):
        return PaymentRequest.objects.get()


def is_paid(firm) -> bool:
    return the_request(firm).state == RequestState.PAID


def balances(firm, *accounts: str) -> dict[str, int]:
    with acting_for(firm.id):
        return {
            account: balance(organization_id=firm.id, account_prefix=account).minor
            for account in accounts
        }


class TestTheWayThrough:
    @pytest.mark.parametrize("card", ["4242424242424242", CHALLENGE_CARD])
    def test_a_card_payment_ends_in_the_ledger(self, firm, card):
        firm.pay(firm.request(12_000), card)

        eventually(lambda: is_paid(firm))

        attempt = the_attempt(firm)
        assert attempt.state == AttemptState.CAPTURED
        assert attempt.card_last4 == card[-4:]
        assert balances(firm, "411", "511") == {"411": -12_000, "511": 12_000}

    def test_a_refused_card_can_be_followed_by_another(self, firm):
        request = firm.request()
        provider_id = firm.pay(request, REFUSED_CARD)
        eventually(lambda: the_attempt(firm).failure == "insufficient_funds")

        firm.world.control(f"/payments/{provider_id}/pay", {"card_number": "4242424242424242"})

        eventually(lambda: is_paid(firm))
        with acting_for(firm.id):
            assert [r.reason for r in the_attempt(firm).refusals.all()] == ["insufficient_funds"]

    def test_choosing_the_same_way_again_leads_to_the_same_page(self, firm):
        request = firm.request()

        assert firm.start(request) == firm.start(request)

    def test_choosing_another_way_closes_the_first_page(self, firm):
        request = firm.request()
        firm.start(request)

        firm.start(request, Method.INSTANT_TRANSFER)

        with acting_for(firm.id):
            states = set(PaymentAttempt.objects.values_list("intent__method", "state"))
        assert states == {("card", "canceled"), ("instant_transfer", "requires_action")}


class TestRaces:
    def test_fifty_deliveries_and_a_return_make_one_payment(self, firm):
        firm.chaos(webhooks={"duplicate": 1})
        firm.pay(firm.request())
        attempt = the_attempt(firm)

        def ask_again(_index: int) -> None:
            resolve_attempt(organization_id=firm.id, attempt_id=attempt.id, now=business_now())
            connections.close_all()

        with ThreadPoolExecutor(10) as pool:
            list(pool.map(ask_again, range(50)))
        eventually(lambda: is_paid(firm))

        with acting_for(firm.id):
            assert PaymentIntent.objects.filter(state=IntentState.CAPTURED).count() == 1
            assert journal(organization_id=firm.id).count() == 1
            assert AuditEntry.objects.filter(action="payment:captured").count() == 1

    def test_two_payers_at_once_are_led_to_one_page(self, firm):
        request = firm.request()

        def start(_index: int) -> str:
            try:
                return firm.start(request)
            except PaymentInProgress:
                return ""
            finally:
                connections.close_all()

        with ThreadPoolExecutor(8) as pool:
            urls = set(pool.map(start, range(8))) - {""}

        assert len(urls) == 1


class TestNothingIsLost:
    def test_the_sweep_finds_what_no_webhook_told(self, firm):
        firm.chaos(webhooks={"drop": 1})
        firm.pay(firm.request())
        assert not is_paid(firm)

        findings = sweep(organization_id=firm.id, now=business_now())
        eventually(lambda: is_paid(firm))

        assert [finding.kind for finding in findings] == ["payment_repaired"]
        with acting_for(firm.id):
            assert AuditEntry.objects.filter(action="sweep:payment_repaired").exists()

    def test_a_lost_answer_stays_unknown_until_the_provider_is_asked(self, firm):
        request = firm.request()
        firm.chaos(webhooks={"drop_types": ["payment.captured"]})
        firm.pay(request, LOST_ANSWER_CARD)

        eventually(lambda: is_paid(firm), seconds=40)

        assert the_attempt(firm).state == AttemptState.CAPTURED
        assert balances(firm, "511") == {"511": 12_000}

    def test_an_unknown_outcome_forbids_a_second_charge(self, firm):
        request = firm.request()
        firm.chaos(api={"drop_after": 1}, next=1)

        with pytest.raises(ProviderOutcomeUnknown):
            firm.start(request)
        with pytest.raises(PaymentInProgress):
            firm.start(request)

        state = resolve_attempt(
            organization_id=firm.id, attempt_id=the_attempt(firm).id, now=business_now()
        )
        assert state is AttemptState.REQUIRES_ACTION

    def test_a_webhook_survives_a_worker_that_is_killed(self, firm):
        firm.world.stop_worker()
        firm.pay(firm.request())
        firm.world.start_worker()

        eventually(lambda: is_paid(firm))


class TestClosedWays:
    def test_who_closed_it_is_written(self, firm):
        request = firm.request()

        firm.close(request, reason="canceled")
        firm.close(request, reason="canceled")

        with acting_for(firm.id):
            entry = AuditEntry.objects.get(action="payment_request:closed")
            assert (entry.actor, entry.target) == (
                str(firm.actor),
                f"payment_request:{request.id}",
            )
            assert read_facts(entry) == {"reason": "canceled"}

    def test_a_closed_request_cannot_be_paid_and_its_open_page_is_closed(self, firm):
        request = firm.request()
        url = firm.start(request)
        provider_id = next(part for part in url.split("/") if part.startswith("pay_"))

        firm.close(request, reason="canceled")

        eventually(lambda: the_attempt(firm).state == AttemptState.CANCELED)
        with pytest.raises(RequestNotPayable):
            firm.start(request)
        answer = httpx.post(
            f"{firm.world.sandbox.url}/control/payments/{provider_id}/pay",
            json={"card_number": "4242424242424242"},
            headers={"X-Encaisse-Sandbox": "control"},
        )
        assert answer.status_code >= 400

    def test_a_card_authorized_too_late_is_released_not_taken(self, firm):
        firm.world.stop_worker()
        request = firm.request()
        firm.pay(request)
        firm.close(request, reason="canceled")
        firm.world.start_worker()

        eventually(lambda: the_attempt(firm).state == AttemptState.CANCELED)

        assert balances(firm, "511", "471") == {"511": 0, "471": 0}

    def test_a_transfer_that_arrives_after_closing_waits_to_be_allocated(self, firm):
        firm.world.stop_worker()
        request = firm.request()
        url = firm.start(request, Method.INSTANT_TRANSFER)
        attempt = the_attempt(firm)
        firm.close(request, reason="credited")
        firm.world.control(f"/payments/{attempt.provider_id}/pay", {})
        firm.world.start_worker()

        eventually(lambda: the_attempt(firm).state == AttemptState.CAPTURED)

        assert url
        assert balances(firm, "471", "411", "511") == {"471": -12_000, "411": 0, "511": 12_000}

    def test_a_paid_request_is_not_paid_twice(self, firm):
        request = firm.request()
        firm.pay(request)
        eventually(lambda: is_paid(firm))

        with pytest.raises(RequestAlreadyPaid):
            firm.start(request)


class TestDisputes:
    def test_a_lost_dispute_reopens_what_was_paid(self, firm):
        request = firm.request()
        provider_id = firm.pay(request)
        eventually(lambda: is_paid(firm))

        opened = firm.world.control(
            "/disputes", {"payment_id": provider_id, "reason": "fraudulent"}
        )
        eventually(lambda: balances(firm, "416") == {"416": 12_000})
        firm.world.control(f"/disputes/{opened['id']}/close", {"outcome": "lost"})

        eventually(lambda: not is_paid(firm))
        assert balances(firm, "411", "416", "511") == {"411": 0, "416": 0, "511": 0}
        assert the_request(firm).remaining == Money(12_000)
