"""
Decisions: made before the provider is asked, and once it answered. Each is written down whole.

A decision is made on the memory as it stood before the try; the try is added once its outcome is
known. Answers are weighed one after the other under the firm's lock: none misses the one before.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from encaisse.fraud.core.cases import CaseState
from encaisse.fraud.core.passage import Stage
from encaisse.fraud.core.policy import MOST_TRIES, suspends
from encaisse.fraud.core.verdicts import Verdict
from encaisse.fraud.models import FraudDecision, PassageRecord, ReviewCase, Vigilance
from encaisse.fraud.services.arrivals import NO_CARD, Answer, Arrival, Judged, Outcome
from encaisse.fraud.services.cases import case_of_payment, open_case_of_link, tell
from encaisse.fraud.services.lists import block_lost_cards
from encaisse.fraud.services.memory import vigilance_of
from encaisse.fraud.services.sitting import Sitting, Try, recorded, tried
from encaisse.kit.bulk import update_all
from encaisse.kit.tenancy import acting_for
from encaisse.risk.decide import Decision


def judge_arrival(*, organization_id: UUID, arrival: Arrival, now: datetime) -> Judged:
    """
    Decide before the provider is asked.

    Nothing is locked: what is being tried elsewhere at this very moment is seen by the answer.
    """
    with acting_for(organization_id):
        vigilance = vigilance_of(organization_id=organization_id, now=now)
        record = recorded(vigilance, arrival, now)
        record.save(force_insert=True)
        one = tried(vigilance, record, NO_CARD, None)
        row, decision = Sitting(vigilance, [one], now).decide(one)
        row.save(force_insert=True)
        closes = _closes_link(row, decision)
        if closes:
            open_case_of_link(row, record, now)
        left = MOST_TRIES - int(row.facts.get("link_refused_1h") or 0)
        return Judged(row.id, Verdict(row.outcome), closes, max(1, left))


def judge_answers(
    *, organization_id: UUID, answers: Sequence[Answer], now: datetime
) -> dict[UUID, Judged]:
    """Decide on money that banks agreed to. Each answer is weighed knowing those before it."""
    if not answers:
        return {}
    with acting_for(organization_id):
        vigilance = vigilance_of(organization_id=organization_id, now=now, lock=True)
        records = _records(vigilance, [answer.arrival for answer in answers], now)
        judged = _already(organization_id, records) | _released(organization_id, records)
        waiting = [answer for answer in answers if answer.arrival.passage_id not in judged]
        tries = [
            tried(vigilance, records[answer.arrival.passage_id], answer.card, answer)
            for answer in waiting
        ]
        sitting = Sitting(vigilance, tries, now)
        rows, cases = [], []
        for answer, one in zip(waiting, tries, strict=True):
            row, decision = sitting.decide(one)
            sitting.count(one)
            rows.append(row)
            judged[one.record.id] = Judged(
                row.id, Verdict(row.outcome), _closes_link(row, decision)
            )
            if row.outcome == Verdict.HOLD:
                cases.append(case_of_payment(row, one.record, answer, now))
        sitting.memory.save(now)
        update_all([one.record for one in tries], ["tokens", "marks", "counted_at"])
        FraudDecision.objects.bulk_create(rows)
        tell(ReviewCase.objects.bulk_create(cases))
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
        vigilance = vigilance_of(organization_id=organization_id, now=now, lock=True)
        records = _records(vigilance, [outcome.arrival for outcome in outcomes], now)
        tries = [
            tried(vigilance, records[outcome.arrival.passage_id], outcome.card, None)
            for outcome in outcomes
        ]
        sitting = Sitting(vigilance, tries, now)
        for outcome, one in zip(outcomes, tries, strict=True):
            sitting.count(one, is_refused=outcome.is_refused)
        block_lost_cards(vigilance, outcomes, now)
        closing = [
            one
            for outcome, one in zip(outcomes, tries, strict=True)
            if outcome.is_refused and _closes(sitting, one, now)
        ]
        sitting.memory.save(now)
        update_all([one.record for one in tries], ["tokens", "marks", "counted_at"])
        return {one.record.link_id for one in closing if one.record.link_id}


def _already(organization_id: UUID, passage_ids: Collection[UUID]) -> dict[UUID, Judged]:
    """
    Return what was decided of answers told again, after a doubt about what became of them.

    A try is in the memory once it was weighed: weighed again, it would know itself.
    """
    rows = FraudDecision.objects.filter(
        organization_id=organization_id, passage_id__in=passage_ids, stage=Stage.ANSWERED
    ).order_by("created_at", "id")
    return {row.passage_id: Judged(row.id, Verdict(row.outcome)) for row in rows}


def _released(organization_id: UUID, passage_ids: Collection[UUID]) -> dict[UUID, Judged]:
    """Return what a person let through: it is not held again when its answer comes twice."""
    cases = ReviewCase.objects.filter(
        organization_id=organization_id,
        passage_id__in=passage_ids,
        is_link=False,
        state=CaseState.RELEASED,
    )
    return {case.passage_id: Judged(case.decision_id, Verdict.ALLOW) for case in cases}


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


def _records(
    vigilance: Vigilance, arrivals: Sequence[Arrival], now: datetime
) -> dict[UUID, PassageRecord]:
    """Return what was known of each try; one begun before this engine was there begins here."""
    rows = PassageRecord.objects.filter(
        organization_id=vigilance.organization_id,
        id__in={arrival.passage_id for arrival in arrivals},
    )
    found = {row.id: row for row in rows}
    missing = {one.passage_id: one for one in arrivals if one.passage_id not in found}
    fresh = [recorded(vigilance, arrival, now) for arrival in missing.values()]
    for row in PassageRecord.objects.bulk_create(fresh):
        found[row.id] = row
    return found
