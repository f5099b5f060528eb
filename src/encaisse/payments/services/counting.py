"""Money counted on the request it pays, taken off it again, and told to whoever waits."""

from datetime import datetime
from uuid import UUID

from encaisse.audit import services as audit
from encaisse.kernel.actor import Actor, ActorKind
from encaisse.kernel.money import Money
from encaisse.kit.clock import paris_date
from encaisse.kit.events import publish
from encaisse.payments.core import REQUEST_MOVES, RequestState, check_move
from encaisse.payments.events import PaymentCaptured
from encaisse.payments.models import PaymentIntent, PaymentRequest


def count_on_request(request: PaymentRequest, intent: PaymentIntent) -> None:
    """Count an intent's money as received; a request received in full is paid. Saves nothing."""
    intent.is_counted = True
    request.received_minor += intent.amount_minor
    if not request.remaining:
        check_move(REQUEST_MOVES, RequestState(request.state), RequestState.PAID)
        request.state = RequestState.PAID


def take_from_request(intent: PaymentIntent, amount: Money) -> PaymentRequest | None:
    """
    Take returned money off the request it had paid, which is then owed again by the same link.

    Return that request, or None when the money had not been counted on it. The caller locked it.
    """
    request: PaymentRequest | None = intent.request
    if request is None or not intent.is_counted:
        return None
    # A payer may be refunded and win a dispute too: the request only gives back what it received.
    request.received_minor -= min(amount.minor, request.received_minor)
    if request.state == RequestState.PAID:
        check_move(REQUEST_MOVES, RequestState.PAID, RequestState.OPEN)
        request.state = RequestState.OPEN
    request.save(update_fields=["received_minor", "state"])
    return request


def announce_capture(
    intent: PaymentIntent, request: PaymentRequest | None, connection_id: UUID | None, now: datetime
) -> None:
    """Tell whoever waits for the money, then leave the audit line: the last lock taken."""
    publish(
        PaymentCaptured(
            organization_id=intent.organization_id,
            intent_id=intent.id,
            request_id=request.id if request else None,
            reference_kind=request.reference_kind if request else "",
            reference_id=request.reference_id if request else None,
            amount_minor=intent.amount_minor,
            currency=intent.currency,
            occurred_on=paris_date(intent.captured_at or now),
        )
    )
    audit.record(
        organization_id=intent.organization_id,
        actor=Actor(ActorKind.PROVIDER, connection_id),
        action="payment:captured",
        target=f"payment:{intent.id}",
        facts={"amount_minor": intent.amount_minor, "account": intent.credited_account},
        now=now,
    )
