from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from encaisse.kit.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentCaptured(Event):
    """Money was taken for a request, or arrived with no request at all."""

    intent_id: UUID
    request_id: UUID | None
    reference_kind: str
    reference_id: UUID | None
    amount_minor: int
    currency: str
    occurred_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReversed(Event):
    """Money taken was lost again: a dispute, or a returned debit."""

    dispute_id: UUID
    intent_id: UUID
    request_id: UUID | None
    reference_kind: str
    reference_id: UUID | None
    amount_minor: int
    currency: str
    occurred_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRefused(Event):
    """The payer's bank refused a try, perhaps days before we learnt of it."""

    attempt_id: UUID
    reason: str
    occurred_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequested(Event):
    """Somebody asked for money to go back; the provider was not asked yet."""

    refund_id: UUID
    amount_minor: int
    currency: str
    by: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundSucceeded(Event):
    """Money went back to the payer."""

    refund_id: UUID
    intent_id: UUID
    request_id: UUID | None
    reference_kind: str
    reference_id: UUID | None
    amount_minor: int
    currency: str
    occurred_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeOpened(Event):
    dispute_id: UUID
    intent_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeClosed(Event):
    dispute_id: UUID
    intent_id: UUID
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutAnnounced(Event):
    """The provider says money is on its way to the bank."""

    payout_id: UUID
