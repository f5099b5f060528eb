"""
How the back office writes counts, amounts, days, rates and durations. Nothing else there does.

A second language of the back office starts here: whatever a page formats, it formats through this
module, and `tests/architecture/test_one_formatter.py` finds who does it by themselves.
"""

from datetime import date, datetime

from encaisse.kernel.language import FRENCH_MONTHS, FRENCH_WEEKDAYS, Language
from encaisse.kernel.money import NARROW_SPACE, NO_BREAK_SPACE, Money
from encaisse.kit.clock import PARIS

SHORT_MONTHS = (
    "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.",
    "déc.",
)  # fmt: skip


def plural(count: int, one: str, many: str) -> str:
    return f"{count} {many if count > 1 else one}"


def percent(rate: float | None) -> str:
    """Write a rate between 0 and 1 with one decimal; a dash where nothing was counted."""
    return f"{decimal(rate * 100)}{NO_BREAK_SPACE}%" if rate is not None else "—"


def decimal(value: float, places: int = 1) -> str:
    """Write « 2,5 »."""
    return f"{value:.{places}f}".replace(".", ",")


def quantity(thousandths: int) -> str:
    """Write a quantity without useless decimals: 1, 6,5, 0,125."""
    return Language.FRENCH.quantity(thousandths)


def vat_rate(basis_points: int) -> str:
    """Write « 5,5 % »."""
    return Language.FRENCH.rate(basis_points)


def whole_percent(part: int, whole: int) -> str:
    """Write a share without decimals, as sentences and bars say it."""
    return f"{round(part * 100 / whole) if whole else 0}{NO_BREAK_SPACE}%"


def days(value: float | None) -> str:
    return _counted(value, "jour", "jours")


def hours(value: float | None) -> str:
    return _counted(value, "heure", "heures")


def whole_euros(minor: int) -> str:
    """Write an amount without its cents, where a drawing has no room for them."""
    return f"{round(minor / 100):,}".replace(",", NARROW_SPACE) + f"{NO_BREAK_SPACE}€"


def long_day(day: date) -> str:
    """Write « lundi 23 novembre »."""
    return f"{FRENCH_WEEKDAYS[day.weekday()]} {plain_day(day, with_year=False)}"


def plain_day(day: date, *, with_year: bool = True) -> str:
    """Write « 23 novembre 2026 »."""
    text = f"{_number(day)}{NO_BREAK_SPACE}{FRENCH_MONTHS[day.month - 1]}"
    return f"{text} {day.year}" if with_year else text


def day_in_figures(day: date) -> str:
    """Write 23/11/2026."""
    return Language.FRENCH.day(day)


def moment(at: datetime) -> str:
    """Write 23/11/2026 à 14 h 05, in Paris."""
    local = at.astimezone(PARIS)
    return f"{day_in_figures(local)} à {local:%H}{NARROW_SPACE}h{NARROW_SPACE}{local:%M}"


def short_day(day: date) -> str:
    """Write « 23 nov. »."""
    return f"{_number(day)}{NO_BREAK_SPACE}{SHORT_MONTHS[day.month - 1]}"


def month(day: date) -> str:
    """Write « novembre 2026 »."""
    return f"{FRENCH_MONTHS[day.month - 1]} {day.year}"


def money(minor: int) -> str:
    return amount(Money(minor))


def amount(value: Money) -> str:
    return Language.FRENCH.amount(value)


def typed_money(amount: Money) -> str:
    """Write an amount as a field or a spreadsheet takes it: 1234,56."""
    return amount.as_decimal_text().replace(".", ",")


def _counted(value: float | None, one: str, many: str) -> str:
    if value is None:
        return "—"
    number = decimal(value).removesuffix(",0")
    return f"{number}{NO_BREAK_SPACE}{many if value >= 2 else one}"


def _number(day: date) -> str:
    return "1er" if day.day == 1 else str(day.day)
