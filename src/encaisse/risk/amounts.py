"""The last amounts of a subject, and how far from them a new one is."""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Sequence
from math import inf

# Under so many amounts, nobody has a habit yet.
HABIT = 5
_KEPT = 50
# The deviation of a normal law is this many times its median absolute deviation.
_NORMAL = 1.4826
# Somebody who always pays the same is not surprised by five per cent more.
_LEAST_SPREAD = 0.05


class Amounts:
    """The last fifty amounts, in cents, in order of arrival and in order of size."""

    __slots__ = ("_arrived", "_sorted", "_usual")

    def __init__(self, arrived: Sequence[int] = ()) -> None:
        self._arrived = deque(arrived)
        self._sorted = sorted(arrived)
        # The median and the usual deviation, until the next amount.
        self._usual: tuple[int, float] | None = None

    def add(self, cents: int, *, most: float = inf) -> bool:
        """Keep an amount; tell whether it was more than `most` deviations above the median."""
        known = self._sorted
        # One under the median is not, and nothing has to be measured to say so.
        is_more = len(known) >= HABIT and cents > known[len(known) // 2] and self._more(cents, most)
        if len(known) == _KEPT:
            oldest = self._arrived.popleft()
            del known[bisect_left(known, oldest)]
        self._arrived.append(cents)
        insort(known, cents)
        self._usual = None
        return is_more

    def dump(self) -> list[int]:
        return list(self._arrived)

    def median(self) -> int | None:
        """Return the middle amount (the higher of two), None without a habit."""
        known = self._sorted
        return known[len(known) // 2] if len(known) >= HABIT else None

    def rank(self, cents: int) -> float | None:
        """Return which share of the last amounts is smaller than this one."""
        known = self._sorted
        return bisect_left(known, cents) / len(known) if len(known) >= HABIT else None

    def deviations(self, cents: int) -> float | None:
        """Return the robust z-score: how many usual deviations above the median."""
        if len(self._sorted) < HABIT:
            return None
        if self._usual is None:
            self._usual = self._measure()
        median, spread = self._usual
        return (cents - median) / spread

    def _more(self, cents: int, most: float) -> bool:
        deviations = self.deviations(cents)
        return deviations is not None and deviations > most

    def _measure(self) -> tuple[int, float]:
        median = self._sorted[len(self._sorted) // 2]
        deviation = _NORMAL * self._absolute_deviation(median)
        return median, max(deviation, _LEAST_SPREAD * abs(median), 1.0)

    def _absolute_deviation(self, median: int) -> int:
        """
        Return the median absolute deviation (the higher of two).

        The amounts nearest to the median are neighbours in order of size: of all runs holding
        just over half of them, the one whose farther end is nearest, found by halving.
        """
        known = self._sorted
        width = len(known) // 2
        low, high = 0, len(known) - 1 - width
        while low < high:
            middle = (low + high) // 2
            if median - known[middle] > known[middle + width] - median:
                low = middle + 1
            else:
                high = middle
        nearest = max(median - known[low], known[low + width] - median)
        return min(nearest, median - known[low - 1]) if low else nearest
