"""
The list that firms of one host share: what a report says, how long, and what several weigh.

One firm's word weighs for nobody else. Two firms that answer for what they say have a proof asked
of the payer; no number of them ever refuses anybody. The database adds reports up where no firm can
see another's (`fraud_shared_weight`): a test holds it to what is written here.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

# The impact assessment that a firm accepts: another text is another acceptance.
ASSESSMENT = "2026-11"


class SharedKind(StrEnum):
    """What is the same at another firm's. Never a device, a name or an amount."""

    CARD = "card"
    EMAIL = "email"
    ADDRESS = "ip"


class ReportReason(StrEnum):
    """Why something was reported, the gravest first."""

    DISPUTED = "disputed"
    REVIEWED = "reviewed"


class Ending(StrEnum):
    """Why a report no longer counts."""

    EXPIRED = "expired"
    MISTAKE = "mistake"
    HONEST = "honest"
    APPEAL = "appeal"
    UNANSWERED = "unanswered"
    LEFT = "left"
    HOST = "host"


REASON_WORDS: Mapping[ReportReason, str] = {
    ReportReason.DISPUTED: "paiement contesté auprès de la banque, et perdu",
    ReportReason.REVIEWED: "fraude reconnue par quelqu’un de l’entreprise",
}
KIND_WORDS: Mapping[SharedKind, str] = {
    SharedKind.CARD: "sa carte",
    SharedKind.EMAIL: "son adresse e-mail",
    SharedKind.ADDRESS: "sa connexion",
}
_KEPT_FOR: Mapping[ReportReason, timedelta] = {
    ReportReason.DISPUTED: timedelta(days=180),
    ReportReason.REVIEWED: timedelta(days=90),
}
LONGEST = max(_KEPT_FOR.values())
# An address of the internet is somebody else's the week after: counted from when it was seen.
_ADDRESS_KEPT_FOR = timedelta(days=7)

LEAST_REPORTERS = 2
FULL_WEIGHT, HALF_WEIGHT, NO_WEIGHT = 100, 50, 0
LEAST_WEIGHT = 200
# Nobody opens a firm in the morning to report a neighbour's customer in the evening.
OLD_ENOUGH = timedelta(days=30)
# A month to answer whoever contests (GDPR, article 12.3); silence withdraws.
ANSWERED_WITHIN = timedelta(days=30)
# What a firm may have suspended in a month: an accomplice does not wash the whole list.
MOST_CONTESTED = 20
# A firm is weighed on three months of payments, and on a year of what became of its reports.
WEIGHED_OVER = timedelta(days=90)
REMEMBERED_OVER = timedelta(days=365)
_LEAST_PAYMENTS = 20
# Frauds, then reports overturned: up to so many, or such a share, the firm keeps full weight; then
# half; beyond, none. One payment in a thousand is a fraud for most firms, one in fifty for the
# unlucky: one in twenty is a firm that marks whatever displeases it.
_FRAUDS_FULL, _FRAUDS_HALF = (3, 200), (6, 500)
_OVERTURNED_FULL, _OVERTURNED_HALF = (1, 1_000), (2, 2_500)
_WHOLE_BASIS_POINTS = 10_000


def report_ends_at(
    kind: SharedKind, reason: ReportReason, *, seen_at: datetime, now: datetime
) -> datetime:
    """Return until when a report counts; in the past, it is not worth making."""
    if kind is SharedKind.ADDRESS:
        return seen_at + _ADDRESS_KEPT_FOR
    return now + _KEPT_FOR[reason]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """
    How a firm used the list: payments weighed and payments it called frauds in three months,
    payments it reported and reports overturned in a year.
    """

    payments: int
    frauds: int
    reported: int
    overturned: int


def weight_of(conduct: Conduct) -> int:
    """Return what one firm's reports weigh; more frauds or more overturned reports never help."""
    if conduct.payments < _LEAST_PAYMENTS:
        return NO_WEIGHT
    return min(
        _stepped(conduct.frauds, conduct.payments, _FRAUDS_FULL, _FRAUDS_HALF),
        _stepped(conduct.overturned, conduct.reported, _OVERTURNED_FULL, _OVERTURNED_HALF),
    )


def _stepped(number: int, whole: int, full: tuple[int, int], half: tuple[int, int]) -> int:
    if number <= _bound(whole, *full):
        return FULL_WEIGHT
    return HALF_WEIGHT if number <= _bound(whole, *half) else NO_WEIGHT


def _bound(whole: int, few: int, basis_points: int) -> int:
    return max(few, whole * basis_points // _WHOLE_BASIS_POINTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """
    One firm's word on one mark. `owners` are the people who own the firm: firms that have one in
    common are one voice. `since` is when the firm began to share, `weight` what its word weighs.
    """

    mark: str
    reporter: UUID
    owners: frozenset[UUID]
    reason: ReportReason
    weight: int
    since: datetime | None
    created_at: datetime
    expires_at: datetime
    upheld_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Appeal:
    """Somebody contests a mark."""

    mark: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SharedHit:
    """How many other firms report something, and why; nobody, where `reporters` is 0."""

    reporters: int = 0
    reason: ReportReason | None = None
    kind: SharedKind | None = None


NOBODY = SharedHit()


@dataclass(frozen=True, slots=True)
class Asker:
    """The firm that asks, and who owns it: what they say elsewhere is their own word too."""

    firm: UUID
    owners: frozenset[UUID] = frozenset()


def weigh_reports(
    asker: Asker, mark: str, reports: Iterable[Report], appeals: Collection[Appeal], at: datetime
) -> SharedHit:
    """Return what the reports of the others weigh on a mark, for one firm that asks."""
    heard = [
        one
        for one in reports
        if one.mark == mark and not _is_own(asker, one) and counts(one, appeals, at)
    ]
    weights = _voices(heard)
    if len(weights) < LEAST_REPORTERS or sum(weights) < LEAST_WEIGHT:
        return NOBODY
    gravest = next(reason for reason in ReportReason if reason in {one.reason for one in heard})
    return SharedHit(len(weights), gravest)


def _is_own(asker: Asker, report: Report) -> bool:
    return report.reporter == asker.firm or not asker.owners.isdisjoint(report.owners)


def _voices(heard: Collection[Report]) -> list[int]:
    """Return what each voice weighs: the heaviest firm speaks for those it shares an owner with."""
    firms = {one.reporter: one for one in heard}.values()
    return [one.weight for one in firms if not any(_speaks_for(other, one) for other in firms)]


def _speaks_for(other: Report, one: Report) -> bool:
    is_first = (other.weight, other.reporter) > (one.weight, one.reporter)
    return is_first and not other.owners.isdisjoint(one.owners)


def counts(report: Report, appeals: Iterable[Appeal], at: datetime) -> bool:
    """Tell whether a report is in force, its firm heard, and nobody's appeal unanswered."""
    is_heard = report.since is not None and report.since <= at - OLD_ENOUGH and report.weight > 0
    in_force = report.ended_at is None and report.expires_at > at
    return is_heard and in_force and not is_suspended(report, appeals)


def is_suspended(report: Report, appeals: Iterable[Appeal]) -> bool:
    """Tell whether somebody contests what the reporting firm has not looked at since."""
    return any(
        one.mark == report.mark
        and one.created_at >= report.created_at
        and (report.upheld_at is None or report.upheld_at < one.created_at)
        for one in appeals
    )
