"""Names of daily figures and what is computed from them. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from encaisse.reporting.errors import PeriodInvalid


class Figure(StrEnum):
    """What is counted each day; `total` is in the unit named."""

    CAPTURED = "captured"  # by means of payment; minor units
    REFUSED = "refused"  # by cause; nothing
    REFUNDED = "refunded"  # minor units
    DISPUTED = "disputed"  # minor units
    FUNDS_HOURS = "funds_hours"  # by hours from payment to funds; the same hours
    WORK_DAYS = "work_days"  # days from work done to funds
    LATE_DAYS = "late_days"  # days beyond the due date
    # Links that went that far, by means and device ("any.phone"); nothing.
    OPENED = "opened"
    CHOSEN = "chosen"
    AUTHENTICATED = "authenticated"
    PAID = "paid"


# The way of a payer, from the link to the money; each step is part of the one before.
FUNNEL = (Figure.OPENED, Figure.CHOSEN, Figure.AUTHENTICATED, Figure.PAID)
ANY_METHOD = "any"


class Device(StrEnum):
    """Where a link was opened."""

    PHONE = "phone"
    DESK = "desk"


# Average delay in which French firms were paid by their customers in 2023: Observatoire des délais
# de paiement, 2024 report, on Banque de France data. Lateness beyond the due date is another
# measure, never mixed with this one.
FRENCH_DAYS_FROM_WORK_TO_FUNDS = 42.7

DAYS_SHOWN_FIRST = 30
_LONGEST_DAYS = 5 * 366
_FIRST_YEAR, _LAST_YEAR = 2000, 2100


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

    @property
    def before(self) -> "Period":
        """Return as many days, just before."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))


def last_days(count: int, *, until: date) -> Period:
    """Return that many days, the last one included."""
    return Period(until - timedelta(days=count - 1), until)


def read_period(first: str, last: str, *, today: date) -> Period:
    """
    Read a period written as two ISO days; what is not written is the last thirty days.

    :raises PeriodInvalid: a day is unreadable, or the two do not make a reasonable period
    """
    end = _read_day(last) if last else today
    start = _read_day(first) if first else last_days(DAYS_SHOWN_FIRST, until=end).first
    if start > end:
        raise PeriodInvalid(reason="elle finit avant de commencer")
    if (end - start).days >= _LONGEST_DAYS:
        raise PeriodInvalid(reason="elle dépasse cinq ans")
    return Period(start, end)


def _read_day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise PeriodInvalid(reason=f"« {text[:20]} » n’est pas un jour du calendrier") from error
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise PeriodInvalid(reason=f"l’année {day.year} est hors du calendrier des affaires")
    return day


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
    # Links by how far they went, for all means ("any") and for each, on each device.
    funnel: Mapping[Figure, Mapping[tuple[str, str], int]]

    @property
    def tries(self) -> int:
        """Return how many times somebody tried to pay, with success or not."""
        return self.captured_count + self.refused_count

    @property
    def failure_rate(self) -> float | None:
        return None if self.success_rate is None else 1 - self.success_rate

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing at all was counted."""
        opened = sum(self.funnel[Figure.OPENED].values())
        counts = (self.tries, self.refunded_count, self.disputed_count, opened)
        averages = (self.hours_to_funds, self.days_from_work, self.days_late)
        return not any(counts) and all(average is None for average in averages)


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
        funnel={figure: _by_way(_of(kept, figure)) for figure in FUNNEL},
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


def _by_way(rows: list[Counted]) -> dict[tuple[str, str], int]:
    """Count links by means and device."""
    return {
        (method, device): _count(found)
        for part, found in _split(rows).items()
        for method, _, device in [part.partition(".")]
    }


def hours_to_funds(rows: Iterable[Counted]) -> Mapping[int, int]:
    """Return how many payments took each number of hours to become funds, the shortest first."""
    spread: Counter[int] = Counter()
    for row in _of(rows, Figure.FUNDS_HOURS):
        if row.part:  # counted by an older version without it
            spread[int(row.part)] += row.count
    return dict(sorted(spread.items()))


def median(spread: Mapping[int, int]) -> int | None:
    """Return the least value that at least half of what was counted does not exceed."""
    whole, seen = sum(spread.values()), 0
    for value, count in sorted(spread.items()):
        seen += count
        if 2 * seen >= whole and seen:
            return value
    return None


def _by_day(rows: Iterable[Counted]) -> dict[date, int]:
    days: dict[date, int] = {}
    for row in rows:
        days[row.day] = days.get(row.day, 0) + row.total
    return dict(sorted(days.items()))
