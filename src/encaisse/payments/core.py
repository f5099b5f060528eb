"""What requests, intents, attempts and refunds may become. The tables are the documentation."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from encaisse.kernel.errors import DomainError
from encaisse.providers.contract import ProviderStatus


class Method(StrEnum):
    """Ways to pay."""

    CARD = "card"
    INSTANT_TRANSFER = "instant_transfer"
    TRANSFER = "transfer"


class RequestState(StrEnum):
    """A request for money, behind a link. PAID is reversible: a lost dispute reopens it."""

    OPEN = "open"
    PAID = "paid"
    CLOSED = "closed"


class IntentState(StrEnum):
    """One way chosen to pay a request. PROCESSING forbids any second charge."""

    OPEN = "open"
    PROCESSING = "processing"
    CAPTURED = "captured"
    CANCELED = "canceled"


class AttemptState(StrEnum):
    """
    One ask of one provider. UNKNOWN is never FAILED: the truth is fetched.

    HELD money is authorized by the payer's bank and waits for somebody of the firm to look.
    """

    CREATED = "created"
    REQUIRES_ACTION = "requires_action"
    PENDING = "pending"
    AUTHORIZED = "authorized"
    HELD = "held"
    CAPTURING = "capturing"
    UNKNOWN = "unknown"
    CAPTURED = "captured"
    FAILED = "failed"
    CANCELED = "canceled"
    EXPIRED = "expired"


class RefundState(StrEnum):
    """RESERVED takes its amount from what can still be refunded before anyone is asked."""

    RESERVED = "reserved"
    PENDING = "pending"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class DisputeState(StrEnum):
    """What the payer's bank contests. UNDER_REVIEW has its answer: there is only one."""

    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"


class AnswerState(StrEnum):
    """
    The firm's one answer to a dispute. SENDING is for good: nobody answers beside it.

    UNKNOWN is never REFUSED: the truth is fetched. REFUSED came to nobody, and may be made again.
    """

    DRAFT = "draft"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    REFUSED = "refused"


class AnswerKind(StrEnum):
    """CONTEST sends the evidence; GIVE_UP lets the payer's bank keep the money."""

    CONTEST = "contest"
    GIVE_UP = "give_up"


_A = AttemptState
_ENDED = {_A.FAILED, _A.CANCELED, _A.EXPIRED}
_AFTER_ASKING = {_A.PENDING, _A.AUTHORIZED, _A.CAPTURED, _A.UNKNOWN, *_ENDED}

REQUEST_MOVES: Mapping[RequestState, frozenset[RequestState]] = {
    RequestState.OPEN: frozenset({RequestState.PAID, RequestState.CLOSED}),
    RequestState.PAID: frozenset({RequestState.OPEN, RequestState.CLOSED}),
    RequestState.CLOSED: frozenset(),
}
INTENT_MOVES: Mapping[IntentState, frozenset[IntentState]] = {
    IntentState.OPEN: frozenset(
        {IntentState.PROCESSING, IntentState.CAPTURED, IntentState.CANCELED}
    ),
    IntentState.PROCESSING: frozenset(
        {IntentState.OPEN, IntentState.CAPTURED, IntentState.CANCELED}
    ),
    IntentState.CAPTURED: frozenset(),
    # Money that still arrives by a closed way is never lost: it is captured, to be allocated.
    IntentState.CANCELED: frozenset({IntentState.CAPTURED}),
}
ATTEMPT_MOVES: Mapping[AttemptState, frozenset[AttemptState]] = {
    _A.CREATED: frozenset({_A.REQUIRES_ACTION, *_AFTER_ASKING}),
    _A.REQUIRES_ACTION: frozenset(_AFTER_ASKING),
    _A.PENDING: frozenset({_A.AUTHORIZED, _A.CAPTURED, *_ENDED}),
    _A.AUTHORIZED: frozenset({_A.HELD, _A.CAPTURING, _A.CAPTURED, _A.UNKNOWN, *_ENDED}),
    _A.HELD: frozenset({_A.CAPTURING, _A.CAPTURED, *_ENDED}),
    _A.CAPTURING: frozenset({_A.AUTHORIZED, _A.CAPTURED, _A.UNKNOWN, *_ENDED}),
    _A.UNKNOWN: frozenset({_A.REQUIRES_ACTION, _A.PENDING, _A.AUTHORIZED, _A.CAPTURED, *_ENDED}),
    _A.CAPTURED: frozenset(),
    # What we took for ended may still turn out paid: a cancel and a capture can cross.
    _A.FAILED: frozenset({_A.CAPTURED}),
    _A.CANCELED: frozenset({_A.CAPTURED}),
    _A.EXPIRED: frozenset({_A.CAPTURED}),
}
REFUND_MOVES: Mapping[RefundState, frozenset[RefundState]] = {
    RefundState.RESERVED: frozenset(set(RefundState) - {RefundState.RESERVED}),
    RefundState.PENDING: frozenset({RefundState.SUCCEEDED, RefundState.FAILED}),
    RefundState.UNKNOWN: frozenset(
        {RefundState.PENDING, RefundState.SUCCEEDED, RefundState.FAILED}
    ),
    RefundState.SUCCEEDED: frozenset(),
    # What was refused may turn out done: a refusal can answer a repeated ask.
    RefundState.FAILED: frozenset({RefundState.SUCCEEDED}),
}
_D, _W = DisputeState, AnswerState
DISPUTE_MOVES: Mapping[DisputeState, frozenset[DisputeState]] = {
    _D.NEEDS_RESPONSE: frozenset({_D.UNDER_REVIEW, _D.WON, _D.LOST}),
    _D.UNDER_REVIEW: frozenset({_D.WON, _D.LOST}),
    _D.WON: frozenset(),
    _D.LOST: frozenset(),
}
ANSWER_MOVES: Mapping[AnswerState, frozenset[AnswerState]] = {
    _W.DRAFT: frozenset({_W.SENDING}),
    _W.SENDING: frozenset({_W.UNKNOWN, _W.SENT, _W.REFUSED}),
    _W.UNKNOWN: frozenset({_W.SENT, _W.REFUSED}),
    _W.SENT: frozenset(),
    _W.REFUSED: frozenset({_W.SENDING}),
}
OPEN_DISPUTES = frozenset({_D.NEEDS_RESPONSE, _D.UNDER_REVIEW})
UNSETTLED_ANSWERS = frozenset({_W.SENDING, _W.UNKNOWN})

LIVE_ATTEMPTS = frozenset(
    {
        _A.CREATED,
        _A.REQUIRES_ACTION,
        _A.PENDING,
        _A.AUTHORIZED,
        _A.HELD,
        _A.CAPTURING,
        _A.UNKNOWN,
    }
)
LIVE_INTENTS = frozenset({IntentState.OPEN, IntentState.PROCESSING})
UNSETTLED_REFUNDS = frozenset({RefundState.RESERVED, RefundState.PENDING, RefundState.UNKNOWN})

_STATE_OF_STATUS: Mapping[ProviderStatus, AttemptState] = {
    ProviderStatus.REQUIRES_ACTION: _A.REQUIRES_ACTION,
    ProviderStatus.PENDING: _A.PENDING,
    ProviderStatus.AUTHORIZED: _A.AUTHORIZED,
    ProviderStatus.CAPTURED: _A.CAPTURED,
    ProviderStatus.CANCELED: _A.CANCELED,
    ProviderStatus.FAILED: _A.FAILED,
    ProviderStatus.EXPIRED: _A.EXPIRED,
}


class IllegalTransition(DomainError):
    """What is {source} cannot become {target}."""

    code = "payment_illegal_transition"
    status = 409
    french = "Cet état ne permet pas cette action ({source} → {target})."


_S = TypeVar("_S", bound=StrEnum)


def check_move(table: Mapping[_S, frozenset[_S]], source: _S, target: _S) -> None:
    """:raises IllegalTransition: the table does not allow the move"""
    if target not in table[source]:
        raise IllegalTransition(source=source, target=target)


def attempt_state_of(status: ProviderStatus) -> AttemptState:
    return _STATE_OF_STATUS[status]


def intent_state_of(attempt: AttemptState) -> IntentState:
    """Return what an intent is while its latest attempt is in this state."""
    match attempt:
        case AttemptState.CAPTURED:
            return IntentState.CAPTURED
        case AttemptState.REQUIRES_ACTION | AttemptState.FAILED | AttemptState.EXPIRED:
            return IntentState.OPEN
        case AttemptState.CANCELED:
            return IntentState.CANCELED
        case _:
            return IntentState.PROCESSING
