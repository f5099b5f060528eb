"""The sparse rings of buckets that a tally counts in: only the buckets something fell in exist."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import TypeAlias

Figures: TypeAlias = tuple[int, int, float | None, int]
# Where each figure stands in a bucket; only days have the last four.
COUNT, CENTS, REFUSED, UNUSUAL, FRAUDS, FRAUD_CENTS, PLAIN = range(7)
_NOTHING: Figures = (0, 0, None, 0)


class Ring:
    """
    Buckets by number, in order, none older than `keep` before the newest.

    A bucket's number is the moment divided by the bucket's length, so a late event finds its own.
    """

    __slots__ = ("_blank", "buckets", "keep", "starts")

    def __init__(self, keep: int, width: int = 3) -> None:
        self.keep, self._blank = keep, [0] * width
        self.starts: list[int] = []
        self.buckets: list[list[int]] = []

    def add(self, number: int, cents: int, refused: int) -> list[int] | None:
        """Count one event; return its bucket, None when that is too old to be kept."""
        starts = self.starts
        if starts and starts[-1] == number:
            bucket = self.buckets[-1]
        elif not starts or starts[-1] < number - self.keep:
            bucket = self._blank[:]
            self._restart(number, bucket)
        else:
            found = self._bucket(number)
            if found is None:
                return None
            bucket = found
        bucket[0] += 1
        bucket[1] += cents
        bucket[2] += refused
        return bucket

    def told(self, since: int) -> Figures:
        """Return count, cents, mean and refused of this bucket and the later ones."""
        starts, buckets = self.starts, self.buckets
        if not starts or starts[-1] < since:
            return _NOTHING
        count, cents, refused = buckets[-1]
        place = len(starts) - 1
        while place and starts[place - 1] >= since:
            place -= 1
            bucket = buckets[place]
            count += bucket[0]
            cents += bucket[1]
            refused += bucket[2]
        return count, cents, cents / count, refused

    def find(self, number: int) -> list[int] | None:
        """Return this bucket, None when nothing in it is remembered."""
        place = bisect_left(self.starts, number)
        if place == len(self.starts) or self.starts[place] != number:
            return None
        return self.buckets[place]

    def dump(self) -> list[list[int]]:
        """Return one row a bucket, each start told from the one before, trailing zeros cut."""
        rows, before = [], 0
        for start, bucket in zip(self.starts, self.buckets, strict=True):
            rows.append(_cut([start - before, *bucket]))
            before = start
        return rows

    def load(self, rows: Sequence[Sequence[int]]) -> None:
        """Take up what `dump` returned, in a ring that is still empty."""
        number, blank = 0, self._blank
        for row in rows:
            number += row[0]
            self.starts.append(number)
            self.buckets.append([*row[1:], *blank[len(row) - 1 :]])

    def _restart(self, number: int, bucket: list[int]) -> None:
        """Begin anew with one bucket: all others are too old by now."""
        self.starts, self.buckets = [number], [bucket]

    def _bucket(self, number: int) -> list[int] | None:
        """Return the bucket of this number, opened if need be; None when it is too old."""
        starts, bucket = self.starts, self._blank[:]
        if number > starts[-1]:
            if starts[0] < number - self.keep:
                self._drop(bisect_left(starts, number - self.keep))
            starts.append(number)
            self.buckets.append(bucket)
            return bucket
        if number < starts[-1] - self.keep:
            return None
        place = bisect_left(starts, number)
        if starts[place] == number:
            return self.buckets[place]
        self._open(place, number, bucket)
        return bucket

    def _open(self, place: int, number: int, bucket: list[int]) -> None:
        self.starts.insert(place, number)
        self.buckets.insert(place, bucket)

    def _drop(self, first: int) -> None:
        """Forget the buckets before this place."""
        del self.starts[:first]
        del self.buckets[:first]


class Window:
    """
    The sums of the days from `since` on, kept as payments are counted and time goes on.

    Nothing is summed again: what enters is added, what leaves is taken away.
    """

    __slots__ = ("_ring", "cents", "count", "first", "refused", "since", "unusual")

    def __init__(self, ring: "DayRing", since: int) -> None:
        # `first` is the place of the first bucket inside.
        self._ring, self.since, self.first = ring, since, len(ring.starts)
        self.count = self.cents = self.refused = self.unusual = 0
        self.move(since)

    def told(self) -> Figures:
        count = self.count
        return (count, self.cents, self.cents / count, self.refused) if count else _NOTHING

    def move(self, since: int) -> None:
        """Begin at another day, later as time goes on, or earlier for a question come late."""
        starts, buckets, first = self._ring.starts, self._ring.buckets, self.first
        self.since = since
        while first < len(starts) and starts[first] < since:
            self._take(buckets[first], -1)
            first += 1
        while first and starts[first - 1] >= since:
            first -= 1
            self._take(buckets[first], 1)
        self.first = first

    def _take(self, bucket: Sequence[int], sign: int) -> None:
        self.count += sign * bucket[COUNT]
        self.cents += sign * bucket[CENTS]
        self.refused += sign * bucket[REFUSED]
        self.unusual += sign * bucket[UNUSUAL]


class DayRing(Ring):
    """
    The days, which also remember the frauds known since and the amounts out of the ordinary.

    PLAIN counts the frauds that their amount does not explain. The windows last asked for are kept:
    they change by one payment, and by one day, at a time.
    """

    __slots__ = ("_windows",)

    def __init__(self, keep: int) -> None:
        super().__init__(keep, width=7)
        self._windows: tuple[Window, ...] = ()

    def count(self, number: int, cents: int, refused: int, unusual: int) -> None:
        """Count one event, and whether its amount was out of the ordinary."""
        bucket = self.add(number, cents, refused)
        if bucket is None:
            return
        bucket[UNUSUAL] += unusual
        if self._windows and number < self._windows[0].since:
            # Told late: the windows are made again when they are asked for.
            self._windows = ()
        for window in self._windows:
            window.count += 1
            window.cents += cents
            window.refused += refused
            window.unusual += unusual

    def windows(self, week: int, month: int) -> tuple[Window, ...]:
        """Return the windows that begin on these two days."""
        if not self._windows:
            self._windows = (Window(self, week), Window(self, month))
        elif self._windows[0].since != week:
            self._windows[0].move(week)
            self._windows[1].move(month)
        return self._windows

    def _restart(self, number: int, bucket: list[int]) -> None:
        super()._restart(number, bucket)
        self._windows = ()

    def _drop(self, first: int) -> None:
        super()._drop(first)
        for window in self._windows:
            window.first -= first
            if window.first < 0:
                self._windows = ()


def _cut(row: list[int]) -> list[int]:
    while len(row) > 1 and not row[-1]:
        row.pop()
    return row
