"""Public names of events. A name is a contract: it is added, never changed. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

PUBLIC_NAMES: Mapping[str, str] = {
    "AlertRaised": "alert.raised",
    "DisputeClosed": "dispute.closed",
    "DisputeOpened": "dispute.opened",
    "FundsArrived": "funds.arrived",
    "InvoiceIssued": "invoice.issued",
    "InvoicePaid": "invoice.paid",
    "InvoiceReopened": "invoice.reopened",
    "PaymentCaptured": "payment.captured",
    "PaymentRefused": "payment.refused",
    "PaymentReversed": "payment.reversed",
    "PayoutAnnounced": "payout.announced",
    "CaseClosed": "review.closed",
    "CaseOpened": "review.opened",
    "IdentityAsked": "review.identity_asked",
    "QuoteAccepted": "quote.accepted",
    "QuoteRefused": "quote.refused",
    "QuoteSent": "quote.sent",
    "QuoteWithdrawn": "quote.withdrawn",
    "RefundSucceeded": "refund.succeeded",
    "ReportContested": "report.contested",
}
# Steps of our own machinery, and who works here: nobody outside could act on them.
INTERNAL_NAMES = frozenset(
    {
        "AlertDue", "ApiKeyUsedFromNewAddress", "CollectingAccountChanged",
        "DataExported", "MemberInvited", "OperationAsked", "OperationEnded", "OperationRefused",
        "ProviderConnected", "RefundRequested", "RoleGiven", "WebhookReceived", "WebhookRefused",
    }
)  # fmt: skip


class Hears(StrEnum):
    """What an endpoint is told."""

    ALERTS = "alerts"
    EVENTS = "events"
    ALL = "all"


ALERT = PUBLIC_NAMES["AlertRaised"]


def is_told(hears: Hears, kind: str) -> bool:
    """Tell whether an endpoint wants a message of this kind; a try is wanted by whoever asks it."""
    if hears is Hears.ALL:
        return True
    return (kind == ALERT) is (hears is Hears.ALERTS)


class DeliveryState(StrEnum):
    QUEUED = "queued"
    TAKEN = "taken"
    FAILED = "failed"


# What became of a message that waited for an endpoint which closed by itself.
ENDPOINT_STOPPED = "endpoint_stopped"
# Tried after 4 seconds, then 16, 64… : about six hours in all.
LARGEST_ATTEMPT_COUNT = 8
WAIT_BASE_SECONDS = 4


# A program that has refused everything for so long, so many times, is not there any more.
STOPPED_AFTER, STOPPED_TRIES = timedelta(days=5), 10


def is_gone(*, refused_since: datetime, refused_count: int, now: datetime) -> bool:
    """Tell whether an endpoint that took nothing since that moment is not worth another try."""
    return refused_count >= STOPPED_TRIES and now - refused_since >= STOPPED_AFTER


def is_taken(status: int) -> bool:
    """Tell whether an answer says that the message arrived (Standard Webhooks: any 2xx)."""
    return 200 <= status < 300


def after_answer(*, is_taken: bool, attempts: int) -> DeliveryState:
    if is_taken:
        return DeliveryState.TAKEN
    return DeliveryState.QUEUED if attempts < LARGEST_ATTEMPT_COUNT else DeliveryState.FAILED
