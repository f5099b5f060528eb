"""Payments told to the fraud engine, and what its verdicts mean for them."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from encaisse.counterparties.queries import phone_of
from encaisse.fraud.services.arrivals import Answer, Arrival, Card, Outcome, Payer
from encaisse.kit.jobs import enqueue
from encaisse.payments.core import AttemptState, Method
from encaisse.payments.models import PaymentAttempt, PaymentRequest
from encaisse.providers.contract import DeclineReason, ProviderPayment, Refusal
from encaisse.providers.registry import has_network_fingerprint


def arrival_of(
    request: PaymentRequest | None, attempt_id: UUID, method: Method, payer: Payer, cents: int = 0
) -> Arrival:
    """Return what is known of whoever pays a request; money that came by itself has no link."""
    customer = request.counterparty if request else None
    return Arrival(
        passage_id=attempt_id,
        cents=request.remaining.minor if request and not cents else cents,
        method=method,
        payer=payer,
        link_id=request.id if request else None,
        link_since=request.created_at if request else None,
        customer_id=customer.id if customer else None,
        customer_since=customer.created_at if customer else None,
        email=customer.email if customer else "",
        country=customer.country if customer else "",
        phone=phone_of(customer) if customer else "",
    )


def answer_of(attempt: PaymentAttempt, payment: ProviderPayment) -> Answer:
    """Return what the payer's bank agreed to."""
    proof = payment.authentication
    return Answer(
        arrival=_arrival_of_attempt(attempt),
        card=_card_of(attempt, payment),
        authentication=proof.status if proof else "",
        has_liability_shift=proof.has_liability_shift if proof else None,
        intent_id=attempt.intent_id,
        deadline_at=payment.capture_before,
    )


def paid_outcome_of(attempt: PaymentAttempt, payment: ProviderPayment) -> Outcome:
    """Return a payment taken without a decision of ours, such as a transfer."""
    return Outcome(arrival=_arrival_of_attempt(attempt), card=_card_of(attempt, payment))


def refused_outcome_of(attempt: PaymentAttempt, refusal: Refusal) -> Outcome:
    """Return one try that the payer's bank refused."""
    return Outcome(
        arrival=_arrival_of_attempt(attempt),
        card=Card(fingerprint=refusal.card_fingerprint, country=refusal.card_country),
        is_refused=True,
        is_lost_or_stolen=refusal.reason is DeclineReason.LOST_OR_STOLEN,
    )


def suspend_cards(requests: Iterable[PaymentRequest], *, now: datetime) -> None:
    """Let locked requests take no card until somebody has looked."""
    for request in requests:
        request.suspended_at = now
        request.save(update_fields=["suspended_at"])


def close_open_pages(organization_id: UUID, request_ids: Collection[UUID]) -> None:
    """Queue the closing of the pages where a card may still be tried for suspended requests."""
    pages = PaymentAttempt.objects.filter(
        organization_id=organization_id,
        intent__request_id__in=request_ids,
        intent__method=Method.CARD,
        state=AttemptState.REQUIRES_ACTION,
    )
    for attempt_id in pages.values_list("id", flat=True):
        enqueue("payments.close_page", organization_id=organization_id, attempt_id=attempt_id)


def _arrival_of_attempt(attempt: PaymentAttempt) -> Arrival:
    intent = attempt.intent
    return arrival_of(
        intent.request, attempt.id, Method(intent.method), Payer(), intent.amount_minor
    )


def _card_of(attempt: PaymentAttempt, payment: ProviderPayment) -> Card:
    card = payment.card
    if card is None:
        return Card()
    return Card(
        fingerprint=card.fingerprint,
        country=card.country,
        is_same_everywhere=has_network_fingerprint(provider=attempt.connection.provider),
    )
