"""
What the engine did in one month. Reads only, and only that month: each count follows an index.

A payment counts once, under the last thing that was decided on it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncMonth

from encaisse.fraud.core.cases import CaseState, Label, LabelSource
from encaisse.fraud.core.passage import Stage
from encaisse.fraud.core.verdicts import Verdict
from encaisse.fraud.models import FraudDecision, PassageLabel, PassageRecord, ReviewCase
from encaisse.kit.clock import PARIS, paris_date, start_of_day

_SHOWN_MONTHS = 12
_MOST_RULES = 8


@dataclass(frozen=True, slots=True)
class Counted:
    """A number of payments and their cents."""

    number: int = 0
    cents: int = 0


def _sum(counted: Iterable[Counted]) -> Counted:
    every = list(counted)
    return Counted(sum(one.number for one in every), sum(one.cents for one in every))


@dataclass(frozen=True, slots=True)
class FraudMonth:
    """
    One month: payments by what was decided in the end and whether a proof was asked before, held
    ones by what became of them, and the frauds of the last months by the first day of each.
    """

    first: date
    outcomes: Mapping[tuple[Verdict, bool], Counted]
    released: Counted
    refused: Counted
    waiting: Counted
    links_closed: int
    stopped: Counted
    lost: Counted
    rules: tuple[tuple[str, int], ...]
    stopped_by_month: Mapping[date, int]
    lost_by_month: Mapping[date, int]

    @property
    def weighed(self) -> Counted:
        return _sum(self.outcomes.values())

    @property
    def unnoticed(self) -> Counted:
        """Payments that passed without their payer noticing anything."""
        return self.outcomes.get((Verdict.ALLOW, False), Counted())

    @property
    def asked(self) -> Counted:
        """Payments whose payer was asked for a proof, whatever came of them."""
        return _sum(one for (_, was_asked), one in self.outcomes.items() if was_asked)

    def ended(self, verdict: Verdict) -> Counted:
        return _sum(one for (outcome, _), one in self.outcomes.items() if outcome is verdict)


def months_before(first: date, number: int) -> date:
    """Return the first day of the month that many months before."""
    index = first.year * 12 + first.month - 1 - number
    return date(index // 12, index % 12 + 1, 1)


def fraud_month(*, organization_id: UUID, first: date) -> FraudMonth:
    """Count the month that begins on this day, with the frauds of the year before."""
    start, end = start_of_day(first), start_of_day(months_before(first, -1))
    cases = _cases(organization_id, start, end)
    year_before = start_of_day(months_before(first, _SHOWN_MONTHS - 1))
    stopped = _stopped_by_month(organization_id, year_before, end)
    lost = _lost_by_month(organization_id, year_before, end)
    return FraudMonth(
        first=first,
        outcomes=_outcomes(organization_id, start, end),
        released=cases[CaseState.RELEASED],
        refused=cases[CaseState.REFUSED],
        waiting=cases[CaseState.WAITING],
        links_closed=ReviewCase.objects.filter(
            organization_id=organization_id,
            is_link=True,
            created_at__gte=start,
            created_at__lt=end,
        ).count(),
        stopped=stopped.get(first, Counted()),
        lost=lost.get(first, Counted()),
        rules=_rules(organization_id, start, end),
        stopped_by_month={month: one.cents for month, one in stopped.items()},
        lost_by_month={month: one.cents for month, one in lost.items()},
    )


def months_with_decisions(*, organization_id: UUID) -> tuple[date, date] | None:
    """Return the first days of the oldest and newest month in which something was decided."""
    days = FraudDecision.objects.filter(organization_id=organization_id).order_by("created_at")
    oldest = days.values_list("created_at", flat=True).first()
    newest = days.values_list("created_at", flat=True).last()
    if oldest is None or newest is None:
        return None
    return paris_date(oldest).replace(day=1), paris_date(newest).replace(day=1)


def _outcomes(
    organization_id: UUID, start: datetime, end: datetime
) -> dict[tuple[Verdict, bool], Counted]:
    """Count payments by the last thing decided, and by whether a proof was asked on the way."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT outcome, was_asked, count(*), sum(amount_minor)
            FROM (
                SELECT (array_agg(outcome ORDER BY created_at DESC, id DESC))[1] AS outcome,
                       bool_or(verdict = %s AND stage = %s) AS was_asked,
                       max(amount_minor) AS amount_minor
                FROM fraud_frauddecision
                WHERE organization_id = %s AND created_at >= %s AND created_at < %s
                      AND stage <> 'refund'
                GROUP BY passage_id
            ) AS latest
            GROUP BY outcome, was_asked
            """,
            [Verdict.CHALLENGE.value, Stage.ASKED.value, organization_id, start, end],
        )
        return {
            (Verdict(outcome), was_asked): Counted(number, int(cents))
            for outcome, was_asked, number, cents in cursor.fetchall()
        }


def _cases(organization_id: UUID, start: datetime, end: datetime) -> dict[CaseState, Counted]:
    rows = (
        ReviewCase.objects.filter(
            organization_id=organization_id,
            is_link=False,
            created_at__gte=start,
            created_at__lt=end,
        )
        .order_by()
        .values_list("state")
        .annotate(number=Count("id"), cents=Sum("amount_minor"))
    )
    found = {CaseState(state): Counted(number, cents) for state, number, cents in rows}
    return {state: found.get(state, Counted()) for state in CaseState}


def _rules(organization_id: UUID, start: datetime, end: datetime) -> tuple[tuple[str, int], ...]:
    """Return the rules that spoke most often, each with a sentence it said."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT min(reason ->> 'sentence'), count(DISTINCT passage_id)
            FROM fraud_frauddecision, jsonb_array_elements(reasons) AS reason
            WHERE organization_id = %s AND created_at >= %s AND created_at < %s
                  AND stage <> 'refund'
            GROUP BY reason ->> 'code'
            ORDER BY 2 DESC, 1
            LIMIT %s
            """,
            [organization_id, start, end, _MOST_RULES],
        )
        return tuple((row[0], row[1]) for row in cursor.fetchall())


def _stopped_by_month(organization_id: UUID, start: datetime, end: datetime) -> dict[date, Counted]:
    """Frauds recognised before their money was taken: refused by somebody, who said so."""
    frauds = PassageLabel.objects.filter(
        organization_id=organization_id, label=Label.FRAUD, source=LabelSource.REVIEW
    ).values("passage_id")
    rows = ReviewCase.objects.filter(
        organization_id=organization_id,
        state=CaseState.REFUSED,
        passage_id__in=frauds,
        decided_at__gte=start,
        decided_at__lt=end,
    )
    by_month = rows.order_by().annotate(month=TruncMonth("decided_at", tzinfo=PARIS))
    return {
        month.date(): Counted(number, cents)
        for month, number, cents in by_month.values_list("month").annotate(
            number=Count("id"), cents=Sum("amount_minor")
        )
    }


def _lost_by_month(organization_id: UUID, start: datetime, end: datetime) -> dict[date, Counted]:
    """Frauds that the payer's bank told of, once the money had been taken."""
    labels = PassageLabel.objects.filter(
        organization_id=organization_id,
        label=Label.FRAUD,
        source=LabelSource.DISPUTE,
        created_at__gte=start,
        created_at__lt=end,
    ).values_list("passage_id", "created_at")
    months = {passage: paris_date(at).replace(day=1) for passage, at in labels}
    amounts = PassageRecord.objects.filter(
        Q(organization_id=organization_id), id__in=list(months)
    ).values_list("id", "amount_minor")
    found: dict[date, Counted] = {}
    for passage, cents in amounts:
        before = found.get(months[passage], Counted())
        found[months[passage]] = Counted(before.number + 1, before.cents + cents)
    return found
