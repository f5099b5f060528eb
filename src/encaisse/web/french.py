"""How sentences write counts, rates and durations."""

from datetime import date

from encaisse.kernel.money import NARROW_SPACE, NO_BREAK_SPACE, Money

MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
    "octobre", "novembre", "décembre",
)  # fmt: skip
SHORT_MONTHS = (
    "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.",
    "déc.",
)  # fmt: skip
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


def plural(count: int, one: str, many: str) -> str:
    return f"{count} {many if count > 1 else one}"


def percent(rate: float | None) -> str:
    """Write a rate between 0 and 1 with one decimal; a dash where nothing was counted."""
    return f"{rate * 100:.1f}{NO_BREAK_SPACE}%".replace(".", ",") if rate is not None else "—"


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
    return f"{WEEKDAYS[day.weekday()]} {_number(day)}{NO_BREAK_SPACE}{MONTHS[day.month - 1]}"


def plain_day(day: date, *, with_year: bool = True) -> str:
    """Write « 23 novembre 2026 »."""
    text = f"{_number(day)}{NO_BREAK_SPACE}{MONTHS[day.month - 1]}"
    return f"{text} {day.year}" if with_year else text


def short_day(day: date) -> str:
    """Write « 23 nov. »."""
    return f"{_number(day)}{NO_BREAK_SPACE}{SHORT_MONTHS[day.month - 1]}"


def month(day: date) -> str:
    """Write « novembre 2026 »."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def money(minor: int) -> str:
    return Money(minor).in_french()


def _counted(value: float | None, one: str, many: str) -> str:
    if value is None:
        return "—"
    number = f"{value:.1f}".removesuffix(".0").replace(".", ",")
    return f"{number}{NO_BREAK_SPACE}{many if value >= 2 else one}"


def _number(day: date) -> str:
    return "1er" if day.day == 1 else str(day.day)
