"""The sparse rings of buckets that a tally counts in: only the buckets something fell in exist."""

from bisect import bisect_left
from collections.abc import Sequence

Row = tuple[int, ...]


class Ring:
    """
    Buckets by number, in order, none older than `keep` before the newest.

    A bucket's number is the moment divided by the bucket's length, so a late event finds its own.
    """

    __slots__ = ("cents", "columns", "counts", "keep", "refused", "starts")

    def __init__(self, keep: int) -> None:
        self.keep = keep
        self.starts: list[int] = []
        self.counts: list[int] = []
        self.cents: list[int] = []
        self.refused: list[int] = []
        self.columns: tuple[list[int], ...] = (self.starts, self.counts, self.cents, self.refused)

    def row(self, number: int) -> int | None:
        """Return where this bucket is, opened if need be; None when it is too old to be kept."""
        starts = self.starts
        if starts and starts[-1] == number:
            return -1
        if not starts or number > starts[-1]:
            if starts and starts[0] < number - self.keep:
                self._drop(bisect_left(starts, number - self.keep))
            for column in self.columns:
                column.append(0)
            starts[-1] = number
            return -1
        if number < starts[-1] - self.keep:
            return None
        place = bisect_left(starts, number)
        if starts[place] != number:
            self._open(place, number)
        return place

    def add(self, number: int, cents: int, refused: int) -> int | None:
        place = self.row(number)
        if place is not None:
            self.counts[place] += 1
            self.cents[place] += cents
            self.refused[place] += refused
        return place

    def find(self, number: int) -> int | None:
        """Return where this bucket is, None when nothing in it is remembered."""
        place = bisect_left(self.starts, number)
        if place == len(self.starts) or self.starts[place] != number:
            return None
        return place

    def since(self, number: int) -> tuple[int, int, int]:
        """Return count, cents and refused of this bucket and the later ones."""
        starts = self.starts
        if not starts or starts[-1] < number:
            return 0, 0, 0
        place = bisect_left(starts, number)
        if place == len(starts) - 1:
            return self.counts[-1], self.cents[-1], self.refused[-1]
        return sum(self.counts[place:]), sum(self.cents[place:]), sum(self.refused[place:])

    def dump(self) -> list[list[int]]:
        """Return one row a bucket, each start told from the one before, trailing zeros cut."""
        rows, before = [], 0
        for start, *figures in zip(*self.columns, strict=True):
            rows.append(_cut([start - before, *figures]))
            before = start
        return rows

    def load(self, rows: Sequence[Sequence[int]]) -> None:
        columns, before = self.columns, 0
        for row in rows:
            before += row[0]
            full = [before, *row[1:], *[0] * (len(columns) - len(row))]
            for column, figure in zip(columns, full, strict=True):
                column.append(figure)

    def _open(self, place: int, number: int) -> None:
        self.starts.insert(place, number)
        for column in self.columns[1:]:
            column.insert(place, 0)

    def _drop(self, first: int) -> None:
        for column in self.columns:
            del column[:first]


class DayRing(Ring):
    """
    The days, which also remember the frauds known since and the amounts out of the ordinary.

    `plain` counts the frauds that their amount does not explain.
    """

    __slots__ = ("fraud_cents", "frauds", "plain", "unusual")

    def __init__(self, keep: int) -> None:
        super().__init__(keep)
        self.unusual: list[int] = []
        self.frauds: list[int] = []
        self.fraud_cents: list[int] = []
        self.plain: list[int] = []
        self.columns += (self.unusual, self.frauds, self.fraud_cents, self.plain)


def _cut(row: list[int]) -> list[int]:
    while len(row) > 1 and not row[-1]:
        row.pop()
    return row
