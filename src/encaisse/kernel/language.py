"""The languages people are written to in, and how each of them writes amounts, days and rates."""

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from encaisse.kernel.money import Money

NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"

FRENCH_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
    "octobre", "novembre", "décembre",
)  # fmt: skip
FRENCH_WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_ENGLISH_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_ENGLISH_WEEKDAYS = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip


class Language(StrEnum):
    FRENCH = "fr"
    ENGLISH = "en"

    @classmethod
    def of(cls, locale: str) -> "Language":
        """Return the language for a locale such as "en-GB"; French when it is not English."""
        return cls.ENGLISH if locale.lower().startswith("en") else cls.FRENCH

    def amount(self, money: "Money") -> str:
        return money.in_english() if self is Language.ENGLISH else money.in_french()

    def day(self, day: date) -> str:
        """Return a date that no reader takes for another: "05/11/2026", "5 November 2026"."""
        if self is Language.ENGLISH:
            return f"{day.day} {_ENGLISH_MONTHS[day.month - 1]} {day.year}"
        return f"{day:%d/%m/%Y}"

    def moment(self, local: datetime) -> str:
        """Return a day and an hour, as they are where the reader is."""
        link = "at" if self is Language.ENGLISH else "à"
        return f"{self.day(local)} {link} {local:%H:%M}"

    def long_day(self, day: date) -> str:
        """Return a date as people say it: "lundi 23 novembre 2026"."""
        if self is Language.ENGLISH:
            return f"{_ENGLISH_WEEKDAYS[day.weekday()]} {self.day(day)}"
        number = "1er" if day.day == 1 else str(day.day)
        month = FRENCH_MONTHS[day.month - 1]
        return f"{FRENCH_WEEKDAYS[day.weekday()]} {number} {month} {day.year}"

    def quantity(self, thousandths: int) -> str:
        """Return "2,5" or "2.5": no zero that says nothing, thousands grouped."""
        group, point = (",", ".") if self is Language.ENGLISH else (NARROW_SPACE, ",")
        units, rest = divmod(thousandths, 1000)
        decimals = f"{point}{rest:03d}".rstrip("0") if rest else ""
        return f"{units:,}".replace(",", group) + decimals

    def rate(self, basis_points: int) -> str:
        """Return "5,5 %" or "5.5%"."""
        sign = "%" if self is Language.ENGLISH else f"{NO_BREAK_SPACE}%"
        return self.quantity(basis_points * 10) + sign
