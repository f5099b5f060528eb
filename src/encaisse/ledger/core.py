"""Double entry, as pure values. No Django, no clock, no I/O."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from encaisse.kernel.errors import DomainError
from encaisse.kernel.money import Currency, Money


class Side(StrEnum):
    DEBIT = "debit"
    CREDIT = "credit"

    @property
    def opposite(self) -> "Side":
        return Side.CREDIT if self is Side.DEBIT else Side.DEBIT


class Account(StrEnum):
    """Accounts we post to, from the plan comptable général (ANC 2014-03, 2022-06)."""

    CUSTOMERS = "411"
    DOUBTFUL_CUSTOMERS = "416"
    DEPOSITS_RECEIVED = "4191"
    VAT_COLLECTED = "44571"
    VAT_PENDING = "4458"
    TO_ALLOCATE = "471"
    COLLECTING = "511"
    BANK = "512"
    BANK_FEES = "627"
    SERVICES = "706"
    GOODS = "707"

    @property
    def label(self) -> str:
        """Return the name the accountant reads in the FEC."""
        return _LABELS[self]


_LABELS = {
    Account.CUSTOMERS: "Clients",
    Account.DOUBTFUL_CUSTOMERS: "Clients douteux ou litigieux",
    Account.DEPOSITS_RECEIVED: "Clients - Avances et acomptes reçus sur commandes",
    Account.VAT_COLLECTED: "TVA collectée",
    Account.VAT_PENDING: "TVA à régulariser, en attente d’encaissement",
    Account.TO_ALLOCATE: "Compte d’attente, sommes à affecter",
    Account.COLLECTING: "Valeurs à l’encaissement",
    Account.BANK: "Banques",
    Account.BANK_FEES: "Services bancaires et assimilés",
    Account.SERVICES: "Prestations de services",
    Account.GOODS: "Ventes de marchandises",
}


class Journal(StrEnum):
    """Journals of the firm; the code and the label are columns of the FEC (LPF art. A47 A-1)."""

    SALES = "VE"
    BANK = "BQ"
    COLLECTING = "EN"
    GENERAL = "OD"

    @property
    def label(self) -> str:
        return {"VE": "Ventes", "BQ": "Banque", "EN": "Encaissements"}.get(
            self.value, "Opérations diverses"
        )


class UnbalancedEntry(DomainError):
    """Debits and credits differ by {difference} in {currency}."""

    code = "ledger_entry_unbalanced"
    status = 422
    french = "Cette écriture n’est pas équilibrée : {difference} d’écart en {currency}."


class EntryPostedDifferently(DomainError):
    """{source} already caused another entry for {reason}."""

    code = "ledger_entry_conflict"
    status = 409
    french = "Une autre écriture existe déjà pour {source} ({reason}). Rien n’a été écrit."


@dataclass(frozen=True, slots=True)
class Auxiliary:
    """Whose account it is inside a collective account: CompAuxNum and CompAuxLib of the FEC."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Line:
    account: Account
    side: Side
    amount: Money
    auxiliary: Auxiliary | None = None

    def __post_init__(self) -> None:
        if self.amount.minor <= 0:
            raise ValueError("A line carries a positive amount; its side gives the direction.")


@dataclass(frozen=True, slots=True)
class Entry:
    """A balanced set of lines. It cannot be built unbalanced, so nothing later re-checks it."""

    lines: tuple[Line, ...]
    reason: str

    def __post_init__(self) -> None:
        if not self.lines:
            raise ValueError("An entry has lines.")
        for currency, difference in _differences(self.lines).items():
            if difference != 0:
                raise UnbalancedEntry(currency=currency, difference=Money(difference, currency))

    def reversed(self, *, reason: str) -> "Entry":
        """Return the correcting entry: same accounts and amounts, opposite sides."""
        lines = tuple(replace(line, side=line.side.opposite) for line in self.lines)
        return Entry(lines=lines, reason=reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """What justifies an entry: the columns of the FEC that can never be added later."""

    journal: Journal
    entry_date: date
    piece_reference: str
    piece_date: date
    label: str

    @property
    def fiscal_year(self) -> int:
        """Return the fiscal year that numbers the entry: the calendar year of its date."""
        return self.entry_date.year


def debit(account: Account, amount: Money, auxiliary: Auxiliary | None = None) -> list[Line]:
    """Return the line that moves this amount to the debit: the credit if negative, none if zero."""
    return _line(account, Side.DEBIT, amount, auxiliary)


def credit(account: Account, amount: Money, auxiliary: Auxiliary | None = None) -> list[Line]:
    """Return the line that moves this amount to the credit: the debit if negative, none if zero."""
    return _line(account, Side.CREDIT, amount, auxiliary)


def entry_of(reason: str, *groups: Iterable[Line]) -> Entry:
    """
    Build an entry from groups of lines.

    :raises UnbalancedEntry: debits and credits differ
    """
    return Entry(lines=tuple(line for group in groups for line in group), reason=reason)


def _line(account: Account, side: Side, amount: Money, auxiliary: Auxiliary | None) -> list[Line]:
    if not amount:
        return []
    if amount.minor < 0:
        return [Line(account, side.opposite, -amount, auxiliary)]
    return [Line(account, side, amount, auxiliary)]


def _differences(lines: Iterable[Line]) -> Counter[Currency]:
    totals: Counter[Currency] = Counter()
    for line in lines:
        sign = 1 if line.side is Side.DEBIT else -1
        totals[line.amount.currency] += sign * line.amount.minor
    return totals
