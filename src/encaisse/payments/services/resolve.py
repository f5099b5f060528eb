"""Taking, releasing and finding out: what we ask a provider about an attempt already made."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from encaisse.kernel.money import Money
from encaisse.kit.tenancy import acting_for
from encaisse.payments.core import LIVE_ATTEMPTS, AttemptState
from encaisse.payments.models import PaymentAttempt
from encaisse.payments.services.record import record_not_sent, record_payment, record_unknown
from encaisse.providers.contract import (
    ProviderOutcomeUnknown,
    ProviderPayment,
    ProviderRejected,
)
from encaisse.providers.models import Connection
from encaisse.providers.queries import connection_in_use, plugin_for
from encaisse.providers.registry import Plugin

# A request still travelling when we looked may arrive after; three times the longest we wait for
# an answer, it never will.
_NEVER_ARRIVED_AFTER = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is needed to ask about an attempt, read before any asking."""

    state: AttemptState
    provider_id: str
    amount: Money
    created_at: datetime
    connection: Connection

    def open(self) -> Plugin:
        return plugin_for(self.connection)


def capture_attempt(*, organization_id: UUID, attempt_id: UUID, now: datetime) -> AttemptState:
    """
    Take authorized money, once: the key is the attempt's. Asks outside any transaction.

    :raises ProviderUnavailable: nothing was sent; the job tries again
    """
    asked = _read(organization_id, attempt_id)
    if asked.state is not AttemptState.CAPTURING:
        return asked.state
    try:
        payment = asked.open().capture(
            provider_payment_id=asked.provider_id,
            amount=asked.amount,
            idempotency_key=f"{attempt_id}:capture",
        )
    except ProviderOutcomeUnknown:
        record_unknown(organization_id=organization_id, attempt_id=attempt_id, now=now)
        return AttemptState.UNKNOWN
    except ProviderRejected:
        return resolve_attempt(organization_id=organization_id, attempt_id=attempt_id, now=now)
    return record_payment(
        organization_id=organization_id, attempt_id=attempt_id, payment=payment, now=now
    )


def cancel_attempt(*, organization_id: UUID, attempt_id: UUID, now: datetime) -> AttemptState:
    """
    Close an open checkout or release authorized money; if it is too late, learn the truth.

    :raises ProviderUnavailable: nothing was sent; the job tries again
    """
    asked = _read(organization_id, attempt_id)
    if asked.state not in LIVE_ATTEMPTS:
        return asked.state
    if not asked.provider_id:
        return resolve_attempt(organization_id=organization_id, attempt_id=attempt_id, now=now)
    try:
        payment = asked.open().cancel(
            provider_payment_id=asked.provider_id, idempotency_key=f"{attempt_id}:cancel"
        )
    except ProviderRejected:
        return resolve_attempt(organization_id=organization_id, attempt_id=attempt_id, now=now)
    except ProviderOutcomeUnknown:
        record_unknown(organization_id=organization_id, attempt_id=attempt_id, now=now)
        return AttemptState.UNKNOWN
    return record_payment(
        organization_id=organization_id, attempt_id=attempt_id, payment=payment, now=now
    )


def close_page(*, organization_id: UUID, attempt_id: UUID, now: datetime) -> AttemptState:
    """
    Close a page where the payer has not paid yet; money that moves meanwhile is left alone.

    :raises ProviderUnavailable: nothing was sent; the job tries again
    """
    asked = _read(organization_id, attempt_id)
    if asked.state is not AttemptState.REQUIRES_ACTION:
        return asked.state
    return cancel_attempt(organization_id=organization_id, attempt_id=attempt_id, now=now)


def resolve_attempt(*, organization_id: UUID, attempt_id: UUID, now: datetime) -> AttemptState:
    """
    Ask the provider what became of an attempt and record it.

    :raises ProviderError: the provider could not be asked; the attempt stays as it is
    """
    asked = _read(organization_id, attempt_id)
    payment = _look_up(asked, attempt_id)
    if payment is not None:
        state = record_payment(
            organization_id=organization_id, attempt_id=attempt_id, payment=payment, now=now
        )
        if state is AttemptState.CAPTURING and asked.state is not AttemptState.CAPTURING:
            return capture_attempt(organization_id=organization_id, attempt_id=attempt_id, now=now)
        return state
    if now - asked.created_at > _NEVER_ARRIVED_AFTER:
        record_not_sent(
            organization_id=organization_id, attempt_id=attempt_id, code="never_arrived", now=now
        )
        return AttemptState.FAILED
    return asked.state


def _look_up(asked: _Asked, attempt_id: UUID) -> ProviderPayment | None:
    if asked.provider_id:
        found = asked.open().fetch_payments([asked.provider_id])
        return found[0] if found else None
    return asked.open().find_payment(str(attempt_id))


def _read(organization_id: UUID, attempt_id: UUID) -> _Asked:
    with acting_for(organization_id):
        attempt = PaymentAttempt.objects.select_related("intent", "connection").get(
            organization_id=organization_id, id=attempt_id
        )
        return _Asked(
            state=AttemptState(attempt.state),
            provider_id=attempt.provider_id,
            amount=attempt.intent.amount,
            created_at=attempt.created_at,
            connection=connection_in_use(attempt.connection),
        )
