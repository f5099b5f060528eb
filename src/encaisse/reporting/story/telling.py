"""From facts to steps in order, each with the proofs that are its own. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from encaisse.payments.core import AttemptState, DisputeState, Method, RefundState
from encaisse.reporting.story.ending import ending_of
from encaisse.reporting.story.facts import (
    AskedFact,
    DisputeFact,
    LineFact,
    Move,
    PaymentFacts,
    PayoutFact,
    Proof,
    ProofKind,
    RefundFact,
    Step,
    StepKind,
    Story,
    TryFact,
)

_K, _P = StepKind, ProofKind
_RANKS = {kind: rank for rank, kind in enumerate(StepKind)}
_UNPAID = {AttemptState.FAILED, AttemptState.CANCELED, AttemptState.EXPIRED}
_HELD = {AttemptState.AUTHORIZED, AttemptState.HELD, AttemptState.CAPTURING}
_OPENING_MAILS = {"quote", "invoice"}
_CLOSING_MAILS = {"receipt", "deposit_invoice"}
# Entries told with the step they book, rather than with the payment itself.
_OWN_STEP = {"allocated", "arrived"}


@dataclass(frozen=True, slots=True)
class _Placed:
    """A step with the moment that orders it, and the provider's object its messages are about."""

    moment: datetime
    step: Step
    object_id: str = ""


def tell(facts: PaymentFacts) -> Story:
    """Tell a payment: what happened in order, then where the money is."""
    placed = sorted(_all_steps(facts), key=lambda each: (each.moment, _RANKS[each.step.kind]))
    return Story(steps=_with_messages(facts, placed), ending=ending_of(facts))


def _all_steps(facts: PaymentFacts) -> Iterator[_Placed]:
    if facts.asked is not None:
        yield from _asking(facts, facts.asked)
    for each in facts.tries:
        yield from _trying(facts, each)
    if facts.captured_at is not None:
        yield from _receiving(facts, facts.captured_at)
    for payout in facts.payouts:
        yield from _paying_out(facts, payout)
    for refund in facts.refunds:
        yield from _refunding(facts, refund)
    for dispute in facts.disputes:
        yield from _disputing(facts, dispute)


def _asking(facts: PaymentFacts, asked: AskedFact) -> Iterator[_Placed]:
    audit = _audited(facts, "payment_request:created", f"payment_request:{asked.id}")
    step = Step(
        kind=_K.ASKED,
        at=asked.at,
        actor=_actor(facts, "payment_request:created"),
        reason=asked.reference_kind,
        amount=asked.amount,
        proofs=(Proof(_P.REFERENCE, asked.creditor_reference, id=asked.id), *audit),
    )
    yield _Placed(asked.at, step)
    for mail in facts.mails:
        if mail.kind in _OPENING_MAILS and mail.object_id == asked.reference_id:
            yield _Placed(mail.at, Step(kind=_K.SENT, at=mail.at, proofs=(mail.proof,)))


def _trying(facts: PaymentFacts, each: TryFact) -> Iterator[_Placed]:
    known = _known_as(each.provider_id)
    opened = Step(kind=_K.OPENED, at=each.opened_at, name=each.provider, reason=facts.method)
    yield _Placed(each.opened_at, replace(opened, proofs=known), each.provider_id)
    for refusal in each.refusals:
        step = Step(
            kind=_K.REFUSED,
            at=refusal.at,
            name=each.provider,
            reason=refusal.reason,
            card=refusal.card,
            proofs=known,
        )
        yield _Placed(refusal.at, step, each.provider_id)
    if each.authentication and not (each.refusals and each.authentication == "failed"):
        yield _authenticating(each, known)
    yield from _stopping(each, known)


def _authenticating(each: TryFact, known: tuple[Proof, ...]) -> _Placed:
    """Nobody writes when the payer proved who they are: after the last refusal, before the rest."""
    step = Step(
        kind=_K.AUTHENTICATED,
        at=None,
        reason=each.authentication,
        card=each.card,
        is_complete=each.has_liability_shift,
        proofs=known,
    )
    moment = max([each.opened_at, *(refusal.at for refusal in each.refusals)])
    return _Placed(moment, step, each.provider_id)


def _stopping(each: TryFact, known: tuple[Proof, ...]) -> Iterator[_Placed]:
    """Tell how a try stands that took nothing, or not yet."""
    state, kind = AttemptState(each.state), None
    if state in _UNPAID:
        kind = _K.ENDED
    if state is AttemptState.UNKNOWN:
        kind = _K.DOUBT
    if state in _HELD:
        kind = _K.RESERVED
    if kind is not None:
        step = Step(
            kind=kind,
            at=each.updated_at,
            name=each.provider,
            reason=each.failure or each.state,
            proofs=known,
        )
        yield _Placed(each.updated_at, step, each.provider_id)


def _receiving(facts: PaymentFacts, captured_at: datetime) -> Iterator[_Placed]:
    """Tell how the money came, and what it changed in invoices, books and mail."""
    audited = (a.at for a in facts.audit if a.action == "payment:captured")
    # Clocks differ by a little: what follows the payment is never told before it.
    recorded = max(next(audited, captured_at), captured_at)
    audit = _audited(facts, "payment:captured", f"payment:{facts.id}")
    if facts.method == Method.TRANSFER:
        yield from _arriving(facts, captured_at, audit)
    else:
        yield from _paying(facts, captured_at, recorded, audit)
        yield from _arriving(facts, captured_at, ())
    if facts.allocated_at is not None:
        step = Step(
            kind=_K.ALLOCATED,
            at=facts.allocated_at,
            actor=_actor(facts, "payment:allocated"),
            amount=facts.amount,
            proofs=(
                *_entries(facts, f"payment:{facts.id}", "allocated"),
                *_audited(facts, "payment:allocated", f"payment:{facts.id}"),
            ),
        )
        yield _Placed(facts.allocated_at, step)
    yield from _following(facts, recorded)


def _paying(
    facts: PaymentFacts, captured_at: datetime, recorded: datetime, audit: tuple[Proof, ...]
) -> Iterator[_Placed]:
    taken = next((each for each in facts.tries if each.state == AttemptState.CAPTURED), None)
    if taken is None:
        return
    step = Step(
        kind=_K.PAID,
        at=captured_at,
        name=taken.provider,
        reason=facts.method,
        card=taken.card,
        amount=facts.amount,
        proofs=(*_known_as(taken.provider_id), Proof(_P.FETCHED, "", recorded), *audit),
    )
    yield _Placed(captured_at, step, taken.provider_id)


def _arriving(
    facts: PaymentFacts, not_before: datetime, more: tuple[Proof, ...]
) -> Iterator[_Placed]:
    """Tell the line of the bank that brought this payment and nothing else."""
    if facts.arrival is not None:
        entries = _entries(facts, f"payment:{facts.id}", "arrived")
        yield _at_bank(facts, facts.arrival, not_before, (*entries, *more))


def _at_bank(
    facts: PaymentFacts, line: LineFact, not_before: datetime, more: tuple[Proof, ...]
) -> _Placed:
    """A bank gives the day only: the step stands after whatever it must follow."""
    asked_at = facts.asked.at if facts.asked else line.at
    step = Step(
        kind=_K.ARRIVED,
        at=line.at,
        is_whole_day=True,
        name=line.account,
        reason=facts.method,
        amount=line.amount,
        proofs=(line.proof, *more),
    )
    return _Placed(max(line.at, not_before, asked_at), step)


def _following(facts: PaymentFacts, recorded: datetime) -> Iterator[_Placed]:
    if facts.invoice is not None:
        step = Step(
            kind=_K.INVOICED,
            at=recorded,
            name=facts.invoice.number,
            reason=facts.invoice.kind,
            amount=facts.amount,
            is_complete=facts.invoice.is_paid,
            proofs=(Proof(_P.REFERENCE, facts.invoice.number, id=facts.invoice.id),),
        )
        yield _Placed(recorded, step)
    booked = [entry for entry in facts.entries if _books_receipt(facts, entry.source, entry.reason)]
    if booked:
        booked_at = max(recorded, booked[0].at)
        step = Step(
            kind=_K.BOOKED,
            at=booked_at,
            moves=tuple(move for entry in booked for move in entry.moves),
            proofs=tuple(entry.proof for entry in booked),
        )
        yield _Placed(booked_at, step)
    for mail in facts.mails:
        if mail.kind in _CLOSING_MAILS:
            step = Step(kind=_K.MAILED, at=mail.at, reason=mail.kind, proofs=(mail.proof,))
            yield _Placed(max(recorded, mail.at), step)
    for line in facts.audit:
        if line.action == "mail:not_sent" and line.target == f"receipt:{facts.id}":
            step = Step(kind=_K.MAILED, at=line.at, is_complete=False, proofs=(line.proof,))
            yield _Placed(max(recorded, line.at), step)


def _books_receipt(facts: PaymentFacts, source: str, reason: str) -> bool:
    """The entries of the receipt itself: the money, and the VAT that it made due."""
    own = {f"payment:{facts.id}", *(f"payment_attempt:{each.id}" for each in facts.tries)}
    if facts.invoice is not None and facts.invoice.kind == "deposit":
        own.add(f"invoice:{facts.invoice.id}")
    is_own = source in own or source.startswith("bank_transaction:")
    return is_own and reason.partition(":")[0] not in _OWN_STEP


def _paying_out(facts: PaymentFacts, payout: PayoutFact) -> Iterator[_Placed]:
    step = Step(
        kind=_K.PAYOUT,
        at=payout.paid_at,
        amount=payout.gross,
        fee=payout.fee,
        net=payout.net,
        proofs=(
            *_known_as(payout.provider_id),
            Proof(_P.PAYOUT_REFERENCE, payout.bank_reference),
        ),
    )
    yield _Placed(payout.paid_at, step, payout.provider_id)
    if payout.arrival is not None:
        entries = _entries(facts, f"payout:{payout.id}")
        arrived = _at_bank(facts, payout.arrival, payout.paid_at, entries)
        net = replace(arrived.step, net=payout.net, moves=_moves(facts, f"payout:{payout.id}"))
        yield replace(arrived, step=net)


def _refunding(facts: PaymentFacts, refund: RefundFact) -> Iterator[_Placed]:
    asked = Step(
        kind=_K.REFUND_ASKED,
        at=refund.asked_at,
        actor=_actor(facts, "payment:refund:requested", at=refund.asked_at),
        reason=refund.reason,
        amount=refund.amount,
        is_complete=refund.state != RefundState.UNKNOWN,
        proofs=_audited_at(facts, "payment:refund:requested", refund.asked_at),
    )
    yield _Placed(refund.asked_at, asked)
    if refund.state not in {RefundState.SUCCEEDED, RefundState.FAILED}:
        return
    is_done = refund.state == RefundState.SUCCEEDED
    step = Step(
        kind=_K.REFUNDED if is_done else _K.REFUND_FAILED,
        at=refund.updated_at,
        amount=refund.amount,
        moves=_moves(facts, f"refund:{refund.id}"),
        proofs=(
            *_known_as(refund.provider_id),
            *_entries(facts, f"refund:{refund.id}"),
            *_mailed(facts, refund.id),
            *((refund.departure.proof,) if refund.departure else ()),
        ),
    )
    yield _Placed(refund.updated_at, step, refund.provider_id)


def _disputing(facts: PaymentFacts, dispute: DisputeFact) -> Iterator[_Placed]:
    source = f"dispute:{dispute.id}"
    opened = Step(
        kind=_K.DISPUTED,
        at=dispute.opened_at,
        reason=dispute.reason,
        amount=dispute.amount,
        due_on=dispute.due_on,
        is_complete=dispute.state != DisputeState.NEEDS_RESPONSE,
        proofs=(
            *_known_as(dispute.provider_id),
            *_entries(facts, source, "opened"),
            *_mailed(facts, dispute.id),
            *_audited(facts, "dispute:opened", f"payment:{facts.id}"),
        ),
    )
    yield _Placed(dispute.opened_at, opened, dispute.provider_id)
    if dispute.closed_at is None:
        return
    is_won = dispute.state == DisputeState.WON
    step = Step(
        kind=_K.DISPUTE_WON if is_won else _K.DISPUTE_LOST,
        at=dispute.closed_at,
        amount=dispute.amount,
        proofs=(
            *_entries(facts, source, dispute.state),
            *_audited(facts, f"dispute:{dispute.state}", f"payment:{facts.id}"),
        ),
    )
    yield _Placed(dispute.closed_at, step, dispute.provider_id)


def _with_messages(facts: PaymentFacts, placed: Sequence[_Placed]) -> tuple[Step, ...]:
    """
    Give each signed message to the last step of its object that it may have told.

    Where a message told a payment, that is the proof; where none did, that we asked is.
    """
    given: dict[int, list[Proof]] = {}
    for message in facts.messages:
        about = [index for index, each in enumerate(placed) if each.object_id == message.object_id]
        index = _told_by(message.at, about, placed, given)
        if index is not None:
            given.setdefault(index, []).append(message.proof)
    return tuple(_proven(each.step, given.get(index, [])) for index, each in enumerate(placed))


def _told_by(
    at: datetime, about: Sequence[int], placed: Sequence[_Placed], given: Mapping[int, list[Proof]]
) -> int | None:
    earlier = [index for index in about if placed[index].moment <= at]
    if not earlier:
        return about[0] if about else None
    last = earlier[-1]
    # An authentication has no moment of its own: the refusal before it is told first.
    is_timeless = placed[last].step.at is None and len(earlier) > 1
    if is_timeless and placed[earlier[-2]].step.kind is _K.REFUSED and earlier[-2] not in given:
        return earlier[-2]
    return last


def _proven(step: Step, messages: list[Proof]) -> Step:
    kept = [p for p in step.proofs if not (messages and p.kind is _P.FETCHED)]
    first = [p for p in kept if p.kind is _P.PROVIDER_ID]
    return replace(
        step, proofs=(*first, *messages, *(p for p in kept if p.kind is not _P.PROVIDER_ID))
    )


def _actor(facts: PaymentFacts, action: str, *, at: datetime | None = None) -> str:
    """Return who did it, as the audit wrote it, or nothing."""
    found = (a for a in facts.audit if a.action == action and at in {None, a.at})
    return next((line.actor for line in found), "")


def _audited(facts: PaymentFacts, action: str, target: str) -> tuple[Proof, ...]:
    return tuple(a.proof for a in facts.audit if (a.action, a.target) == (action, target))


def _audited_at(facts: PaymentFacts, action: str, at: datetime) -> tuple[Proof, ...]:
    return tuple(a.proof for a in facts.audit if (a.action, a.at) == (action, at))


def _entries(facts: PaymentFacts, source: str, reason: str = "") -> tuple[Proof, ...]:
    return tuple(
        entry.proof
        for entry in facts.entries
        if entry.source == source and reason in {"", entry.reason.partition(":")[0]}
    )


def _moves(facts: PaymentFacts, source: str) -> tuple[Move, ...]:
    return tuple(move for entry in facts.entries if entry.source == source for move in entry.moves)


def _mailed(facts: PaymentFacts, object_id: UUID) -> tuple[Proof, ...]:
    return tuple(mail.proof for mail in facts.mails if mail.object_id == object_id)


def _known_as(provider_id: str) -> tuple[Proof, ...]:
    return (Proof(_P.PROVIDER_ID, provider_id),) if provider_id else ()
