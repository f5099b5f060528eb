"""A bank statement as a value, the same whatever file it came from. Pure."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from encaisse.kernel.errors import DomainError
from encaisse.kernel.money import Money


class StatementUnbalanced(DomainError):
    """Opening balance {opening} and the lines give {computed}, not the closing {closing}."""

    code = "statement_unbalanced"
    status = 422
    french = (
        "Ce relevé ne tombe pas juste : {opening} et ses lignes donnent {computed}, pas {closing}. "
        "Rien n’a été importé ; demandez un nouveau fichier à votre banque."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """A booked line; the amount is negative for a debit."""

    amount: Money
    booked_on: date
    value_on: date
    bank_reference: str = ""
    end_to_end_id: str = ""
    remittance: str = field(default="", repr=False)
    counterparty_name: str = field(default="", repr=False)
    counterparty_iban: str = field(default="", repr=False)
    bank_code: str = ""

    def fingerprint(self) -> str:
        """
        Return what makes the line recognisable in another file of the same account.

        The bank's own reference when there is one; otherwise everything printed on the line.
        """
        return self._digest(self.bank_reference) if self.bank_reference else self.printed()

    def printed(self) -> str:
        """
        Return what is printed on the line, its reference left out.

        A day's interim report (camt.052) may show a line before the bank gave it the reference
        that the statement (camt.053) bears.
        """
        return self._digest(
            self.end_to_end_id,
            self.remittance,
            self.counterparty_name,
            self.counterparty_iban,
            self.bank_code,
        )

    def _digest(self, *known: str) -> str:
        parts = [self.booked_on.isoformat(), str(self.amount.minor), *known]
        return hashlib.sha256("|".join(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A bank account between two days, whose lines explain the change of balance."""

    iban: str = field(repr=False)
    statement_id: str
    opening: Money
    closing: Money
    first_day: date
    last_day: date
    lines: tuple[StatementLine, ...]

    def __post_init__(self) -> None:
        computed = self.opening + Money.total(
            (line.amount for line in self.lines), self.opening.currency
        )
        if computed != self.closing:
            raise StatementUnbalanced(opening=self.opening, computed=computed, closing=self.closing)


def occurrences(lines: Sequence[StatementLine]) -> list[int]:
    """
    Number identical lines: two equal coffees of one day are lines 0 and 1.

    A file imported twice gives the same numbers, so nothing is doubled and nothing is dropped.
    """
    seen: Counter[str] = Counter()
    numbers = []
    for line in lines:
        fingerprint = line.fingerprint()
        numbers.append(seen[fingerprint])
        seen[fingerprint] += 1
    return numbers
