"""Periods as people choose and read them: shortcuts, and slices of days, weeks or months. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from encaisse.reporting.core import Period, last_days
from encaisse.web import french

_LARGEST_BY_DAY = 31
_LARGEST_BY_WEEK = 183


class Grain(StrEnum):
    """How long one column lasts; the value is how its title says it."""

    DAY = "jour"
    WEEK = "semaine"
    MONTH = "mois"


@dataclass(frozen=True, slots=True)
class Slice:
    """A day, a week or a month, cut at the ends of the period, with its amount."""

    first: date
    last: date
    minor: int


@dataclass(frozen=True, slots=True)
class Shortcut:
    label: str
    period: Period
    is_current: bool

    @property
    def query(self) -> str:
        return query_of(self.period)


def query_of(period: Period) -> str:
    """Write a period as an address does, so that a view can be kept and shared."""
    return f"?du={period.first.isoformat()}&au={period.last.isoformat()}"


def shortcuts(*, today: date, current: Period | None) -> list[Shortcut]:
    first_of_month = today.replace(day=1)
    found = {
        "7 jours": last_days(7, until=today),
        "30 jours": last_days(30, until=today),
        "Ce mois": Period(first_of_month, today),
        "Le mois dernier": _month_before(first_of_month),
        "Cette année": Period(today.replace(month=1, day=1), today),
        "12 mois": Period(_a_year_before(today) + timedelta(days=1), today),
    }
    return [Shortcut(label, period, period == current) for label, period in found.items()]


def in_words(period: Period) -> str:
    """Write « du 1er septembre au 23 novembre 2026 »."""
    if period.days == 1:
        return f"le {french.plain_day(period.first)}"
    same_year = period.first.year == period.last.year
    first = french.plain_day(period.first, with_year=not same_year)
    return f"du {first} au {french.plain_day(period.last)}"


def grain_of(period: Period) -> Grain:
    """Choose columns a person can tell apart: at most 31 days, 27 weeks, or months."""
    if period.days <= _LARGEST_BY_DAY:
        return Grain.DAY
    return Grain.WEEK if period.days <= _LARGEST_BY_WEEK else Grain.MONTH


def slices(period: Period, by_day: Mapping[date, int]) -> list[Slice]:
    """Add days up into the slices of the period's grain, empty ones included."""
    ends = _ENDS[grain_of(period)]
    return [
        Slice(first, last, sum(minor for day, minor in by_day.items() if first <= day <= last))
        for first, last in _cut(period, ends)
    ]


def name_of(part: Slice, grain: Grain) -> str:
    match grain:
        case Grain.DAY:
            return french.long_day(part.first)
        case Grain.WEEK:
            return f"semaine du {french.plain_day(part.first)}"
        case Grain.MONTH:
            return french.month(part.first)


def label_of(part: Slice, grain: Grain) -> str:
    if grain is Grain.MONTH:
        return french.SHORT_MONTHS[part.first.month - 1]
    return french.short_day(part.first)


def _cut(period: Period, end_of: Callable[[date], date]) -> Iterator[tuple[date, date]]:
    first = period.first
    while first <= period.last:
        last = min(end_of(first), period.last)
        yield first, last
        first = last + timedelta(days=1)


def _end_of_day(day: date) -> date:
    return day


def _end_of_week(day: date) -> date:
    return day + timedelta(days=6 - day.weekday())


def _end_of_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _month_before(first_of_month: date) -> Period:
    last = first_of_month - timedelta(days=1)
    return Period(last.replace(day=1), last)


def _a_year_before(day: date) -> date:
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if is_leap_day else day.day)


_ENDS: Mapping[Grain, Callable[[date], date]] = {
    Grain.DAY: _end_of_day,
    Grain.WEEK: _end_of_week,
    Grain.MONTH: _end_of_month,
}
