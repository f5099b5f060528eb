"""How good scores are: area under the ROC curve, average precision, precision on cards."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter, itemgetter


@dataclass(frozen=True, slots=True)
class Judged:
    """One test transaction and its score; the higher, the riskier."""

    day: int
    transaction_id: str
    payer: str
    is_fraud: bool
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """None where nothing can be measured: no fraud at all, or nothing else."""

    auc_roc: float | None
    average_precision: float | None
    card_precision: float | None
    card_precision_perfect: float | None


def measure(rows: Sequence[Judged], *, top: int) -> Measures:
    pairs = [(row.score, row.is_fraud) for row in rows]
    perfect = [replace(row, score=float(row.is_fraud)) for row in rows]
    return Measures(
        auc_roc=auc_roc(pairs),
        average_precision=average_precision(pairs),
        card_precision=card_precision(rows, top=top),
        card_precision_perfect=card_precision(perfect, top=top),
    )


def auc_roc(pairs: Iterable[tuple[float, bool]]) -> float | None:
    """Return how often a fraud scores above another transaction, a tie counting for half."""
    frauds = others = 0
    won = 0.0
    for guilty, total in _steps(pairs):
        won += (total - guilty) * (frauds + guilty / 2)
        frauds += guilty
        others += total - guilty
    return won / (frauds * others) if frauds and others else None


def average_precision(pairs: Iterable[tuple[float, bool]]) -> float | None:
    """Return the precision met at each step of recall: equal scores are one step."""
    frauds = seen = 0
    weighed = 0.0
    for guilty, total in _steps(pairs):
        frauds += guilty
        seen += total
        weighed += guilty * frauds / seen
    return weighed / frauds if frauds else None


def card_precision(rows: Sequence[Judged], *, top: int) -> float | None:
    """
    Return which share of the `top` cards that score highest each day are used by a fraudster.

    A card's score is its highest of the day; of two equal ones, the lower identifier comes first.
    A card found out is blocked, so it is not found a second time. The mean is over the days.
    """
    rank = ranking(row.payer for row in rows)
    found: set[str] = set()
    shares = []
    for _, of_the_day in groupby(sorted(rows, key=attrgetter("day")), key=attrgetter("day")):
        cards: dict[str, tuple[float, bool]] = {}
        for row in of_the_day:
            if row.payer not in found:
                score, guilty = cards.get(row.payer, (row.score, False))
                cards[row.payer] = (max(score, row.score), guilty or row.is_fraud)
        order = sorted(cards, key=lambda payer: (-cards[payer][0], rank(payer)))
        caught = [payer for payer in order[:top] if cards[payer][1]]
        found.update(caught)
        shares.append(len(caught) / top)
    return sum(shares) / len(shares) if shares else None


def ranking(payers: Iterable[str]) -> Callable[[str], tuple[int, str]]:
    """Return the order of identifiers: as numbers where all of them are, else as words."""
    if all(payer.isdecimal() for payer in payers):
        return lambda payer: (int(payer), "")
    return lambda payer: (0, payer)


def _steps(pairs: Iterable[tuple[float, bool]]) -> Iterator[tuple[int, int]]:
    """Give, from the riskiest score down, how many frauds and transactions have it."""
    for _, group in groupby(sorted(pairs, reverse=True), key=itemgetter(0)):
        truths = [is_fraud for _, is_fraud in group]
        yield sum(truths), len(truths)
