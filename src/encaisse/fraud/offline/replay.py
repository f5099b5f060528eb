"""A past walked through in order, each payment weighed on what was known before it."""

from array import array
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter

from encaisse.fraud.offline.files import Transaction
from encaisse.risk.features import feature_names, numbers
from encaisse.risk.tallies import Tally
from encaisse.risk.velocity import fact_names, gather_values, label, record, stands_out


@dataclass(slots=True)
class Table:
    """The features of the transactions of some days, one row each, and what became of them."""

    names: tuple[str, ...]
    values: "array[float]" = field(default_factory=lambda: array("f"))
    days: "array[int]" = field(default_factory=lambda: array("i"))
    truths: "array[int]" = field(default_factory=lambda: array("b"))
    identifiers: list[str] = field(default_factory=list)
    payers: list[str] = field(default_factory=list)
    # Which cards were used by a fraudster, by day, over the whole past.
    compromised: dict[int, set[str]] = field(default_factory=dict)
    walked: int = 0
    first_day: int | None = None
    last_day: int | None = None

    def walk(self, transaction: Transaction) -> None:
        day = transaction.day
        self.walked += 1
        self.first_day = day if self.first_day is None else self.first_day
        self.last_day = day
        if transaction.is_fraud:
            self.compromised.setdefault(day, set()).add(transaction.payer)

    def add(self, transaction: Transaction, row: Iterable[float]) -> None:
        self.values.extend(row)
        self.days.append(transaction.day)
        self.truths.append(transaction.is_fraud)
        self.identifiers.append(transaction.transaction_id)
        self.payers.append(transaction.payer)


class Memory:
    """The tally of every subject of a past."""

    def __init__(self, kinds: Mapping[str, tuple[str, ...]]) -> None:
        self._tallies: dict[str, dict[int | str, Tally]] = {kind: {} for kind in kinds}

    def of(self, subjects: Mapping[str, int | str]) -> dict[str, Tally]:
        found = {}
        for kind, known in self._tallies.items():
            key = subjects.get(kind)
            if key is not None:
                tally = known.get(key)
                if tally is None:
                    tally = known[key] = Tally()
                found[kind] = tally
        return found


def replay(
    transactions: Iterable[Transaction],
    *,
    kinds: Mapping[str, tuple[str, ...]],
    delay_days: int,
    wanted: Callable[[int], bool],
    leave_out: Callable[[str], bool] = lambda _: False,
) -> Table:
    """
    Walk the past, and keep the features of the days that are wanted.

    A fraud is told to the tallies at once: they only speak of it after the delay.
    """
    names = tuple(name for name in feature_names(kinds) if not leave_out(name))
    told = fact_names(kinds)
    pick = itemgetter(*map(told.index, names))
    table, memory = Table(names), Memory(kinds)
    keeps: dict[int, bool] = {}
    for transaction in transactions:
        attempt, day, is_fraud = transaction.attempt, transaction.day, transaction.is_fraud
        if day not in keeps:
            keeps[day] = wanted(day)
        tallies, values = memory.of(attempt.subjects), []
        if keeps[day] or is_fraud:
            values = gather_values(attempt, tallies, kinds=kinds, label_delay_days=delay_days)
        if keeps[day]:
            table.add(transaction, numbers(pick(values)))
        record(attempt, tallies, kinds=kinds)
        if is_fraud:
            facts = dict(zip(told, values, strict=True))
            label(attempt, tallies, stood_out=stands_out(facts))
        table.walk(transaction)
    return table
