"""Giving money back, the way it came: reserve, ask, record."""

from datetime import datetime
from uuid import UUID

from encaisse.audit import services as audit
from encaisse.kernel.actor import Actor, ActorKind
from encaisse.kernel.errors import Invalid, NotFound
from encaisse.kernel.money import Money
from encaisse.kernel.text import clean_text
from encaisse.kit.clock import paris_date
from encaisse.kit.events import publish
from encaisse.kit.gathering import gathered
from encaisse.kit.identifiers import new_id
from encaisse.kit.jobs import enqueue
from encaisse.kit.tenancy import acting_for
from encaisse.payments.core import (
    REFUND_MOVES,
    UNSETTLED_REFUNDS,
    AttemptState,
    IntentState,
    Method,
    RefundState,
)
from encaisse.payments.errors import NotRefundableHere, PaymentNotCaptured, RefundExceedsPayment
from encaisse.payments.events import RefundRequested, RefundSucceeded
from encaisse.payments.models import PaymentAttempt, PaymentIntent, Refund
from encaisse.payments.posting import post_refund
from encaisse.payments.queries import attempts_at_account
from encaisse.payments.services.counting import take_from_request
from encaisse.payments.services.requests import lock_request
from encaisse.providers.contract import (
    ProviderOutcomeUnknown,
    ProviderRefund,
    ProviderRejected,
    RefundRequest,
    RefundStatus,
)
from encaisse.providers.queries import connection_in_use, plugin_for

_STATE_OF_STATUS = {
    RefundStatus.PENDING: RefundState.PENDING,
    RefundStatus.SUCCEEDED: RefundState.SUCCEEDED,
    RefundStatus.FAILED: RefundState.FAILED,
}


def request_refund(
    *,
    organization_id: UUID,
    actor: Actor,
    intent_id: UUID,
    amount: Money,
    reason: str,
    now: datetime,
) -> Refund:
    """
    Reserve the amount and queue the refund. The provider is asked later, outside any transaction.

    :raises NotFound: no such payment here
    :raises PaymentNotCaptured: no money was taken
    :raises NotRefundableHere: the money came by plain transfer
    :raises RefundExceedsPayment: earlier refunds or a dispute already use the amount
    """
    _check_positive(amount)
    with acting_for(organization_id):
        intent = _lock_refundable(organization_id, intent_id, amount)
        intent.refunded_minor += amount.minor
        intent.save(update_fields=["refunded_minor"])
        refund = Refund(
            id=new_id(),
            organization_id=organization_id,
            intent=intent,
            amount_minor=amount.minor,
            currency=amount.currency,
            state=RefundState.RESERVED,
            updated_at=now,
            created_at=now,
        )
        refund.reason = clean_text(reason, largest=140, field="Motif")
        refund.save(force_insert=True)
        enqueue("payments.send_refund", organization_id=organization_id, refund_id=refund.id)
        audit.record(
            organization_id=organization_id,
            actor=actor,
            action="payment:refund:requested",
            target=f"payment:{intent_id}",
            facts={"amount_minor": amount.minor, "refund": str(refund.id)},
            now=now,
        )
        publish(
            RefundRequested(
                organization_id=organization_id,
                refund_id=refund.id,
                amount_minor=amount.minor,
                currency=amount.currency,
                by=actor.member_id,
                at=now,
            )
        )
    return refund


def check_refundable(*, organization_id: UUID, intent_id: UUID, amount: Money) -> PaymentIntent:
    """
    Return a payment of which this amount could be given back now; nothing is reserved.

    :raises NotFound, PaymentNotCaptured, NotRefundableHere, RefundExceedsPayment: as above
    """
    _check_positive(amount)
    with acting_for(organization_id):
        return _lock_refundable(organization_id, intent_id, amount)


def send_refund(*, organization_id: UUID, refund_id: UUID, now: datetime) -> RefundState:
    """
    Ask the provider, then record its answer. Safe to run twice: the refund's id is the key.

    :raises ProviderUnavailable: nothing was sent; the job tries again
    """
    with acting_for(organization_id):
        refund = Refund.objects.get(organization_id=organization_id, id=refund_id)
        attempt = _captured_attempt(refund)
        attempt.connection = connection_in_use(attempt.connection)
    if refund.state not in UNSETTLED_REFUNDS:
        return RefundState(refund.state)
    try:
        answer = _ask(refund, attempt)
    except ProviderOutcomeUnknown:
        return _record_state(organization_id, refund_id, RefundState.UNKNOWN, "", now)
    except ProviderRejected:
        # Only the first ask can be refused for good: after an unclear one, the refund may exist.
        first = refund.state == RefundState.RESERVED
        state = RefundState.FAILED if first else RefundState.UNKNOWN
        return _record_state(organization_id, refund_id, state, "", now)
    return record_refund(
        organization_id=organization_id, refund_id=refund_id, answer=answer, now=now
    )


def _check_positive(amount: Money) -> None:
    if amount.minor <= 0:
        raise Invalid(reason="le montant à rembourser doit être positif")


def _ask(refund: Refund, attempt: PaymentAttempt) -> ProviderRefund:
    opened = plugin_for(attempt.connection)
    if refund.provider_id:
        return opened.fetch_refund(refund.provider_id)
    # Asked again under the same key, the provider repeats its answer: unknown becomes known.
    return opened.refund(
        RefundRequest(
            idempotency_key=str(refund.id),
            provider_payment_id=attempt.provider_id,
            amount=refund.amount,
        )
    )


def record_refund(
    *, organization_id: UUID, refund_id: UUID, answer: ProviderRefund, now: datetime
) -> RefundState:
    """Write what the provider said of a refund, once."""
    state = _STATE_OF_STATUS[answer.status]
    return _record_state(organization_id, refund_id, state, answer.provider_id, now)


def record_refund_answer(
    *, organization_id: UUID, connection_id: UUID, answer: ProviderRefund, now: datetime
) -> None:
    """
    Record a refund the provider tells of, by its own identifier and never by its amount.

    When none of ours bears it, the direct answer may still be on its way: every unsettled refund of
    that payment is asked again under its own key, which gives each its true identifier. One that is
    still nobody's was made at the provider, without Encaisse: it is taken in.

    :raises NotFound: it refunds a payment that is not ours
    :raises RefundExceedsPayment: with ours, more would go back than came; one of them will fail
    """
    refund_id = refund_known_as(organization_id, connection_id, answer)
    if refund_id is None:
        for waiting in _unsettled_of(organization_id, connection_id, answer):
            send_refund(organization_id=organization_id, refund_id=waiting, now=now)
        refund_id = refund_known_as(organization_id, connection_id, answer)
    if refund_id is None:
        refund_id = _take_in(organization_id, connection_id, answer, now)
    record_refund(organization_id=organization_id, refund_id=refund_id, answer=answer, now=now)


def _take_in(
    organization_id: UUID, connection_id: UUID, answer: ProviderRefund, now: datetime
) -> UUID:
    """Write a refund that somebody made at the provider; what it means for the books follows."""
    with acting_for(organization_id):
        path = (
            attempts_at_account(organization_id=organization_id, connection_id=connection_id)
            .filter(provider_id=answer.provider_payment_id, state=AttemptState.CAPTURED)
            .values_list("intent_id", "intent__request_id")
            .first()
        )
        if path is None:
            raise NotFound
        intent = _lock_intent(organization_id, *path)
        if intent.amount - Money(intent.refunded_minor, answer.amount.currency) < answer.amount:
            raise RefundExceedsPayment(refundable=intent.refundable)
        intent.refunded_minor += answer.amount.minor
        intent.save(update_fields=["refunded_minor"])
        refund = Refund(
            id=new_id(),
            organization_id=organization_id,
            intent=intent,
            amount_minor=answer.amount.minor,
            currency=answer.amount.currency,
            state=RefundState.PENDING,
            provider_id=answer.provider_id,
            updated_at=now,
            created_at=now,
        )
        refund.reason = "Fait chez le prestataire"
        refund.save(force_insert=True)
        audit.record(
            organization_id=organization_id,
            actor=Actor(ActorKind.PROVIDER, connection_id),
            action="payment:refund:found",
            target=f"payment:{intent.id}",
            facts={"amount_minor": answer.amount.minor, "refund": str(refund.id)},
            now=now,
        )
    return refund.id


def refund_known_as(
    organization_id: UUID, connection_id: UUID, answer: ProviderRefund
) -> UUID | None:
    """Return our refund that the provider names so, None where nobody took it in."""
    with acting_for(organization_id):
        return (
            Refund.objects.filter(
                organization_id=organization_id,
                provider_id=answer.provider_id,
                intent__attempts__in=attempts_at_account(
                    organization_id=organization_id, connection_id=connection_id
                ),
            )
            .values_list("id", flat=True)
            .first()
        )


def _unsettled_of(organization_id: UUID, connection_id: UUID, answer: ProviderRefund) -> list[UUID]:
    with acting_for(organization_id):
        return list(
            Refund.objects.filter(
                organization_id=organization_id,
                provider_id="",
                state__in=sorted(UNSETTLED_REFUNDS),
                intent__attempts__in=attempts_at_account(
                    organization_id=organization_id, connection_id=connection_id
                ).filter(provider_id=answer.provider_payment_id),
            )
            .order_by("created_at")
            .values_list("id", flat=True)
        )


def _record_state(
    organization_id: UUID, refund_id: UUID, state: RefundState, provider_id: str, now: datetime
) -> RefundState:
    with acting_for(organization_id), gathered():
        intent = _lock_intent_of(organization_id, refund_id)
        refund = Refund.objects.select_for_update().get(
            organization_id=organization_id, id=refund_id
        )
        refund.intent = intent
        before = RefundState(refund.state)
        if state not in REFUND_MOVES[before]:
            return before
        refund.state, refund.updated_at = state, now
        refund.provider_id = provider_id or refund.provider_id
        refund.save(update_fields=["state", "provider_id", "updated_at"])
        if RefundState.FAILED in {state, before}:
            sign = 1 if before is RefundState.FAILED else -1
            intent.refunded_minor += sign * refund.amount_minor
            intent.save(update_fields=["refunded_minor"])
        if state is RefundState.SUCCEEDED:
            _settle(refund, now)
    return state


def _settle(refund: Refund, now: datetime) -> None:
    intent = refund.intent
    post_refund(refund=refund, now=now)
    request = take_from_request(intent, refund.amount)
    publish(
        RefundSucceeded(
            organization_id=refund.organization_id,
            refund_id=refund.id,
            intent_id=intent.id,
            request_id=request.id if request else None,
            reference_kind=request.reference_kind if request else "",
            reference_id=request.reference_id if request else None,
            amount_minor=refund.amount_minor,
            currency=refund.currency,
            occurred_on=paris_date(now),
        )
    )


def _lock_refundable(organization_id: UUID, intent_id: UUID, amount: Money) -> PaymentIntent:
    try:
        intent = PaymentIntent.objects.select_for_update().get(
            organization_id=organization_id, id=intent_id
        )
    except PaymentIntent.DoesNotExist as error:
        raise NotFound from error
    if intent.state != IntentState.CAPTURED:
        raise PaymentNotCaptured
    if intent.method == Method.TRANSFER:
        raise NotRefundableHere
    if intent.refundable < amount:
        raise RefundExceedsPayment(refundable=intent.refundable)
    return intent


def _lock_intent_of(organization_id: UUID, refund_id: UUID) -> PaymentIntent:
    intent_id, request_id = Refund.objects.values_list("intent_id", "intent__request_id").get(
        organization_id=organization_id, id=refund_id
    )
    return _lock_intent(organization_id, intent_id, request_id)


def _lock_intent(organization_id: UUID, intent_id: UUID, request_id: UUID | None) -> PaymentIntent:
    request = lock_request(organization_id=organization_id, request_id=request_id)
    intent = PaymentIntent.objects.select_for_update().get(
        organization_id=organization_id, id=intent_id
    )
    intent.request = request
    return intent


def _captured_attempt(refund: Refund) -> PaymentAttempt:
    return PaymentAttempt.objects.select_related("connection").get(
        organization_id=refund.organization_id,
        intent_id=refund.intent_id,
        state=AttemptState.CAPTURED,
    )
