"""Money is an integer of minor units with its currency. One type, one rounding rule, no float."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum

from encaisse.kernel.errors import DomainError

# A firm of the size Encaisse serves never moves ten billion euros at once: such an amount is a
# typing error, and the bound keeps every sum of a million rows inside a BIGINT.
LARGEST_MINOR = 10**12

_AMOUNT = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")
_SPACES = re.compile(r"[\s\u00a0\u202f]")
NARROW_SPACE = "\u202f"
NO_BREAK_SPACE = "\u00a0"


class Currency(StrEnum):
    EUR = "EUR"
    CHF = "CHF"
    GBP = "GBP"
    USD = "USD"
    JPY = "JPY"

    @property
    def exponent(self) -> int:
        """Return the number of decimals of the minor unit (ISO 4217)."""
        return 0 if self is Currency.JPY else 2

    @property
    def symbol(self) -> str:
        return {"EUR": "€", "GBP": "£", "USD": "$"}.get(self.value, self.value)


class CurrencyMismatch(DomainError):
    """Amounts in {left} and {right} cannot be combined."""

    code = "currency_mismatch"
    status = 422
    french = "Des montants en {left} et en {right} ne se combinent pas."


class AmountInvalid(DomainError):
    """“{text}” is not an amount of at most two decimals below ten billion."""

    code = "amount_invalid"
    status = 422
    french = "« {text} » n’est pas un montant valable (exemple : 1 234,56)."


def round_half_away(value: Decimal) -> int:
    """Round to the nearest integer, halves away from zero (EN 16931, BR-FR rounding)."""
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))


def rate_of(minor: int, basis_points: int) -> int:
    """Return `basis_points` ten-thousandths of an amount in minor units, halves away from zero."""
    return round_half_away(Decimal(minor) * basis_points / 10_000)


@dataclass(frozen=True, slots=True)
class Money:
    minor: int
    currency: Currency = Currency.EUR

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError("Money takes an int of minor units.")

    @classmethod
    def parse(cls, text: str, currency: Currency = Currency.EUR) -> "Money":
        """
        Read an amount in major units as a person types it: "1 234,56" or "1234.56".

        :raises AmountInvalid: not a number, too many decimals, or absurdly large
        """
        compact = _SPACES.sub("", text[:64]).removesuffix("€")
        if not _AMOUNT.fullmatch(compact):
            raise AmountInvalid(text=text[:32])
        try:
            scaled = Decimal(compact.replace(",", ".")).scaleb(currency.exponent)
        except InvalidOperation as error:
            raise AmountInvalid(text=text[:32]) from error
        if scaled != int(scaled) or abs(scaled) > LARGEST_MINOR:
            raise AmountInvalid(text=text[:32])
        return cls(int(scaled), currency)

    @classmethod
    def total(cls, amounts: Iterable["Money"], currency: Currency = Currency.EUR) -> "Money":
        """Add amounts up; an empty list is zero in `currency`."""
        result = cls(0, currency)
        for amount in amounts:
            result = result + amount
        return result

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other).minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other).minor

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other).minor

    def __bool__(self) -> bool:
        return self.minor != 0

    def share(self, basis_points: int) -> "Money":
        """Return that many ten-thousandths, halves away from zero."""
        return Money(rate_of(self.minor, basis_points), self.currency)

    def allocate(self, weights: Sequence[int]) -> list["Money"]:
        """
        Split in proportion without losing a cent: floor each share, hand out the rest in order.

        :raises ValueError: no weight is positive, or one is negative
        """
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise ValueError("Weights are not negative and one is positive.")
        shares = [self.minor * weight // total for weight in weights]
        rest = self.minor - sum(shares)
        # Only shares that were floored may take one of the cents left: fewer cents than those.
        floored = [i for i, weight in enumerate(weights) if self.minor * weight % total]
        for index in floored[:rest]:
            shares[index] += 1
        return [Money(share, self.currency) for share in shares]

    def in_french(self) -> str:
        """Return the amount as French pages print it, with the typographic spaces they need."""
        return f"{self._grouped(NARROW_SPACE, ',')}{NO_BREAK_SPACE}{self.currency.symbol}"

    def in_english(self) -> str:
        digits = self._grouped(",", ".")
        return f"{digits[: self.minor < 0]}{self.currency.symbol}{digits.removeprefix('-')}"

    def as_decimal_text(self) -> str:
        """Return major units with a dot and no grouping, as machines write them."""
        return self._grouped("", ".")

    def __str__(self) -> str:
        return self.in_french()

    def _grouped(self, group: str, point: str) -> str:
        units, cents = divmod(abs(self.minor), 10**self.currency.exponent)
        sign = "-" if self.minor < 0 else ""
        digits = f"{units:,}".replace(",", group)
        decimals = f"{point}{cents:0{self.currency.exponent}d}" if self.currency.exponent else ""
        return f"{sign}{digits}{decimals}"

    def _same(self, other: "Money") -> "Money":
        if other.currency is not self.currency:
            raise CurrencyMismatch(left=self.currency, right=other.currency)
        return other
