"""Invented card transactions, the same for a seed: large amounts, stolen terminals and cards."""

import csv
import lzma
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

COLUMNS = ("transaction_id", "at", "payer_id", "terminal_id", "amount", "is_fraud")
START = date(2026, 3, 2)


@dataclass(frozen=True, slots=True)
class CardTransaction:
    transaction_id: int
    at: datetime
    payer_id: int
    terminal_id: int
    cents: int
    is_fraud: bool

    def as_row(self) -> tuple[object, ...]:
        amount = f"{self.cents // 100}.{self.cents % 100:02d}"
        at = f"{self.at:%Y-%m-%d %H:%M:%S}"
        return (
            self.transaction_id, at, self.payer_id, self.terminal_id, amount, int(self.is_fraud)
        )  # fmt: skip


def card_transactions(
    *, days: int, payers: int = 60, terminals: int = 40, seed: int = 7
) -> list[CardTransaction]:
    """Every payer has usual amounts and terminals; now and then a terminal or a card is stolen."""
    dice = random.Random(seed)
    habits = [(dice.uniform(10, 80), dice.sample(range(terminals), 5)) for _ in range(payers)]
    taken = _Taken(dice, payers, terminals)
    drawn: list[tuple[datetime, int, int, int, bool]] = []
    for number in range(days):
        taken.pass_a_day(number)
        for payer, (mean, near) in enumerate(habits):
            drawn += [
                _drawn(dice, at, payer, mean, near, taken, number) for at in _moments(dice, number)
            ]
    drawn.sort()
    return [CardTransaction(number, *fields) for number, fields in enumerate(drawn)]


class _Taken:
    """Until which day each stolen card and each stolen terminal is used."""

    def __init__(self, dice: random.Random, payers: int, terminals: int) -> None:
        self._dice, self._sizes = dice, (payers, terminals)
        self.cards: dict[int, int] = {}
        self.terminals: dict[int, int] = {}

    def pass_a_day(self, number: int) -> None:
        if number % 4 == 0:
            self.cards[self._dice.randrange(self._sizes[0])] = number + 14
        if number % 9 == 0:
            self.terminals[self._dice.randrange(self._sizes[1])] = number + 28


def _moments(dice: random.Random, number: int) -> Iterator[datetime]:
    midnight = datetime.combine(START + timedelta(days=number), time())
    for _ in range(dice.randrange(5)):
        yield midnight + timedelta(seconds=dice.randrange(86_400))


def _drawn(
    dice: random.Random,
    at: datetime,
    payer: int,
    mean: float,
    near: Sequence[int],
    taken: _Taken,
    number: int,
) -> tuple[datetime, int, int, int, bool]:
    terminal = dice.choice(near)
    amount = max(1.0, dice.gauss(mean, mean / 2))
    is_fraud = taken.terminals.get(terminal, -1) > number
    if taken.cards.get(payer, -1) > number and dice.random() < 0.4:
        amount, is_fraud = amount * 5, True
    cents = round(amount * 100)
    return at, payer, terminal, cents, is_fraud or cents > 40_000


def write_transactions(path: Path, transactions: Sequence[CardTransaction]) -> Path:
    opened = lzma.open if path.suffix == ".xz" else open
    with opened(path, "wt", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(transaction.as_row() for transaction in transactions)
    return path
