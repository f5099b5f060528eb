"""Names of daily figures and what is computed from them. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Figure(StrEnum):
    """What is counted each day; `total` is in the unit named."""

    CAPTURED = "captured"  # by means of payment; minor units
    REFUSED = "refused"  # by cause; nothing
    REFUNDED = "refunded"  # minor units
    DISPUTED = "disputed"  # minor units
    FUNDS_HOURS = "funds_hours"  # hours from payment to funds
    WORK_DAYS = "work_days"  # days from work done to funds
    LATE_DAYS = "late_days"  # days beyond the due date


# Average payment delay in France after the work is done, as the trade press quotes it; not to be
# mixed with lateness beyond the due date, which is another measure.
FRENCH_DAYS_FROM_WORK_TO_FUNDS = 42.7


@dataclass(frozen=True, slots=True)
class Counted:
    """One day's figure, with what it is split by ("card", "insufficient_funds")."""

    day: date
    figure: Figure
    part: str
    count: int
    total: int


@dataclass(frozen=True, slots=True)
class Period:
    """The days [first, last]."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Summary:
    """A period in figures. Rates and averages are None where nothing was counted."""

    captured_count: int
    captured_minor: int
    refused_count: int
    refunded_count: int
    refunded_minor: int
    disputed_count: int
    disputed_minor: int
    success_rate: float | None
    hours_to_funds: float | None
    days_from_work: float | None
    days_late: float | None
    by_method: Mapping[str, tuple[int, int]]
    by_refusal: Mapping[str, int]
    by_day: Mapping[date, int]


def name_of(figure: Figure, part: str = "") -> str:
    return f"{figure}.{part}" if part else figure.value


def parse_name(name: str) -> tuple[Figure, str]:
    figure, _, part = name.partition(".")
    return Figure(figure), part


def summarize(rows: Iterable[Counted]) -> Summary:
    """Add daily figures up."""
    kept = list(rows)
    captured, refused = _of(kept, Figure.CAPTURED), _of(kept, Figure.REFUSED)
    refunded, disputed = _of(kept, Figure.REFUNDED), _of(kept, Figure.DISPUTED)
    tries = _count(captured) + _count(refused)
    return Summary(
        captured_count=_count(captured),
        captured_minor=_total(captured),
        refused_count=_count(refused),
        refunded_count=_count(refunded),
        refunded_minor=_total(refunded),
        disputed_count=_count(disputed),
        disputed_minor=_total(disputed),
        success_rate=_count(captured) / tries if tries else None,
        hours_to_funds=_average(_of(kept, Figure.FUNDS_HOURS)),
        days_from_work=_average(_of(kept, Figure.WORK_DAYS)),
        days_late=_average(_of(kept, Figure.LATE_DAYS)),
        by_method={
            part: (_count(rows_), _total(rows_)) for part, rows_ in _split(captured).items()
        },
        by_refusal={part: _count(rows_) for part, rows_ in _split(refused).items()},
        by_day=_by_day(captured),
    )


def _of(rows: Iterable[Counted], figure: Figure) -> list[Counted]:
    return [row for row in rows if row.figure is figure]


def _count(rows: Iterable[Counted]) -> int:
    return sum(row.count for row in rows)


def _total(rows: Iterable[Counted]) -> int:
    return sum(row.total for row in rows)


def _average(rows: list[Counted]) -> float | None:
    return _total(rows) / _count(rows) if _count(rows) else None


def _split(rows: Iterable[Counted]) -> dict[str, list[Counted]]:
    parts: dict[str, list[Counted]] = {}
    for row in rows:
        parts.setdefault(row.part, []).append(row)
    return parts


def _by_day(rows: Iterable[Counted]) -> dict[date, int]:
    days: dict[date, int] = {}
    for row in rows:
        days[row.day] = days.get(row.day, 0) + row.total
    return dict(sorted(days.items()))
