"""Where the money of a payment is now. Pure."""

from datetime import date

from encaisse.kernel.bank_days import after_bank_days, bank_day_from
from encaisse.kernel.money import Money
from encaisse.payments.core import (
    OPEN_DISPUTES,
    AttemptState,
    DisputeState,
    IntentState,
    Method,
    RefundState,
)
from encaisse.reporting.story.facts import (
    DisputeFact,
    Ending,
    EndingKind,
    LineFact,
    PaymentFacts,
    TryFact,
)

_WAITING_REFUNDS = {RefundState.RESERVED, RefundState.PENDING, RefundState.UNKNOWN}
_K = EndingKind
_BEFORE_CAPTURE = {
    AttemptState.REQUIRES_ACTION: _K.WITH_PAYER,
    AttemptState.CREATED: _K.UNKNOWN,
    AttemptState.UNKNOWN: _K.UNKNOWN,
    AttemptState.PENDING: _K.UNDER_WAY,
    AttemptState.AUTHORIZED: _K.RESERVED,
    AttemptState.HELD: _K.RESERVED,
    AttemptState.CAPTURING: _K.RESERVED,
}


def ending_of(facts: PaymentFacts) -> Ending:
    """Say where the money is: a dispute and a refund come before where it had been."""
    provider = facts.tries[-1].provider if facts.tries else ""
    if facts.state != IntentState.CAPTURED:
        return Ending(kind=_before_capture(facts.tries), provider=provider)
    return _contested(facts, provider) or _returned(facts, provider) or _placed(facts, provider)


def _before_capture(tries: tuple[TryFact, ...]) -> EndingKind:
    """A doubt on any try is a doubt on the payment."""
    kinds = [_BEFORE_CAPTURE.get(AttemptState(each.state), _K.NOTHING_TAKEN) for each in tries]
    if _K.UNKNOWN in kinds:
        return _K.UNKNOWN
    return kinds[-1] if kinds else _K.NOTHING_TAKEN


def _contested(facts: PaymentFacts, provider: str) -> Ending | None:
    waiting = [each for each in facts.disputes if each.state in OPEN_DISPUTES]
    if waiting:
        to_answer = [each for each in waiting if each.state == DisputeState.NEEDS_RESPONSE]
        due_on = min((each.due_on for each in to_answer if each.due_on), default=None)
        return Ending(kind=_K.DISPUTED, provider=provider, on=due_on)
    if _lost(facts.disputes).minor >= facts.amount.minor:
        return Ending(kind=_K.LOST, provider=provider)
    return None


def _lost(disputes: tuple[DisputeFact, ...]) -> Money:
    return Money.total(each.amount for each in disputes if each.state == DisputeState.LOST)


def _returned(facts: PaymentFacts, provider: str) -> Ending | None:
    """A refund that still travels is told first: it must not be asked a second time."""
    returned = _refunded(facts)
    if any(each.state in _WAITING_REFUNDS for each in facts.refunds):
        return Ending(kind=_K.REFUNDING, provider=provider, returned=returned or None)
    if returned.minor >= facts.amount.minor:
        return Ending(kind=_K.REFUNDED, provider=provider, returned=returned)
    return None


def _refunded(facts: PaymentFacts) -> Money:
    done = [each.amount for each in facts.refunds if each.state == RefundState.SUCCEEDED]
    return Money.total(done) + _lost(facts.disputes)


def _placed(facts: PaymentFacts, provider: str) -> Ending:
    arrival = arrival_of(facts)
    kind, on = _place(facts, arrival)
    return Ending(
        kind=kind,
        provider=provider,
        on=on,
        is_late=arrival is None and on is not None and on < facts.today,
        returned=_refunded(facts) or None,
        waits_for_request=facts.is_to_allocate,
    )


def arrival_of(facts: PaymentFacts) -> LineFact | None:
    """Return the bank's line that brought the money, by itself or within a payout."""
    lines = [facts.arrival, *(payout.arrival for payout in facts.payouts)]
    return next((line for line in lines if line is not None), None)


def _place(facts: PaymentFacts, arrival: LineFact | None) -> tuple[EndingKind, date | None]:
    if arrival is not None:
        return _K.ON_ACCOUNT, arrival.booked_on
    if facts.payouts:
        return _K.PAID_OUT, bank_day_from(facts.payouts[-1].paid_on)
    if facts.method == Method.CARD:
        return _K.AT_PROVIDER, _expected_on(facts)
    return _K.BANK_TO_CONFIRM, None


def _expected_on(facts: PaymentFacts) -> date | None:
    if facts.captured_on is None or facts.payout_bank_days is None:
        return None
    return after_bank_days(facts.captured_on, facts.payout_bank_days)
