"""What a provider may say of a firm's payments, said to our services without its webhooks."""

from datetime import timedelta
from uuid import uuid4

from encaisse.kernel.money import Money
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.payments.models import Dispute, PaymentAttempt, PaymentRequest
from encaisse.payments.services.disputes import record_dispute
from encaisse.payments.services.record import record_payments
from encaisse.payments.services.refunds import record_refund_answer
from encaisse.providers.contract import (
    DisputeStatus,
    ProviderDispute,
    ProviderPayment,
    ProviderRefund,
    ProviderStatus,
    RefundStatus,
)


def request_about(firm, row) -> PaymentRequest:
    """Return the last request for money made for a quote or an invoice."""
    with acting_for(firm.id):
        return PaymentRequest.objects.filter(reference_id=row.id).latest("created_at")


def started(firm, request: PaymentRequest) -> PaymentAttempt:
    """Open the provider's page for a request and leave it there."""
    firm.start(request)
    with acting_for(firm.id):
        return (
            PaymentAttempt.objects.select_related("intent", "connection")
            .filter(intent__request_id=request.id)
            .latest("created_at")
        )


def captured(firm, *attempts: PaymentAttempt) -> None:
    record_payments(
        organization_id=firm.id,
        payments={attempt.id: _paid(attempt) for attempt in attempts},
        now=business_now(),
    )


def paid(firm, row) -> PaymentAttempt:
    """Have what was last asked for a quote or an invoice paid by card."""
    attempt = started(firm, request_about(firm, row))
    captured(firm, attempt)
    return attempt


def given_back(firm, attempt: PaymentAttempt, minor: int) -> None:
    """Have somebody refund a payment in the provider's own pages."""
    record_refund_answer(
        organization_id=firm.id,
        connection_id=attempt.connection_id,
        answer=ProviderRefund(
            f"re_{uuid4().hex}", attempt.provider_id, RefundStatus.SUCCEEDED, Money(minor)
        ),
        now=business_now(),
    )


def dispute_lost(firm, attempt: PaymentAttempt, minor: int) -> None:
    _disputed(firm, attempt, minor, status=DisputeStatus.LOST)


def dispute_opened(firm, attempt: PaymentAttempt, minor: int, **values: object) -> Dispute:
    """Have the payer's bank contest a payment; the firm may still answer."""
    due = business_now() + timedelta(days=14)
    defaults = {"status": DisputeStatus.NEEDS_RESPONSE, "evidence_due_at": due}
    return _disputed(firm, attempt, minor, **{**defaults, **values})


def _disputed(firm, attempt: PaymentAttempt, minor: int, **values: object) -> Dispute:
    now = business_now()
    defaults = {
        "provider_id": f"dp_{uuid4().hex[:20]}",
        "provider_payment_id": attempt.provider_id,
        "amount": Money(minor),
        "reason": "fraudulent",
        "evidence_due_at": None,
        "opened_at": now,
    }
    return record_dispute(
        organization_id=firm.id,
        connection_id=attempt.connection_id,
        dispute=ProviderDispute(**{**defaults, **values}),
        now=now,
    )


def _paid(attempt: PaymentAttempt) -> ProviderPayment:
    return ProviderPayment(
        provider_id=attempt.provider_id,
        account_id=attempt.connection.account_id,
        reference=str(attempt.id),
        status=ProviderStatus.CAPTURED,
        amount=attempt.intent.amount,
        captured=attempt.intent.amount,
        refunded=Money(0),
        checkout_url="",
        occurred_at=business_now(),
    )
