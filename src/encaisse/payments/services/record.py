"""
Writing what a provider said of a payment, once.

The direct path, the webhook and the sweep all end in `record_payment`. Locks are taken in one
order everywhere: request, intent, attempt, then counters, totals and the audit head.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from encaisse.audit import services as audit
from encaisse.kernel.actor import Actor, ActorKind
from encaisse.kernel.money import Money
from encaisse.kit.clock import paris_date
from encaisse.kit.crypto import seal
from encaisse.kit.events import publish
from encaisse.kit.identifiers import new_id
from encaisse.kit.jobs import enqueue
from encaisse.kit.tenancy import acting_for
from encaisse.ledger.core import Account
from encaisse.payments.core import (
    ATTEMPT_MOVES,
    INTENT_MOVES,
    REQUEST_MOVES,
    AttemptState,
    IntentState,
    RequestState,
    attempt_state_of,
    check_move,
    intent_state_of,
)
from encaisse.payments.errors import ProviderMismatch
from encaisse.payments.events import PaymentCaptured, PaymentRefused
from encaisse.payments.models import (
    AttemptRefusal,
    PaymentAttempt,
    PaymentIntent,
    PaymentRequest,
)
from encaisse.payments.posting import post_capture
from encaisse.payments.services.requests import lock_request, queue_cancellations
from encaisse.providers.contract import ProviderPayment


@dataclass(slots=True)
class _Locked:
    """The rows of one payment, locked in order."""

    attempt: PaymentAttempt
    intent: PaymentIntent
    request: PaymentRequest | None


def record_payment(
    *, organization_id: UUID, attempt_id: UUID, payment: ProviderPayment, now: datetime
) -> AttemptState:
    """
    Bring an attempt to what the provider knows of it. Safe to run any number of times.

    :raises ProviderMismatch: amount, currency, account or reference differ; only audited
    """
    _refuse_mismatch(organization_id, attempt_id, payment, now)
    with acting_for(organization_id):
        locked = _lock(organization_id, attempt_id)
        _note_facts(locked.attempt, payment, now)
        target = attempt_state_of(payment.status)
        source = AttemptState(locked.attempt.state)
        # A move the table does not know is older news than ours: two answers may cross. So is
        # the provider's "authorized" while our capture is on its way.
        capturing = source is AttemptState.CAPTURING and target is AttemptState.AUTHORIZED
        if target in ATTEMPT_MOVES[source] and not capturing:
            # Only a move is news: reading the same again must not make an old doubt look young.
            locked.attempt.updated_at = now
            _move(locked, target)
            locked.attempt.save(update_fields=["state", "updated_at"])
            _react(locked, payment, now)
        locked.attempt.save()
        return AttemptState(locked.attempt.state)


def record_unknown(*, organization_id: UUID, attempt_id: UUID, now: datetime) -> None:
    """Write that the provider may have acted. Nothing else can be charged until it is known."""
    with acting_for(organization_id):
        locked = _lock(organization_id, attempt_id)
        if AttemptState.UNKNOWN in ATTEMPT_MOVES[AttemptState(locked.attempt.state)]:
            _move(locked, AttemptState.UNKNOWN)
            locked.attempt.updated_at = now
            locked.attempt.save(update_fields=["state", "updated_at"])
            _queue("payments.resolve_attempt", locked.attempt)


def record_not_sent(*, organization_id: UUID, attempt_id: UUID, code: str, now: datetime) -> None:
    """Write that the provider holds nothing under this attempt: another one may follow."""
    with acting_for(organization_id):
        locked = _lock(organization_id, attempt_id)
        if locked.attempt.state in {AttemptState.CREATED, AttemptState.UNKNOWN}:
            _move(locked, AttemptState.FAILED)
            locked.attempt.failure, locked.attempt.updated_at = code, now
            locked.attempt.save(update_fields=["state", "failure", "updated_at"])


def _refuse_mismatch(
    organization_id: UUID, attempt_id: UUID, payment: ProviderPayment, now: datetime
) -> None:
    with acting_for(organization_id):
        attempt = PaymentAttempt.objects.select_related("intent", "connection").get(
            organization_id=organization_id, id=attempt_id
        )
        field = _mismatch(attempt, payment)
        if field:
            audit.record(
                organization_id=organization_id,
                actor=Actor(ActorKind.PROVIDER, attempt.connection_id),
                action="payment:mismatch:refused",
                target=f"payment_attempt:{attempt_id}",
                facts={"field": field, "provider_id": payment.provider_id},
                now=now,
            )
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


def _lock(organization_id: UUID, attempt_id: UUID) -> _Locked:
    path = PaymentAttempt.objects.filter(organization_id=organization_id, id=attempt_id)
    intent_id, request_id = path.values_list("intent_id", "intent__request_id").get()
    request = lock_request(organization_id=organization_id, request_id=request_id)
    intent = PaymentIntent.objects.select_for_update().get(
        organization_id=organization_id, id=intent_id
    )
    intent.request = request
    attempt = PaymentAttempt.objects.select_for_update().get(
        organization_id=organization_id, id=attempt_id
    )
    attempt.intent = intent
    return _Locked(attempt, intent, request)


def _note_facts(attempt: PaymentAttempt, payment: ProviderPayment, now: datetime) -> None:
    attempt.provider_id = payment.provider_id
    attempt.expires_at = payment.expires_at
    attempt.checkout_url_sealed = seal(payment.checkout_url, attempt.place("checkout_url"))
    if payment.decline is not None:
        attempt.failure = payment.decline
    if payment.authentication is not None:
        attempt.authentication = payment.authentication.status
        attempt.has_liability_shift = payment.authentication.has_liability_shift
    if payment.card is not None:
        attempt.card_brand = payment.card.brand
        attempt.card_last4 = payment.card.last4
        attempt.card_expiry = f"{payment.card.expiry_month:02d}/{payment.card.expiry_year}"
        attempt.card_country = payment.card.country
        attempt.card_fingerprint = payment.card.fingerprint
    _note_refusals(attempt, payment, now)


def _note_refusals(attempt: PaymentAttempt, payment: ProviderPayment, now: datetime) -> None:
    if not payment.refusals:
        return
    known = AttemptRefusal.objects.filter(
        organization_id=attempt.organization_id, attempt_id=attempt.id
    ).count()
    for position, refusal in enumerate(payment.refusals[known:], start=known):
        AttemptRefusal.objects.create(
            id=new_id(),
            organization_id=attempt.organization_id,
            attempt_id=attempt.id,
            position=position,
            reason=refusal.reason,
            card_last4=refusal.card_last4,
            refused_at=refusal.at,
            created_at=now,
        )
        publish(
            PaymentRefused(
                organization_id=attempt.organization_id,
                attempt_id=attempt.id,
                reason=refusal.reason,
            )
        )


def _move(locked: _Locked, target: AttemptState) -> None:
    """Bring the attempt to its new state and the intent along with it."""
    locked.attempt.state = target
    source, wanted = IntentState(locked.intent.state), intent_state_of(target)
    # A canceled intent is only ever revived by money that arrived all the same.
    if wanted is source or (source is IntentState.CANCELED and wanted is not IntentState.CAPTURED):
        return
    check_move(INTENT_MOVES, source, wanted)
    locked.intent.state = wanted
    locked.intent.save(update_fields=["state"])


def _react(locked: _Locked, payment: ProviderPayment, now: datetime) -> None:
    match locked.attempt.state:
        case AttemptState.AUTHORIZED:
            _capture_or_release(locked)
        case AttemptState.CAPTURED:
            _receive(locked, payment, now)


def _capture_or_release(locked: _Locked) -> None:
    """Take authorized money only if somebody still waits for it."""
    if _is_expected(locked):
        locked.attempt.state = AttemptState.CAPTURING
        _queue("payments.capture_attempt", locked.attempt)
    else:
        _queue("payments.cancel_attempt", locked.attempt)


def _is_expected(locked: _Locked) -> bool:
    request = locked.request
    return (
        request is not None
        and request.state == RequestState.OPEN
        and locked.intent.amount <= request.remaining
    )


def _receive(locked: _Locked, payment: ProviderPayment, now: datetime) -> None:
    """Credit the asker, or "to allocate" when the request was paid or closed meanwhile."""
    intent, request = locked.intent, locked.request
    expected = _is_expected(locked)
    intent.captured_at = payment.occurred_at
    intent.credited_account = Account.TO_ALLOCATE
    if request is not None and expected:
        intent.credited_account = request.credit_account
        add_to_request(request, intent)
        queue_cancellations(organization_id=request.organization_id, request_id=request.id)
    intent.save(update_fields=["captured_at", "credited_account", "is_counted"])
    post_capture(
        intent=intent,
        source=f"payment_attempt:{locked.attempt.id}",
        piece=locked.attempt.provider_id,
        occurred_at=payment.occurred_at,
        now=now,
    )
    announce_capture(intent, request if expected else None, locked.attempt.connection_id, now)


def add_to_request(request: PaymentRequest, intent: PaymentIntent) -> None:
    """
    Count an intent's money as received; a request received in full is paid.

    The caller saves the intent.
    """
    intent.is_counted = True
    request.received_minor += intent.amount_minor
    if not request.remaining:
        check_move(REQUEST_MOVES, RequestState(request.state), RequestState.PAID)
        request.state = RequestState.PAID
    request.save(update_fields=["received_minor", "state"])


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


def _queue(job: str, attempt: PaymentAttempt) -> None:
    enqueue(job, organization_id=attempt.organization_id, attempt_id=attempt.id)
