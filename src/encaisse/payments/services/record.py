"""
Writing what a provider said of a payment, once.

The direct path, the webhook and the sweep all end in `record_payment`. Locks are taken in one
order everywhere: request, intent, attempt, then counters, totals and the audit head.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from encaisse.fraud.core.verdicts import Verdict
from encaisse.fraud.services.cases import end_case_of
from encaisse.fraud.services.judge import judge_answers, note_outcomes
from encaisse.kit.bulk import update_all
from encaisse.kit.clock import paris_date
from encaisse.kit.crypto import seal
from encaisse.kit.events import publish
from encaisse.kit.gathering import gathered
from encaisse.kit.identifiers import new_id
from encaisse.kit.jobs import enqueue
from encaisse.kit.tenancy import acting_for
from encaisse.ledger.core import Account
from encaisse.payments.core import (
    ATTEMPT_MOVES,
    INTENT_MOVES,
    AttemptState,
    IntentState,
    RequestState,
    attempt_state_of,
    check_move,
    intent_state_of,
)
from encaisse.payments.errors import ProviderMismatch
from encaisse.payments.events import PaymentRefused
from encaisse.payments.models import (
    AttemptRefusal,
    PaymentAttempt,
    PaymentIntent,
    PaymentRequest,
)
from encaisse.payments.posting import post_capture
from encaisse.payments.services.counting import announce_capture, count_on_request
from encaisse.payments.services.mismatch import audit_mismatch, refuse_mismatch
from encaisse.payments.services.requests import lock_requests_by_id, queue_cancellations
from encaisse.payments.services.weighing import (
    answer_of,
    close_open_pages,
    paid_outcome_of,
    refused_outcome_of,
    suspend_cards,
)
from encaisse.providers.contract import ProviderPayment, ProviderStatus, Refusal

_ENDINGS = frozenset({ProviderStatus.CANCELED, ProviderStatus.FAILED, ProviderStatus.EXPIRED})

# What an answer of the provider may change in an attempt.
_ATTEMPT_FIELDS = (
    "state",
    "updated_at",
    "provider_id",
    "expires_at",
    "capture_before",
    "checkout_url_sealed",
    "failure",
    "authentication",
    "has_liability_shift",
    "card_brand",
    "card_last4",
    "card_expiry",
    "card_country",
    "card_fingerprint",
)


@dataclass(slots=True)
class _Locked:
    """The rows of one payment, locked in order."""

    attempt: PaymentAttempt
    intent: PaymentIntent
    request: PaymentRequest | None
    is_received: bool = False  # its money was counted on its request just now
    verdict: Verdict = Verdict.HOLD  # what is done once its bank agreed


def record_payment(
    *, organization_id: UUID, attempt_id: UUID, payment: ProviderPayment, now: datetime
) -> AttemptState:
    """
    Bring an attempt to what the provider knows of it. Safe to run any number of times.

    :raises ProviderMismatch: amount, currency, account or reference differ; only audited
    """
    try:
        states = record_payments(
            organization_id=organization_id, payments={attempt_id: payment}, now=now
        )
    except ProviderMismatch as error:
        audit_mismatch(organization_id, attempt_id, payment, error, now)
        raise
    return states[attempt_id]


def record_payments(
    *, organization_id: UUID, payments: Mapping[UUID, ProviderPayment], now: datetime
) -> dict[UUID, AttemptState]:
    """
    Bring a batch of attempts to what the provider knows of them, all or none.

    :raises ProviderMismatch: one of them contradicts what we asked; nothing is written
    """
    with acting_for(organization_id), gathered():
        rows = _lock(organization_id, list(payments))
        for locked in rows:
            refuse_mismatch(locked.attempt, payments[locked.attempt.id])
        fresh = _note_refusals(rows, payments, now)
        closing = _weigh(organization_id, rows, payments, fresh, now)
        for locked in rows:
            _bring(locked, payments[locked.attempt.id], now)
        _save(organization_id, rows)
        close_open_pages(organization_id, closing)
        return {locked.attempt.id: AttemptState(locked.attempt.state) for locked in rows}


def _weigh(
    organization_id: UUID,
    rows: Sequence[_Locked],
    payments: Mapping[UUID, ProviderPayment],
    refused: Sequence[tuple[PaymentAttempt, Refusal]],
    now: datetime,
) -> set[UUID]:
    """
    Tell the fraud engine what became of each try, and hear what is done with authorized money.

    Refusals first: they came before, and closing their link lets nothing more through. Return
    the requests that take no card any more.
    """
    told = [(row, payments[row.attempt.id]) for row in rows]
    news = [(row, payment) for row, payment in told if _is_news(row, payment)]
    agreed = [
        (row, payment) for row, payment in news if payment.status is ProviderStatus.AUTHORIZED
    ]
    taken = [(row, payment) for row, payment in news if _is_taken_unweighed(row, payment)]
    outcomes = [refused_outcome_of(attempt, refusal) for attempt, refusal in refused]
    outcomes += [paid_outcome_of(row.attempt, payment) for row, payment in taken]
    closing = note_outcomes(organization_id=organization_id, outcomes=outcomes, now=now)
    requests = {row.request.id: row.request for row in rows if row.request}
    suspend_cards([request for id_, request in requests.items() if id_ in closing], now=now)
    answers = [answer_of(row.attempt, payment) for row, payment in agreed]
    judged = judge_answers(organization_id=organization_id, answers=answers, now=now)
    for row, _payment in agreed:
        row.verdict = judged[row.attempt.id].verdict
    _end_cases(organization_id, news, now)
    return closing


def _end_cases(
    organization_id: UUID, news: Sequence[tuple[_Locked, ProviderPayment]], now: datetime
) -> None:
    """Close the cases of money let go, or taken on the provider's own pages: it is settled."""
    for row, payment in news:
        if row.attempt.state == AttemptState.HELD:
            is_taken = payment.status not in _ENDINGS
            end_case_of(
                organization_id=organization_id,
                passage_id=row.attempt.id,
                is_taken=is_taken,
                now=now,
            )


def _is_news(locked: _Locked, payment: ProviderPayment) -> bool:
    """Whether the provider tells a move that we did not make yet."""
    target = attempt_state_of(payment.status)
    source = AttemptState(locked.attempt.state)
    # A move the table does not know is older news than ours: two answers may cross. So is
    # the provider's "authorized" while our capture is on its way.
    capturing = source is AttemptState.CAPTURING and target is AttemptState.AUTHORIZED
    return target in ATTEMPT_MOVES[source] and not capturing


def _is_taken_unweighed(locked: _Locked, payment: ProviderPayment) -> bool:
    weighed = {AttemptState.AUTHORIZED, AttemptState.HELD, AttemptState.CAPTURING}
    return payment.status is ProviderStatus.CAPTURED and locked.attempt.state not in weighed


def _bring(locked: _Locked, payment: ProviderPayment, now: datetime) -> None:
    _note_facts(locked.attempt, payment)
    # Only a move is news: reading the same again must not make an old doubt look young.
    if _is_news(locked, payment):
        locked.attempt.updated_at = now
        _move(locked, attempt_state_of(payment.status))
        _react(locked, payment, now)


def _save(organization_id: UUID, rows: Sequence[_Locked]) -> None:
    """Write what changed in locked rows, then close what else the payers had opened."""
    requests = {row.request.id: row.request for row in rows if row.request}
    update_all(requests.values(), ["received_minor", "state"])
    intents = {row.intent.id: row.intent for row in rows}
    update_all(intents.values(), ["state", "captured_at", "credited_account", "is_counted"])
    update_all([row.attempt for row in rows], _ATTEMPT_FIELDS)
    received = [row.request.id for row in rows if row.request and row.is_received]
    queue_cancellations(organization_id=organization_id, request_ids=received)


def take_held(*, organization_id: UUID, attempt_id: UUID, now: datetime) -> None:
    """Take held money that somebody let through, or let it go where nobody waits for it now."""
    with acting_for(organization_id):
        [locked] = _lock(organization_id, [attempt_id])
        if locked.attempt.state != AttemptState.HELD:
            return
        locked.verdict = Verdict.ALLOW
        _capture_or_release(locked)
        locked.attempt.updated_at = now
        _save(organization_id, [locked])


def record_unknown(*, organization_id: UUID, attempt_id: UUID, now: datetime) -> None:
    """Write that the provider may have acted. Nothing else can be charged until it is known."""
    with acting_for(organization_id):
        [locked] = _lock(organization_id, [attempt_id])
        if AttemptState.UNKNOWN in ATTEMPT_MOVES[AttemptState(locked.attempt.state)]:
            _move(locked, AttemptState.UNKNOWN)
            locked.attempt.updated_at = now
            _save(organization_id, [locked])
            _queue("payments.resolve_attempt", locked.attempt)


def record_not_sent(*, organization_id: UUID, attempt_id: UUID, code: str, now: datetime) -> None:
    """Write that the provider holds nothing under this attempt: another one may follow."""
    with acting_for(organization_id):
        [locked] = _lock(organization_id, [attempt_id])
        if locked.attempt.state in {AttemptState.CREATED, AttemptState.UNKNOWN}:
            _move(locked, AttemptState.FAILED)
            locked.attempt.failure, locked.attempt.updated_at = code, now
            _save(organization_id, [locked])


def _lock(organization_id: UUID, attempt_ids: Sequence[UUID]) -> list[_Locked]:
    """Lock payments in the one order: requests, then intents, then attempts, each by identifier."""
    paths = list(
        PaymentAttempt.objects.filter(
            organization_id=organization_id, id__in=attempt_ids
        ).values_list("intent_id", "intent__request_id")
    )
    requests = lock_requests_by_id(
        organization_id=organization_id,
        request_ids={request_id for _, request_id in paths if request_id},
    )
    intents = {
        row.id: row
        for row in PaymentIntent.objects.select_for_update()
        .filter(organization_id=organization_id, id__in={intent_id for intent_id, _ in paths})
        .order_by("id")
    }
    for intent in intents.values():
        intent.request = requests.get(intent.request_id)
    attempts = (
        PaymentAttempt.objects.select_for_update(of=("self",))
        .select_related("connection")
        .filter(organization_id=organization_id, id__in=attempt_ids)
        .order_by("id")
    )
    rows = []
    for attempt in attempts:
        attempt.intent = intents[attempt.intent_id]
        rows.append(_Locked(attempt, attempt.intent, attempt.intent.request))
    return rows


def _note_facts(attempt: PaymentAttempt, payment: ProviderPayment) -> None:
    attempt.provider_id = payment.provider_id
    attempt.expires_at = payment.expires_at
    attempt.capture_before = payment.capture_before
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


def _note_refusals(
    rows: Sequence[_Locked], payments: Mapping[UUID, ProviderPayment], now: datetime
) -> list[tuple[PaymentAttempt, Refusal]]:
    """Add, and return, the refusals not yet known: the provider lists each attempt's in order."""
    refused = [row.attempt for row in rows if payments[row.attempt.id].refusals]
    if not refused:
        return []
    known = Counter(
        AttemptRefusal.objects.filter(
            organization_id=refused[0].organization_id, attempt__in=refused
        ).values_list("attempt_id", flat=True)
    )
    fresh = [
        (attempt, position, refusal)
        for attempt in refused
        for position, refusal in enumerate(payments[attempt.id].refusals)
        if position >= known[attempt.id]
    ]
    rows_of_refusals = [
        AttemptRefusal(
            id=new_id(),
            organization_id=attempt.organization_id,
            attempt_id=attempt.id,
            position=position,
            reason=refusal.reason,
            card_last4=refusal.card_last4,
            refused_at=refusal.at,
            created_at=now,
        )
        for attempt, position, refusal in fresh
    ]
    for row in AttemptRefusal.objects.bulk_create(rows_of_refusals):
        publish(
            PaymentRefused(
                organization_id=row.organization_id,
                attempt_id=row.attempt_id,
                reason=row.reason,
                occurred_on=paris_date(row.refused_at),
            )
        )
    return [(attempt, refusal) for attempt, _, refusal in fresh]


def _move(locked: _Locked, target: AttemptState) -> None:
    """Bring the attempt to its new state and the intent along with it."""
    locked.attempt.state = target
    source, wanted = IntentState(locked.intent.state), intent_state_of(target)
    # A canceled intent is only ever revived by money that arrived all the same.
    if wanted is source or (source is IntentState.CANCELED and wanted is not IntentState.CAPTURED):
        return
    check_move(INTENT_MOVES, source, wanted)
    locked.intent.state = wanted


def _react(locked: _Locked, payment: ProviderPayment, now: datetime) -> None:
    match locked.attempt.state:
        case AttemptState.AUTHORIZED:
            _capture_or_release(locked)
        case AttemptState.CAPTURED:
            _receive(locked, payment, now)


def _capture_or_release(locked: _Locked) -> None:
    """Take authorized money if somebody still waits for it and nothing in it surprises."""
    if not _is_expected(locked) or locked.verdict is Verdict.BLOCK:
        _queue("payments.cancel_attempt", locked.attempt)
    elif locked.verdict is Verdict.HOLD:
        locked.attempt.state = AttemptState.HELD
    else:
        locked.attempt.state = AttemptState.CAPTURING
        _queue("payments.capture_attempt", locked.attempt)


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
        count_on_request(request, intent)
        locked.is_received = True
    post_capture(
        intent=intent,
        source=f"payment_attempt:{locked.attempt.id}",
        piece=locked.attempt.provider_id,
        occurred_at=payment.occurred_at,
        now=now,
    )
    announce_capture(intent, request if expected else None, locked.attempt.connection_id, now)


def _queue(job: str, attempt: PaymentAttempt) -> None:
    enqueue(job, organization_id=attempt.organization_id, attempt_id=attempt.id)
