"""
Days on which banks move euros. Pure.

The TARGET system, hence SEPA transfers, is closed on weekends, 1 January, Good Friday, Easter
Monday, 1 May, 25 and 26 December (ECB, TARGET calendar). Instant transfers know no such days.
"""

from datetime import date, timedelta

_FIXED_CLOSINGS = frozenset({(1, 1), (5, 1), (12, 25), (12, 26)})
_SATURDAY = 5


def is_bank_day(day: date) -> bool:
    easter = easter_sunday(day.year)
    is_easter_closing = day in {easter - timedelta(days=2), easter + timedelta(days=1)}
    is_fixed_closing = (day.month, day.day) in _FIXED_CLOSINGS
    return day.weekday() < _SATURDAY and not is_fixed_closing and not is_easter_closing


def bank_day_from(day: date) -> date:
    """Return the day itself when banks are open, or the next one on which they are."""
    while not is_bank_day(day):
        day += timedelta(days=1)
    return day


def after_bank_days(day: date, count: int) -> date:
    """Return the day that comes so many bank days later; none means the first open day."""
    found = bank_day_from(day) if count == 0 else day
    for _ in range(count):
        found = bank_day_from(found + timedelta(days=1))
    return found


def easter_sunday(year: int) -> date:
    """Return Easter in the Gregorian calendar (Meeus, Jones and Butcher's algorithm)."""
    golden = year % 19
    century, rest = divmod(year, 100)
    leaps, century_rest = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leaps - correction + 15) % 30
    leap_years, year_rest = divmod(rest, 4)
    to_sunday = (32 + 2 * century_rest + 2 * leap_years - epact - year_rest) % 7
    shift = (golden + 11 * epact + 22 * to_sunday) // 451
    month, day = divmod(epact + to_sunday - 7 * shift + 114, 31)
    return date(year, month, day + 1)
