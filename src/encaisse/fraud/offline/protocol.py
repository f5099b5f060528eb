"""Which days a model learns from, which ones judge it, and which cards are set aside."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta

STEP_DAYS = 7
# Cards with a fraud in the last week of training are known by the first test day.
KNOWN_DAYS = 7
TOP_CARDS = 100
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Fold:
    """Days are numbered from 1 January 1970; each end is excluded."""

    number: int
    train_from: int
    train_to: int
    test_from: int
    test_to: int

    def trains_on(self, day: int) -> bool:
        return self.train_from <= day < self.train_to

    def tests_on(self, day: int) -> bool:
        return self.test_from <= day < self.test_to

    def compromised(self, cards_by_day: Mapping[int, AbstractSet[str]], day: int) -> set[str]:
        """
        Return the cards set aside on a test day, as in the published protocol.

        Those with a fraud in the last week of training, or on a day whose labels came by then:
        `train_to + k - 1` and before, k counted from 0, is the day before `day - delay`.
        """
        first = max(self.train_from, self.train_to - KNOWN_DAYS)
        last = self.train_to + (day - self.test_from) - 1
        return set().union(*(cards_by_day.get(known, ()) for known in range(first, last + 1)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    train_from: date
    train_days: int
    delay_days: int
    test_days: int
    folds: int = 1

    def __iter__(self) -> Iterator[Fold]:
        """Give the folds, each a week after the one before."""
        for number in range(self.folds):
            start = day_number(self.train_from) + STEP_DAYS * number
            train_to = start + self.train_days
            test_from = train_to + self.delay_days
            yield Fold(number, start, train_to, test_from, test_from + self.test_days)


def day_number(day: date) -> int:
    return (day - _EPOCH).days


def day_of(number: int) -> date:
    return _EPOCH + timedelta(days=number)
