"""Contested payments: money withheld, given back or lost."""

from datetime import datetime
from uuid import UUID

from encaisse.audit import services as audit
from encaisse.fraud.core.cases import Label, LabelSource
from encaisse.fraud.services.labels import learn
from encaisse.fraud.services.shared import report_lost_dispute
from encaisse.kernel.actor import Actor, ActorKind
from encaisse.kernel.errors import NotFound
from encaisse.kernel.money import Currency, Money
from encaisse.kit.clock import paris_date
from encaisse.kit.events import publish
from encaisse.kit.gathering import gathered
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for
from encaisse.payments.core import (
    DISPUTE_MOVES,
    UNSETTLED_ANSWERS,
    AnswerState,
    AttemptState,
    DisputeState,
)
from encaisse.payments.events import DisputeClosed, DisputeOpened, PaymentReversed
from encaisse.payments.models import Dispute, DisputeAnswer, PaymentAttempt, PaymentIntent
from encaisse.payments.posting import post_dispute
from encaisse.payments.queries import attempts_at_account
from encaisse.payments.services.counting import take_from_request
from encaisse.payments.services.requests import lock_request
from encaisse.providers.contract import ProviderDispute

# As providers word "I did not make this payment"; other reasons are quarrels about the work.
FRAUD_REASONS = frozenset({"fraudulent", "fraud", "unrecognized"})
_STATES = {state.value: state for state in DisputeState}


def record_dispute(
    *, organization_id: UUID, connection_id: UUID, dispute: ProviderDispute, now: datetime
) -> Dispute:
    """
    Write what the provider says of a dispute, once per state. A lost one reopens what was paid.

    :raises NotFound: the payment is not one of ours
    """
    with acting_for(organization_id), gathered():
        intent = _lock(organization_id, connection_id, dispute.provider_payment_id)
        row = _opened(organization_id, connection_id, intent, dispute, now)
        row.intent = intent
        target = _STATES[dispute.status.value]
        if target not in DISPUTE_MOVES[DisputeState(row.state)]:
            return row
        if target is DisputeState.UNDER_REVIEW:
            _review(row, now)
        else:
            _close(row, target, now)
    return row


def _lock(organization_id: UUID, connection_id: UUID, provider_payment_id: str) -> PaymentIntent:
    attempt = (
        attempts_at_account(organization_id=organization_id, connection_id=connection_id)
        .select_related("intent")
        .filter(provider_id=provider_payment_id)
        .first()
    )
    if attempt is None:
        raise NotFound
    request = lock_request(organization_id=organization_id, request_id=attempt.intent.request_id)
    intent = PaymentIntent.objects.select_for_update().get(
        organization_id=organization_id, id=attempt.intent_id
    )
    intent.request = request
    return intent


def _opened(
    organization_id: UUID,
    connection_id: UUID,
    intent: PaymentIntent,
    dispute: ProviderDispute,
    now: datetime,
) -> Dispute:
    """Return the dispute's row; the first time, withhold its amount."""
    row, created = Dispute.objects.get_or_create(
        organization_id=organization_id,
        connection_id=connection_id,
        provider_id=dispute.provider_id,
        defaults={
            "id": new_id(),
            "intent": intent,
            "amount_minor": dispute.amount.minor,
            "currency": dispute.amount.currency,
            "reason": dispute.reason[:60],
            "state": DisputeState.NEEDS_RESPONSE,
            "evidence_due_at": dispute.evidence_due_at,
            "created_at": dispute.opened_at,
        },
    )
    row.intent = intent
    if created:
        intent.disputed_minor += row.amount_minor
        intent.save(update_fields=["disputed_minor"])
        post_dispute(dispute=row, reason="opened", now=now)
        _learn(row, Label.FRAUD, now)
        publish(
            DisputeOpened(organization_id=organization_id, dispute_id=row.id, intent_id=intent.id)
        )
        _audit(row, "dispute:opened", now)
    return row


def _review(row: Dispute, now: datetime) -> None:
    """Our answer reached the payer's bank: its money stays withheld until it is decided."""
    row.state = DisputeState.UNDER_REVIEW
    row.save(update_fields=["state"])
    DisputeAnswer.objects.filter(
        organization_id=row.organization_id, dispute=row, state__in=sorted(UNSETTLED_ANSWERS)
    ).update(state=AnswerState.SENT, updated_at=now)
    _audit(row, f"dispute:{row.state}", now)


def _close(row: Dispute, outcome: DisputeState, now: datetime) -> None:
    row.state, row.closed_at = outcome, now
    row.save(update_fields=["state", "closed_at"])
    post_dispute(dispute=row, reason=outcome.value, now=now)
    if outcome is DisputeState.WON:
        row.intent.disputed_minor -= row.amount_minor
        row.intent.save(update_fields=["disputed_minor"])
        _learn(row, Label.HONEST, now)
    else:
        _reopen(row, now)
        _report_lost(row, now)
    publish(
        DisputeClosed(
            organization_id=row.organization_id,
            dispute_id=row.id,
            intent_id=row.intent_id,
            outcome=outcome,
        )
    )
    _audit(row, f"dispute:{outcome}", now)


def _report_lost(row: Dispute, now: datetime) -> None:
    """Tell the other firms of the host, where this one shares: the bank had the last word."""
    paid = _paid(row)
    if row.reason in FRAUD_REASONS and paid is not None:
        report_lost_dispute(organization_id=row.organization_id, passage_id=paid.id, now=now)


def _paid(row: Dispute) -> PaymentAttempt | None:
    return PaymentAttempt.objects.filter(
        organization_id=row.organization_id, intent=row.intent, state=AttemptState.CAPTURED
    ).first()


def _learn(row: Dispute, label: Label, now: datetime) -> None:
    """Tell the fraud engine what the bank says of a payment: only fraud is its business."""
    paid = _paid(row)
    if row.reason in FRAUD_REASONS and paid is not None:
        learn(
            organization_id=row.organization_id,
            passage_id=paid.id,
            label=label,
            source=LabelSource.DISPUTE,
            now=now,
        )


def _reopen(row: Dispute, now: datetime) -> None:
    """`paid` is reversible: the customer owes the amount again, by the same link."""
    request = take_from_request(row.intent, Money(row.amount_minor, Currency(row.currency)))
    publish(
        PaymentReversed(
            organization_id=row.organization_id,
            intent_id=row.intent_id,
            dispute_id=row.id,
            request_id=request.id if request else None,
            reference_kind=request.reference_kind if request else "",
            reference_id=request.reference_id if request else None,
            amount_minor=row.amount_minor,
            currency=row.currency,
            occurred_on=paris_date(now),
        )
    )


def _audit(row: Dispute, action: str, now: datetime) -> None:
    audit.record(
        organization_id=row.organization_id,
        actor=Actor(ActorKind.PROVIDER, row.connection_id),
        action=action,
        target=f"payment:{row.intent_id}",
        facts={"amount_minor": row.amount_minor, "reason": row.reason},
        now=now,
    )
