"""What every provider plug-in must do; each plug-in brings a place where its provider answers."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from standardwebhooks.webhooks import Webhook

from encaisse.kernel.bank_days import after_bank_days
from encaisse.kernel.money import Money
from encaisse.kit.clock import paris_date
from encaisse.kit.tenancy import acting_for
from encaisse.providers.answering import EvidenceRequest
from encaisse.providers.contract import (
    CheckoutRequest,
    DisputeStatus,
    InboundRequest,
    Payee,
    ProviderKeyInvalid,
    ProviderOutcomeUnknown,
    ProviderRejected,
    ProviderStatus,
    ProviderUnavailable,
    RefundRequest,
    RefundStatus,
    WebhookMalformed,
    WebhookSignatureInvalid,
)
from encaisse.providers.registry import payout_delay, plugin, provider_names


class SandboxPlace:
    """A merchant of the sandbox provider."""

    provider = "sandbox"

    def __init__(self, world) -> None:
        self.world = world
        account = world.control("/accounts", {"name": "Plomberie"})
        self.account_id = account["account_id"]
        self.api_key = account["api_key"]
        self.payee = Payee("Plomberie", account["bank_account"]["iban"])

    def pay(self, provider_id: str) -> None:
        self.world.control(f"/payments/{provider_id}/pay", {"card_number": "4242424242424242"})

    def wait_for_payouts(self) -> None:
        self.world.control("/clock/advance", {"days": 1})

    def contest(self, provider_id: str) -> str:
        asked = {"payment_id": provider_id, "reason": "product_not_received"}
        return self.world.control("/disputes", asked)["id"]

    def wait_for_deadline(self) -> None:
        self.world.control("/clock/advance", {"days": 15})

    def lose_next_answer(self) -> None:
        chaos = {"account_id": self.account_id, "api": {"drop_after": 1}, "next": 1}
        self.world.control("/chaos", chaos)

    def event(self) -> dict:
        return {
            "id": "evt_1",
            "type": "payment.captured",
            "created_at": datetime.now(UTC).isoformat(),
            "account": self.account_id,
            "data": {"object": {"object": "payment", "id": "pay_1"}},
        }


PLACES = {"sandbox": SandboxPlace}


@pytest.fixture(params=provider_names())
def place(request, world):
    return PLACES[request.param](world)


@pytest.fixture
def opened(place):
    return plugin(provider=place.provider, api_key=place.api_key)


def checkout(**values) -> CheckoutRequest:
    defaults = {
        "idempotency_key": str(uuid4()),
        "amount": Money(4200),
        "description": "Acompte",
        "return_url": "http://localhost/back",
        "cancel_url": "http://localhost/cancel",
        "locale": "fr",
        "expires_in_seconds": 1800,
        "max_attempts": 3,
    }
    return CheckoutRequest(**{**defaults, **values})


class TestCards:
    def test_a_payment_is_authorized_then_captured_then_refunded(self, place, opened):
        request = checkout()
        started = opened.start_card_payment(request)
        place.pay(started.provider_id)
        (authorized,) = opened.fetch_payments([started.provider_id])
        captured = opened.capture(
            provider_payment_id=started.provider_id,
            amount=request.amount,
            idempotency_key=f"{request.idempotency_key}:capture",
        )
        refund = opened.refund(
            RefundRequest(
                idempotency_key=str(uuid4()),
                provider_payment_id=started.provider_id,
                amount=Money(200),
            )
        )

        assert started.status is ProviderStatus.REQUIRES_ACTION
        assert started.reference == request.idempotency_key
        assert started.account_id == opened.account().account_id
        assert (authorized.status, authorized.captured) == (ProviderStatus.AUTHORIZED, Money(0))
        assert authorized.card is not None
        assert len(authorized.card.last4) == 4
        assert (captured.status, captured.captured) == (ProviderStatus.CAPTURED, Money(4200))
        assert (refund.status, refund.amount) == (RefundStatus.SUCCEEDED, Money(200))
        assert list(opened.refunds_of(started.provider_id)) == [refund]

    def test_the_same_key_is_the_same_payment(self, opened):
        request = checkout()

        first, second = opened.start_card_payment(request), opened.start_card_payment(request)

        assert first.provider_id == second.provider_id

    def test_a_canceled_payment_cannot_be_captured(self, opened):
        started = opened.start_card_payment(checkout())
        canceled = opened.cancel(provider_payment_id=started.provider_id, idempotency_key="c1")

        assert canceled.status is ProviderStatus.CANCELED
        with pytest.raises(ProviderRejected):
            opened.capture(
                provider_payment_id=started.provider_id, amount=Money(4200), idempotency_key="c2"
            )


class TestPayouts:
    def test_a_card_payment_is_paid_out_no_later_than_the_plug_in_declares(self, place, opened):
        request = checkout()
        started = opened.start_card_payment(request)
        place.pay(started.provider_id)
        opened.capture(
            provider_payment_id=started.provider_id,
            amount=request.amount,
            idempotency_key=f"{request.idempotency_key}:capture",
        )
        captured_at = opened.fetch_payments([started.provider_id])[0].occurred_at

        place.wait_for_payouts()

        (payout,) = opened.payouts_since(captured_at)
        declared = payout_delay(provider=place.provider)
        assert declared is not None
        assert paris_date(payout.paid_at) <= after_bank_days(
            paris_date(captured_at), declared.bank_days
        )
        assert started.provider_id in {item.provider_payment_id for item in payout.items}


class TestTransfers:
    def test_a_transfer_leads_to_the_payer_s_bank(self, place, opened):
        started = opened.start_transfer(checkout(), place.payee)

        assert started.status is ProviderStatus.REQUIRES_ACTION
        assert started.checkout_url.startswith("http")


@pytest.fixture
def contested(place, opened):
    """A captured payment whose bank wants its money back."""
    request = checkout()
    started = opened.start_card_payment(request)
    place.pay(started.provider_id)
    opened.capture(
        provider_payment_id=started.provider_id,
        amount=request.amount,
        idempotency_key=f"{request.idempotency_key}:capture",
    )
    return place.contest(started.provider_id)


def evidence(provider_dispute_id, **values) -> EvidenceRequest:
    defaults = {"idempotency_key": str(uuid4()), "statement": "Livré.", "pdf": b"%PDF-1.7 essai"}
    return EvidenceRequest(provider_dispute_id=provider_dispute_id, **{**defaults, **values})


class TestAnswers:
    def test_evidence_is_submitted_once(self, opened, contested):
        before = opened.fetch_dispute(contested)
        request = evidence(contested)

        told, again = opened.submit_evidence(request), opened.submit_evidence(request)

        assert before.status is DisputeStatus.NEEDS_RESPONSE
        assert before.evidence_due_at is not None
        assert told.status is DisputeStatus.UNDER_REVIEW
        assert again == told
        with pytest.raises(ProviderRejected):
            opened.submit_evidence(evidence(contested))
        with pytest.raises(ProviderRejected):
            opened.accept_dispute(provider_dispute_id=contested, idempotency_key=str(uuid4()))

    def test_a_dispute_given_up_is_lost(self, opened, contested):
        told = opened.accept_dispute(provider_dispute_id=contested, idempotency_key="a1")

        assert told.status is DisputeStatus.LOST
        assert opened.fetch_dispute(contested).status is DisputeStatus.LOST

    def test_after_the_deadline_it_is_refused(self, place, opened, contested):
        place.wait_for_deadline()

        with pytest.raises(ProviderRejected):
            opened.submit_evidence(evidence(contested))

    def test_a_lost_answer_is_unknown_and_the_truth_can_be_fetched(self, place, opened, contested):
        place.lose_next_answer()

        with pytest.raises(ProviderOutcomeUnknown):
            opened.submit_evidence(evidence(contested))

        assert opened.fetch_dispute(contested).status is DisputeStatus.UNDER_REVIEW


class TestFindingOut:
    def test_a_payment_is_found_by_our_reference_and_in_the_list_of_changes(self, opened):
        request = checkout()
        started = opened.start_card_payment(request)

        found = opened.find_payment(request.idempotency_key)
        page = opened.payments_updated_since(datetime.now(UTC) - timedelta(hours=1), None)

        assert found is not None
        assert found.provider_id == started.provider_id
        assert started.provider_id in [item.provider_id for item in page.items]

    def test_what_never_existed_is_not_found(self, opened):
        assert opened.find_payment(str(uuid4())) is None
        assert list(opened.fetch_payments([])) == []


class TestWhatCanGoWrong:
    def test_a_lost_answer_is_unknown_and_the_truth_can_be_fetched(self, place, opened):
        request = checkout()
        place.lose_next_answer()

        with pytest.raises(ProviderOutcomeUnknown):
            opened.start_card_payment(request)

        assert opened.find_payment(request.idempotency_key) is not None

    def test_a_provider_that_is_not_there_heard_nothing(self, opened, monkeypatch):
        monkeypatch.setattr(settings, "ENCAISSE_SANDBOX_URL", "http://127.0.0.1:9")

        with pytest.raises(ProviderUnavailable):
            opened.start_card_payment(checkout())

    def test_a_wrong_key_is_said_to_be_wrong(self, place):
        with pytest.raises(ProviderKeyInvalid):
            plugin(provider=place.provider, api_key="sk_sandbox_wrong").account()

    def test_nothing_is_asked_inside_a_transaction(self, opened):
        with pytest.raises(Exception, match="/v1/account"), acting_for(uuid4()):
            opened.account()


class TestWebhooks:
    def sign(self, secret: str, body: bytes, moment: datetime) -> InboundRequest:
        headers = {
            "webhook-id": "evt_1",
            "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": Webhook(secret).sign("evt_1", moment, body.decode()),
        }
        return InboundRequest(headers=headers, body=body, received_at=moment)

    @pytest.fixture
    def hearing(self, place, opened):
        secret = opened.register_webhook("http://127.0.0.1:9/webhooks").secret
        ear = plugin(provider=place.provider, api_key=place.api_key, webhook_secret=secret)
        return ear, secret

    def test_a_signed_event_is_read(self, place, hearing):
        ear, secret = hearing
        inbound = self.sign(secret, json.dumps(place.event()).encode(), datetime.now(UTC))

        ear.verify_webhook(inbound)

        assert ear.parse_webhook(inbound).account_id == place.account_id

    def test_an_old_altered_or_foreign_signature_is_refused(self, place, hearing):
        ear, secret = hearing
        body = json.dumps(place.event()).encode()
        now = datetime.now(UTC)
        good = self.sign(secret, body, now)
        bad = [
            self.sign(secret, body, now - timedelta(minutes=10)),
            InboundRequest(headers=good.headers, body=body + b" ", received_at=now),
            self.sign("whsec_b3RoZXJvdGhlcm90aGVyb3RoZXI=", body, now),
            InboundRequest(headers={}, body=body, received_at=now),
        ]

        for inbound in bad:
            with pytest.raises(WebhookSignatureInvalid):
                ear.verify_webhook(inbound)

    def test_without_a_secret_every_message_is_refused(self, place, opened):
        inbound = InboundRequest(headers={}, body=b"{}", received_at=datetime.now(UTC))

        with pytest.raises(WebhookSignatureInvalid):
            opened.verify_webhook(inbound)

    @pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b'{"id": 1}'])
    def test_a_senseless_event_is_malformed(self, opened, body):
        inbound = InboundRequest(headers={}, body=body, received_at=datetime.now(UTC))

        with pytest.raises(WebhookMalformed):
            opened.parse_webhook(inbound)
