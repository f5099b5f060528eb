"""What an attack on the money code found, kept so that it never comes back."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from encaisse.kernel.errors import Invalid
from encaisse.kernel.money import Money
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.ledger.core import Account
from encaisse.ledger.queries import balance
from encaisse.payments.core import AttemptState, IntentState, RefundState, RequestState
from encaisse.payments.inbox import process_inbox
from encaisse.payments.models import (
    Dispute,
    PaymentAttempt,
    PaymentIntent,
    PaymentRequest,
    Refund,
)
from encaisse.payments.queries import to_allocate
from encaisse.payments.services.receipts import allocate_receipt
from encaisse.payments.services.record import record_payment
from encaisse.payments.services.refunds import request_refund, send_refund
from encaisse.payments.sweep import sweep
from encaisse.providers.contract import ProviderStatus
from encaisse.providers.queries import open_plugin
from factories.invoicing import make_accepted_quote
from factories.payments import PayableFirm
from plugins.world import eventually


@pytest.fixture
def firm(world):
    return PayableFirm(world)


@pytest.fixture
def idle(world):
    """No worker: the test plays the jobs itself, in the order it wants."""
    world.stop_worker()
    yield
    world.start_worker()


def paid(firm, minor: int = 12_000, **values) -> tuple[PaymentRequest, str]:
    request = firm.request(minor, **values)
    provider_id = firm.pay(request)
    eventually(lambda: fresh(firm, request).state == RequestState.PAID)
    return request, provider_id


def fresh(firm, row):
    with acting_for(firm.id):
        return type(row).objects.get(id=row.id)


def only(firm, model):
    with acting_for(firm.id):
        return model.objects.get()


def refund(firm, intent, minor: int) -> Refund:
    return request_refund(
        organization_id=firm.id,
        actor=firm.actor,
        intent_id=intent.id,
        amount=Money(minor),
        reason="",
        now=business_now(),
    )


class TestARefundedPaymentThatIsDisputed:
    def test_neither_freezes_the_inbox_nor_goes_below_zero(self, firm, world):
        _request, provider_id = paid(firm)
        world.stop_worker()
        intent = only(firm, PaymentIntent)
        refund(firm, intent, 12_000)
        world.control("/disputes", {"payment_id": provider_id, "reason": "fraudulent"})
        second = firm.request(500)
        firm.pay(second)
        world.start_worker()

        eventually(lambda: fresh(firm, second).state == RequestState.PAID)
        eventually(lambda: only(firm, Dispute))
        assert fresh(firm, intent).refundable == Money(0)


class TestTheSweep:
    def test_takes_what_a_lost_job_should_have_taken(self, firm, idle):
        request = firm.request()
        firm.pay(request)
        firm.world.control("/flush")
        process_inbox(organization_id=firm.id, connection_id=firm.connection.id, now=business_now())
        assert only(firm, PaymentAttempt).state == AttemptState.CAPTURING

        found = sweep(organization_id=firm.id, now=business_now() + timedelta(minutes=5))

        assert fresh(firm, request).state == RequestState.PAID
        assert "attempt_resolved" in [finding.kind for finding in found]


class TestTwoEqualRefunds:
    def test_each_keeps_its_own_identifier_whatever_comes_first(self, firm, idle, world):
        world.start_worker()
        paid(firm)
        world.stop_worker()
        intent = only(firm, PaymentIntent)
        first, second = refund(firm, intent, 3000), refund(firm, intent, 3000)
        firm.chaos(api={"drop_after": 1}, next=1)
        send_refund(organization_id=firm.id, refund_id=second.id, now=business_now())
        assert fresh(firm, second).state == RefundState.UNKNOWN

        process_inbox(organization_id=firm.id, connection_id=firm.connection.id, now=business_now())
        sweep(organization_id=firm.id, now=business_now() + timedelta(minutes=5))

        rows = [fresh(firm, first), fresh(firm, second)]
        assert {row.state for row in rows} == {RefundState.SUCCEEDED}
        assert len({row.provider_id for row in rows}) == 2
        opened = open_plugin(organization_id=firm.id, connection_id=firm.connection.id)
        (payment,) = opened.fetch_payments([self.provider_id(firm)])
        assert payment.refunded == Money(6000)

    @staticmethod
    def provider_id(firm) -> str:
        return only(firm, PaymentAttempt).provider_id


class TestALatePayment:
    def test_of_an_abandoned_page_does_not_mix_with_the_one_that_paid(self, firm, idle):
        request = firm.request()
        firm.start(request)
        first = only(firm, PaymentAttempt)
        opened = open_plugin(organization_id=firm.id, connection_id=firm.connection.id)
        (truth,) = opened.fetch_payments([first.provider_id])
        self.record(firm, first, replace(truth, status=ProviderStatus.EXPIRED))
        firm.start(request)
        with acting_for(firm.id):
            second = PaymentAttempt.objects.exclude(id=first.id).get()

        self.record(
            firm,
            first,
            replace(truth, status=ProviderStatus.CAPTURED, captured=truth.amount),
        )

        assert second.intent_id != first.intent_id
        assert fresh(firm, first).state == AttemptState.CAPTURED
        with acting_for(firm.id):
            assert PaymentIntent.objects.get(id=first.intent_id).state == IntentState.CAPTURED

    @staticmethod
    def record(firm, attempt, payment) -> None:
        record_payment(
            organization_id=firm.id, attempt_id=attempt.id, payment=payment, now=business_now()
        )


class TestMoneyToAllocate:
    def test_what_a_request_without_a_customer_received_is_not_offered_twice(self, firm):
        request, _provider_id = paid(firm, credit_account=Account.TO_ALLOCATE, counterparty_id=None)
        other = firm.request()
        intent = only(firm, PaymentIntent)

        with acting_for(firm.id):
            assert list(to_allocate(organization_id=firm.id)) == []
        with pytest.raises(Invalid):
            allocate_receipt(
                organization_id=firm.id,
                actor=firm.actor,
                intent_id=intent.id,
                request_id=other.id,
                now=business_now(),
            )
        assert fresh(firm, request).state == RequestState.PAID


class TestADepositGivenBackInParts:
    def test_is_credited_once_it_is_given_back_whole(self, firm):
        quote = make_accepted_quote(firm)
        with acting_for(firm.id):
            request = PaymentRequest.objects.get(reference_kind="quote")
        firm.pay(request)
        eventually(lambda: fresh(firm, request).state == RequestState.PAID)
        intent = only(firm, PaymentIntent)
        half = intent.amount_minor // 2

        refund(firm, intent, half)
        refund(firm, intent, intent.amount_minor - half)

        def vat() -> int:
            with acting_for(firm.id):
                return balance(organization_id=firm.id, account_prefix="44571").minor

        eventually(lambda: vat() == 0)
        with acting_for(firm.id):
            assert balance(organization_id=firm.id, account_prefix="4191") == Money(0)
            assert quote.invoices.filter(kind="deposit").get().state == "credited"


class TestThePublicSurface:
    @pytest.mark.parametrize("path", ["/nothing", "/api/v1/x", "/p/x/y/z", "/q/"])
    def test_an_unknown_address_is_a_404(self, world, path):
        assert httpx.get(f"{world.url}{path}").status_code == 404

    def test_a_host_that_is_not_ours_is_refused(self, world):
        answer = httpx.get(f"{world.url}/p/x", headers={"Host": "evil.example"})

        assert answer.status_code == 400

    def test_a_body_that_is_too_large_is_refused(self, world, firm):
        answer = httpx.post(
            f"{world.url}/webhooks/{firm.connection.id}", content=b"x" * 13_000_000, timeout=30
        )

        assert 400 <= answer.status_code < 500
