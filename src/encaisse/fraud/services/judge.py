"""
Decisions: made before the provider is asked, and once it answered. Each is written down whole.

A decision is made on the memory as it stood before the try; the try is added once its outcome is
known. Answers are weighed one after the other under the firm's lock: none misses the one before.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from encaisse.fraud.core.exemptions import spared_cents
from encaisse.fraud.core.policy import suspends
from encaisse.fraud.core.starter_rules import MOST_TRIES
from encaisse.fraud.core.verdicts import Verdict
from encaisse.fraud.models import FraudDecision
from encaisse.fraud.services.arrivals import Answer, Arrival, Judged, Outcome
from encaisse.fraud.services.cases import case_of_payment, open_case_of_link, tell
from encaisse.fraud.services.firms import firm_of, known_tokens
from encaisse.fraud.services.lists import block_lost_cards
from encaisse.fraud.services.reading import Begun, Try, begun, surroundings
from encaisse.fraud.services.sitting import Sitting, mark, recorded, tried
from encaisse.kit.bulk import Statement, inserting, run_together, updating
from encaisse.kit.tenancy import acting_for
from encaisse.risk.decide import Decision
from encaisse.risk.presets import Preset


def judge_arrival(*, organization_id: UUID, arrival: Arrival, now: datetime) -> Judged:
    """
    Decide before the provider is asked.

    Nothing is locked: what is being tried elsewhere at this very moment is seen by the answer.
    """
    with acting_for(organization_id):
        tokens = known_tokens(organization_id=organization_id, now=now)
        record = recorded(organization_id, tokens, arrival, now)
        one = Try(record, record.tokens)
        choices, around = surroundings(organization_id, [one], now)
        firm = firm_of(choices, organization_id, now)
        if firm.tokens != tokens:
            # Another key since this process read it, as after a restoration: it is read by now.
            return judge_arrival(organization_id=organization_id, arrival=arrival, now=now)
        mark(record, firm.vigilance, arrival)
        row, decision = Sitting(firm, around, [one], now).decide(one)
        run_together([*inserting([record]), *inserting([row])])
        closes = _closes_link(row, decision)
        if closes:
            open_case_of_link(row, record, now)
        left = MOST_TRIES - int(row.facts.get("link_refused_1h") or 0)
        return Judged(row.id, Verdict(row.outcome), closes, max(1, left), _spared(row))


def _spared(row: FraudDecision) -> int:
    """Return up to how many cents this payer may be spared a proof."""
    preset, outcome = Preset(row.policy), Verdict(row.outcome)
    return spared_cents(preset, row.facts, outcome, is_quiet=not row.reasons)


def judge_answers(
    *, organization_id: UUID, answers: Sequence[Answer], now: datetime
) -> dict[UUID, Judged]:
    """Decide on money that banks agreed to. Each answer is weighed knowing those before it."""
    if not answers:
        return {}
    with acting_for(organization_id):
        known = begun(organization_id, [answer.arrival.passage_id for answer in answers], now)
        judged = known.judged
        waiting = [answer for answer in answers if answer.arrival.passage_id not in judged]
        if not waiting:
            return judged
        fresh = _missing(known, [answer.arrival for answer in waiting], now)
        tries = [
            tried(known.firm, known.records[answer.arrival.passage_id], answer.card, answer)
            for answer in waiting
        ]
        sitting = _sitting(known, tries, now)
        rows, cases = [], []
        for answer, one in zip(waiting, tries, strict=True):
            row, decision = sitting.decide(one)
            sitting.count(one, is_accepted=row.outcome == Verdict.ALLOW)
            rows.append(row)
            judged[one.record.id] = Judged(
                row.id, Verdict(row.outcome), _closes_link(row, decision)
            )
            if row.outcome == Verdict.HOLD:
                cases.append(case_of_payment(row, one.record, answer, now))
        _write(sitting, tries, fresh, [*inserting(rows), *inserting(cases)], now)
        tell(cases)
        return judged


def note_outcomes(
    *, organization_id: UUID, outcomes: Sequence[Outcome], now: datetime
) -> set[UUID]:
    """
    Remember tries that ended by themselves, and return the links on which cards are being tried.

    A card that its bank says lost or stolen is refused here from now on.
    """
    if not outcomes:
        return set()
    with acting_for(organization_id):
        known = begun(organization_id, [outcome.arrival.passage_id for outcome in outcomes], now)
        fresh = _missing(known, [outcome.arrival for outcome in outcomes], now)
        tries = [
            tried(known.firm, known.records[outcome.arrival.passage_id], outcome.card, None)
            for outcome in outcomes
        ]
        sitting = _sitting(known, tries, now)
        for outcome, one in zip(outcomes, tries, strict=True):
            sitting.count(one, is_refused=outcome.is_refused)
        _write(sitting, tries, fresh, [], now)
        block_lost_cards(known.firm.vigilance, outcomes, now)
        closing = [
            one
            for outcome, one in zip(outcomes, tries, strict=True)
            if outcome.is_refused and _closes(sitting, one, now)
        ]
        return {one.record.link_id for one in closing if one.record.link_id}


def _sitting(known: Begun, tries: Sequence[Try], now: datetime) -> Sitting:
    _, around = surroundings(known.firm.vigilance.organization_id, tries, now)
    return Sitting(known.firm, around, tries, now)


def _missing(known: Begun, arrivals: Sequence[Arrival], now: datetime) -> set[UUID]:
    """Make what was known of each try begun before this engine was there; return which ones."""
    organization_id, fresh = known.firm.vigilance.organization_id, set()
    for arrival in arrivals:
        if arrival.passage_id not in known.records:
            record = recorded(organization_id, known.firm.tokens, arrival, now)
            mark(record, known.firm.vigilance, arrival)
            known.records[record.id] = record
            fresh.add(record.id)
    return fresh


def _write(
    sitting: Sitting,
    tries: Sequence[Try],
    fresh: Collection[UUID],
    decided: Sequence[Statement],
    now: datetime,
) -> None:
    """Write the memory, the tries counted in it and what was decided, in one exchange."""
    records = {one.record.id: one.record for one in tries}
    known = [record for id_, record in records.items() if id_ not in fresh]
    run_together(
        [
            *sitting.memory.changes(now),
            *inserting([records[id_] for id_ in records if id_ in fresh]),
            *updating(known, ["tokens", "marks", "counted_at"]),
            *decided,
        ]
    )


def _closes(sitting: Sitting, one: Try, now: datetime) -> bool:
    """Decide on one more try of the same, which nobody should make once too many failed."""
    if one.record.link_id is None:
        return False
    row, decision = sitting.decide(one)
    if not _closes_link(row, decision):
        return False
    row.save(force_insert=True)
    open_case_of_link(row, one.record, now)
    return True


def _closes_link(row: FraudDecision, decision: Decision) -> bool:
    return suspends(decision) and row.outcome in {Verdict.HOLD, Verdict.BLOCK}
