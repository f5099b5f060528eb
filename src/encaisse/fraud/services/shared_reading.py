"""What other firms of the host report, asked before a decision: in one exchange, never fatal."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from django.db import DatabaseError, connection

from encaisse.fraud.core.shared import LONGEST, NOBODY, ReportReason, SharedHit, SharedKind
from encaisse.fraud.models import FraudDecision, PassageRecord, SharedReport, Vigilance
from encaisse.fraud.queries import decisions_on_reports
from encaisse.kernel.networks import plain_address
from encaisse.kit.bulk import Statement, run_together
from encaisse.kit.crypto import KeysUnreadable, shared_marks

log = structlog.get_logger(__name__)

# By kind, the mark under each key of the host: {"email": {"123": "9f…"}}.
Marks = Mapping[str, Mapping[str, str]]
_MOST_SHOWN = 50
# A payer waits for the answer: without it, the decision is made and says that it was.
_ENTER = (
    Statement("SAVEPOINT shared_list", []),
    Statement("SET LOCAL statement_timeout = '250ms'", []),
)
# Nothing was written: going back only takes the timeout away.
_LEAVE = (
    Statement("ROLLBACK TO SAVEPOINT shared_list", []),
    Statement("RELEASE SAVEPOINT shared_list", []),
)
_ASK = "SELECT mark, reporters, reason FROM fraud_shared_weight(%s, %s)"


def marks_of(vigilance: Vigilance, values: Mapping[SharedKind, str]) -> dict[str, dict[str, str]]:
    """Return what other firms could recognise of a passage; nothing where the firm shares none."""
    if vigilance.sharing_since is None:
        return {}
    try:
        return {kind.value: _marks(kind, value) for kind, value in values.items() if value}
    except KeysUnreadable:
        log.exception("fraud_shared_key_missing")
        return {}


def _marks(kind: SharedKind, value: str) -> dict[str, str]:
    made = shared_marks(f"{kind}|{value}")
    return {str(key_id): mark.hex() for key_id, mark in made.items()}


def marks_of_value(kind: SharedKind, value: str) -> list[str]:
    """
    Return by what a person's own card, e-mail or address would be found, under each key.

    :raises KeysUnreadable: the host made no key to share with
    :raises ValueError: that is no address of the internet
    """
    written = str(plain_address(value)) if kind is SharedKind.ADDRESS else value.strip()
    return list(_marks(kind, written.lower() if kind is SharedKind.EMAIL else written).values())


class Others:
    """What the other firms of the host say of a few passages."""

    def __init__(
        self, vigilance: Vigilance, records: Collection[PassageRecord], now: datetime
    ) -> None:
        self._is_asked = vigilance.sharing_since is not None
        self._found: dict[str, SharedHit] = {}
        self.were_read = True
        asked = sorted({mark for record in records for mark in _all_marks(record.marks)})
        if not self._is_asked or not asked:
            return
        try:
            self._found = weights(asked, now)
        except DatabaseError:
            log.exception("fraud_shared_list_unread")
            self.were_read = False

    def of(self, record: PassageRecord) -> SharedHit | None:
        """Return what the most firms report of a passage; None where nobody could be asked."""
        if not self._is_asked or not self.were_read:
            return None
        return strongest(record.marks, self._found)


def strongest(marks: Marks, found: Mapping[str, SharedHit]) -> SharedHit:
    hits = [
        SharedHit(found[mark].reporters, found[mark].reason, SharedKind(kind))
        for kind, by_key in marks.items()
        for mark in by_key.values()
        if mark in found
    ]
    return max(hits, key=lambda hit: hit.reporters, default=NOBODY)


def weights(asked: Sequence[str], now: datetime) -> dict[str, SharedHit]:
    """
    Return what weighs on the marks that weigh something, inside the asking firm's transaction.

    :raises DatabaseError: no answer; the transaction goes on as if nothing had been asked
    """
    try:
        answers = run_together([*_ENTER, Statement(_ASK, [list(asked), now]), *_LEAVE])
    except DatabaseError:
        with connection.cursor() as cursor:
            cursor.execute(";".join(statement.sql for statement in _LEAVE))
        raise
    return {
        mark: SharedHit(reporters, ReportReason(reason))
        for mark, reporters, reason in answers[len(_ENTER)]
    }


def contested() -> dict[UUID, datetime]:
    """Return which of the open firm's reports somebody contests, and since when."""
    [rows] = run_together([Statement("SELECT report_id, since FROM fraud_shared_contested()", [])])
    return dict(rows)


def under_review(now: datetime) -> set[str]:
    """Return the marks contested here that a reporting firm must still look at."""
    [rows] = run_together([Statement("SELECT mark FROM fraud_shared_under_review(%s)", [now])])
    return {mark for (mark,) in rows}


@dataclass(frozen=True, slots=True)
class Doubted:
    """A payment that other firms' reports weighed on, and what became of them since."""

    decision: FraudDecision
    counts: bool
    is_under_review: bool


def doubted_payments(*, organization_id: UUID, now: datetime) -> list[Doubted]:
    """Return the newest payments that others had reported, as long as a report may last."""
    rows = decisions_on_reports(organization_id=organization_id, since=now - LONGEST)
    newest = list(rows[:_MOST_SHOWN])
    records = PassageRecord.objects.filter(
        organization_id=organization_id, id__in={row.passage_id for row in newest}
    )
    marks = {record.id: set(_all_marks(record.marks)) for record in records}
    asked = sorted(set().union(*marks.values()))
    weighing = weights(asked, now).keys() if asked else set()
    reviewed = under_review(now) if newest else set()
    return [
        Doubted(
            row,
            counts=not weighing.isdisjoint(marks.get(row.passage_id, ())),
            is_under_review=not reviewed.isdisjoint(marks.get(row.passage_id, ())),
        )
        for row in newest
    ]


def contested_reports(*, organization_id: UUID) -> list[tuple[SharedReport, datetime]]:
    """Return the firm's reports that somebody contests, with the day, the longest first."""
    since = contested()
    rows = SharedReport.objects.filter(organization_id=organization_id, id__in=since)
    return sorted(((row, since[row.id]) for row in rows), key=lambda pair: pair[1])


def _all_marks(marks: Marks) -> list[str]:
    return [mark for by_key in marks.values() for mark in by_key.values()]
