"""What a model trained on a past would have been worth on the days that followed."""

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from encaisse.fraud.offline.errors import UnusablePeriod
from encaisse.fraud.offline.files import kinds_in, read_transactions
from encaisse.fraud.offline.measures import Judged, Measures, measure
from encaisse.fraud.offline.protocol import TOP_CARDS, Fold, Protocol, day_of
from encaisse.fraud.offline.replay import Table, replay
from encaisse.fraud.offline.training import grow
from encaisse.risk.trees import Forest

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One fold: what its model gave each test transaction that was kept, and what it is worth."""

    fold: Fold
    rows: Sequence[Judged]
    measures: Measures

    @property
    def frauds(self) -> int:
        return sum(row.is_fraud for row in self.rows)


def backtest(
    paths: Sequence[Path],
    protocol: Protocol,
    *,
    say: Progress,
    leave_out: Callable[[str], bool] = lambda _: False,
) -> list[Outcome]:
    """
    Train and judge a model per fold, on what was known at each moment.

    Rows to learn from are those of the training days only. The memory of cards and terminals holds
    whatever the files tell before a payment, and labels only after their delay.

    :raises UnusableFile: a line cannot be believed
    :raises UnusablePeriod: the files do not cover a fold, or teach nothing
    :raises TrainerMissing: LightGBM is not installed
    """
    folds = list(protocol)
    kinds, _ = kinds_in(paths)
    say("Relecture des transactions…")
    table = replay(
        read_transactions(paths),
        kinds=kinds,
        delay_days=protocol.delay_days,
        wanted=lambda day: any(fold.trains_on(day) or fold.tests_on(day) for fold in folds),
        leave_out=leave_out,
    )
    say(f"{table.walked} transactions relues.")
    for fold in folds:
        _check(fold, table)
    return [_judged(fold, table, say) for fold in folds]


def _check(fold: Fold, table: Table) -> None:
    first, last = table.first_day, table.last_day
    if first is None or last is None or fold.train_from < first or fold.test_to - 1 > last:
        told = f"du {day_of(first)} au {day_of(last)}" if first and last else "aucun jour"
        raise UnusablePeriod(
            f"Le pli {fold.number} va du {day_of(fold.train_from)} au {day_of(fold.test_to - 1)} ; "
            f"les fichiers couvrent : {told}."
        )
    truths = {
        truth for day, truth in zip(table.days, table.truths, strict=True) if fold.trains_on(day)
    }
    if truths != {0, 1}:
        missing = "fraude" if 1 not in truths else "transaction honnête"
        raise UnusablePeriod(
            f"Aucune {missing} du {day_of(fold.train_from)} au {day_of(fold.train_to - 1)} : "
            "il n’y a rien à apprendre."
        )


def _judged(fold: Fold, table: Table, say: Progress) -> Outcome:
    forest = Forest(len(table.names), _trained(fold, table))
    rows = list(_scored(fold, table, forest))
    outcome = Outcome(fold, rows, measure(rows, top=TOP_CARDS))
    worth = outcome.measures.average_precision
    told = "non mesurable" if worth is None else f"{worth:.3f}"
    say(f"Pli {fold.number} : {len(rows)} transactions jugées, précision moyenne {told}.")
    return outcome


def _trained(fold: Fold, table: Table) -> list[object]:
    width = len(table.names)
    chosen = [place for place, day in enumerate(table.days) if fold.trains_on(day)]
    values = array("f")
    # The days of a fold follow each other, so its rows do.
    values.frombytes(
        memoryview(table.values)[chosen[0] * width : (chosen[-1] + 1) * width].tobytes()
    )
    return grow(values, [table.truths[place] for place in chosen], names=table.names)


def _scored(fold: Fold, table: Table, forest: Forest) -> Iterator[Judged]:
    width = len(table.names)
    aside: dict[int, set[str]] = {}
    for place, day in enumerate(table.days):
        if not fold.tests_on(day):
            continue
        if day not in aside:
            aside[day] = fold.compromised(table.compromised, day)
        payer = table.payers[place]
        if payer not in aside[day]:
            row = table.values[place * width : (place + 1) * width]
            is_fraud = bool(table.truths[place])
            yield Judged(day, table.identifiers[place], payer, is_fraud, forest.score(row))


def all_rows(outcomes: Sequence[Outcome]) -> Iterator[tuple[int, Judged]]:
    """Give every judged transaction with the number of its fold."""
    return chain.from_iterable(
        ((outcome.fold.number, row) for row in outcome.rows) for outcome in outcomes
    )
