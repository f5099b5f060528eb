"""Reading payments."""

from uuid import UUID

from django.db.models import QuerySet

from encaisse.kernel.errors import NotFound
from encaisse.ledger.core import Account
from encaisse.payments.core import OPEN_DISPUTES, DisputeState, IntentState
from encaisse.payments.models import (
    Dispute,
    DisputeAnswer,
    PaymentAttempt,
    PaymentIntent,
    PaymentRequest,
    Payout,
    Refund,
)
from encaisse.providers.queries import same_account


def requests(*, organization_id: UUID) -> QuerySet[PaymentRequest]:
    """Return every request for money, newest first."""
    return (
        PaymentRequest.objects.filter(organization_id=organization_id)
        .select_related("counterparty")
        .order_by("-created_at", "-id")
    )


def request(*, organization_id: UUID, request_id: UUID) -> PaymentRequest:
    """:raises NotFound: no such request here"""
    try:
        return requests(organization_id=organization_id).get(id=request_id)
    except PaymentRequest.DoesNotExist as error:
        raise NotFound from error


def requests_about(
    *, organization_id: UUID, reference_kind: str, reference_id: UUID
) -> QuerySet[PaymentRequest]:
    """Return the requests made for one object of the asker."""
    return requests(organization_id=organization_id).filter(
        reference_kind=reference_kind, reference_id=reference_id
    )


def payments(*, organization_id: UUID) -> QuerySet[PaymentIntent]:
    """Return every payment with its attempts, newest first."""
    return (
        PaymentIntent.objects.filter(organization_id=organization_id)
        .select_related("request__counterparty")
        .prefetch_related("attempts")
        .order_by("-created_at", "-id")
    )


def payment(*, organization_id: UUID, intent_id: UUID) -> PaymentIntent:
    """:raises NotFound: no such payment here"""
    try:
        return payments(organization_id=organization_id).get(id=intent_id)
    except PaymentIntent.DoesNotExist as error:
        raise NotFound from error


def to_allocate(*, organization_id: UUID) -> QuerySet[PaymentIntent]:
    """Return money that nobody waited for and that still has no taker."""
    return payments(organization_id=organization_id).filter(
        state=IntentState.CAPTURED, credited_account=Account.TO_ALLOCATE, is_counted=False
    )


def advances(*, organization_id: UUID, counterparty_id: UUID) -> QuerySet[PaymentIntent]:
    """Return what a customer paid ahead by links about nothing yet, untouched since."""
    return payments(organization_id=organization_id).filter(
        request__counterparty_id=counterparty_id,
        request__reference_kind="",
        state=IntentState.CAPTURED,
        credited_account=Account.DEPOSITS_RECEIVED,
        refunded_minor=0,
        disputed_minor=0,
    )


def latest_attempt(*, organization_id: UUID, request_id: UUID) -> PaymentAttempt | None:
    """Return the last ask made for a request."""
    return (
        PaymentAttempt.objects.filter(
            organization_id=organization_id, intent__request_id=request_id
        )
        .select_related("intent", "connection")
        .order_by("-created_at", "-id")
        .first()
    )


def intent_of_attempt(*, organization_id: UUID, attempt_id: UUID) -> PaymentIntent | None:
    """Return the payment that an ask belongs to; None where nothing was ever asked."""
    return (
        PaymentIntent.objects.filter(organization_id=organization_id, attempts__id=attempt_id)
        .select_related("request__counterparty")
        .first()
    )


def attempts_at_account(*, organization_id: UUID, connection_id: UUID) -> QuerySet[PaymentAttempt]:
    """
    Return what was asked of the account behind a connection.

    A firm that renews its key connects the same account again: what came before is still there.
    """
    return PaymentAttempt.objects.filter(
        organization_id=organization_id,
        connection__in=same_account(organization_id=organization_id, connection_id=connection_id),
    )


def refunds(*, organization_id: UUID) -> QuerySet[Refund]:
    return Refund.objects.filter(organization_id=organization_id).order_by("-created_at", "-id")


def refund(*, organization_id: UUID, refund_id: UUID) -> Refund:
    """:raises NotFound: no such refund here"""
    try:
        return refunds(organization_id=organization_id).get(id=refund_id)
    except Refund.DoesNotExist as error:
        raise NotFound from error


def payouts(*, organization_id: UUID) -> QuerySet[Payout]:
    """Return the payouts announced by providers, newest first."""
    return Payout.objects.filter(organization_id=organization_id).order_by("-paid_at", "-id")


def disputes(*, organization_id: UUID) -> QuerySet[Dispute]:
    """Return disputes, newest first."""
    rows = Dispute.objects.filter(organization_id=organization_id)
    return rows.order_by("-created_at", "-id")


def open_disputes(*, organization_id: UUID) -> QuerySet[Dispute]:
    """Return disputes that are not decided: those to answer first, the nearest deadline first."""
    return (
        _disputes(organization_id)
        .filter(state__in=sorted(OPEN_DISPUTES))
        .order_by("state", "evidence_due_at", "id")
    )


def closed_disputes(*, organization_id: UUID) -> QuerySet[Dispute]:
    """Return disputes that were decided, the newest first."""
    rows = _disputes(organization_id).exclude(state__in=sorted(OPEN_DISPUTES))
    return rows.order_by("-created_at", "-id")


def disputes_to_answer(*, organization_id: UUID) -> QuerySet[Dispute]:
    """Return disputes whose answer is still the firm's to give."""
    return (
        Dispute.objects.filter(organization_id=organization_id, state=DisputeState.NEEDS_RESPONSE)
        .exclude(answers__given_at__isnull=False)
        .order_by("evidence_due_at", "id")
    )


def dispute_by_id(*, organization_id: UUID, dispute_id: UUID) -> Dispute:
    """:raises NotFound: no such dispute here"""
    try:
        return _disputes(organization_id).get(id=dispute_id)
    except Dispute.DoesNotExist as error:
        raise NotFound from error


def answer_to(*, organization_id: UUID, dispute_id: UUID) -> DisputeAnswer | None:
    """Return what the firm stages or gave as its answer."""
    return DisputeAnswer.objects.filter(
        organization_id=organization_id, dispute_id=dispute_id
    ).first()


def _disputes(organization_id: UUID) -> QuerySet[Dispute]:
    return Dispute.objects.filter(organization_id=organization_id).select_related(
        "intent__request__counterparty"
    )
