"""A provider that contradicts what we asked: refused, and written in the journal."""

from datetime import datetime
from uuid import UUID

from encaisse.audit import services as audit
from encaisse.kernel.actor import Actor, ActorKind
from encaisse.kit.tenancy import acting_for
from encaisse.payments.errors import ProviderMismatch
from encaisse.payments.models import PaymentAttempt
from encaisse.providers.contract import ProviderPayment


def audit_mismatch(
    organization_id: UUID,
    attempt_id: UUID,
    payment: ProviderPayment,
    error: ProviderMismatch,
    now: datetime,
) -> None:
    with acting_for(organization_id):
        attempt = PaymentAttempt.objects.get(organization_id=organization_id, id=attempt_id)
        audit.record(
            organization_id=organization_id,
            actor=Actor(ActorKind.PROVIDER, attempt.connection_id),
            action="payment:mismatch:refused",
            target=f"payment_attempt:{attempt_id}",
            facts={"field": error.facts["field"], "provider_id": payment.provider_id},
            now=now,
        )


def refuse_mismatch(attempt: PaymentAttempt, payment: ProviderPayment) -> None:
    field = _mismatch(attempt, payment)
    if field:
        raise ProviderMismatch(field=field)


def _mismatch(attempt: PaymentAttempt, payment: ProviderPayment) -> str:
    """Return the first field on which the provider contradicts what we asked, or nothing."""
    captured = payment.captured.minor not in {0, attempt.intent.amount_minor}
    differs = {
        "reference": payment.reference != str(attempt.id),
        "account": payment.account_id != attempt.connection.account_id,
        "currency": payment.amount.currency != attempt.intent.currency,
        "amount": payment.amount.minor != attempt.intent.amount_minor or captured,
        "identifier": attempt.provider_id not in {"", payment.provider_id},
    }
    return next((field for field, is_different in differs.items() if is_different), "")
