"""
The memory of one subject: a card, an address, a device, a payer, a terminal, a payment link…

Its size is bounded whatever the number of events: it counts in buckets and never lists them.

* Moments are epoch seconds. `offset` is how many seconds local time is ahead (3,600 in Paris in
  winter); only days depend on it, so the night the clocks change counts every hour once.
* `1h` is the current five-minute bucket and the twelve before: at least sixty minutes, under
  sixty-five. `1d` is the current hour and the twenty-four before. `7d` and `30d` are today, by
  local time, and the 6 or 29 days before.
* The clock of a tally never goes back: what is asked or told a little late is answered as of its
  newest event, and counted in the bucket it belongs to.
* Labels are known by local day. With a delay of 7 days, an attempt of day d only sees the frauds of
  day d - 7 and before: `fraud_count_7d` then counts days d - 13 to d - 7.
* `fraud_first_days` and what follows it look at plain frauds, those that a large amount does not
  explain: a stolen card buys once and dearly everywhere, a copied terminal steals whatever comes.
* Asking changes nothing, and an attempt asks before it is added: figures never contain it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, TypeAlias

from encaisse.risk.amounts import Amounts
from encaisse.risk.rings import COUNT, FRAUD_CENTS, FRAUDS, PLAIN, REFUSED, DayRing, Ring

Companion: TypeAlias = int | str
Place: TypeAlias = tuple[float, float]
Figure: TypeAlias = int | float | None

VERSION = 3
# Of the version before, which did not know what was let through.
_BEFORE = 2
LONGEST_DELAY_DAYS = 30
# How many deviations above the median make an amount out of the ordinary.
UNUSUAL = 3.5

_FIVE_MINUTES, _HOUR, _DAY = 300, 3_600, 86_400
_FIVES, _HOURS, _MONTH, _WEEK = 12, 24, 30, 7
_DAYS_KEPT = _MONTH + LONGEST_DELAY_DAYS
_MOST_COMPANIONS = 50

# What a tally answers, in the order of `values`, and of which type; any of them may be None.
FIGURES: Mapping[str, type] = {
    **{
        f"{name}_{window}": kind
        for window in ("1h", "1d", "7d", "30d")
        for name, kind in (("count", int), ("sum", int), ("mean", float), ("refused", int))
    },
    "unusual_7d": int,
    "unusual_30d": int,
    **{
        f"{name}_{window}": kind
        for window in ("1d", "7d", "30d")
        for name, kind in (("fraud_count", int), ("fraud_share", float))
    },
    "fraud_mean": float,
    "fraud_first_days": int,
    "fraud_last_days": int,
    "fraud_streak": int,
    "fraud_streak_days": int,
    "clean_since_fraud": int,
    "age_days": float,
    "hours_since": float,
    "amount_z": float,
    "amount_rank": float,
    "amount_ratio": float,
    "amount_to_mean": float,
}
WINDOWS = ("1h", "1d", "7d", "30d")
_NO_FRAUD: tuple[Figure, ...] = (None, None, None, 0, None, None)


class Tally:
    """What is remembered of one subject."""

    __slots__ = (
        "_accepted", "_amounts", "_days", "_first", "_fives", "_frauds",
        "_home", "_hours", "_newest", "_others", "_place", "_usual",
    )  # fmt: skip

    def __init__(self) -> None:
        self._fives, self._hours, self._days = Ring(_FIVES), Ring(_HOURS), DayRing(_DAYS_KEPT)
        self._amounts = Amounts()
        self._others: dict[str, dict[Companion, int]] = {}
        self._first: int | None = None
        self._newest: int | None = None
        self._place: tuple[Place, int] | None = None
        # How many places were told, and the sums of their latitudes and longitudes.
        self._home: tuple[int, float, float] = (0, 0.0, 0.0)
        self._frauds = 0
        # How many amounts were in the ordinary, and their sum, since ever.
        self._usual = (0, 0)
        # Whether any try of theirs ever was let through.
        self._accepted = False

    @property
    def is_known(self) -> bool:
        """Tell whether a try was ever let through: what is held or refused makes nobody known."""
        return self._accepted

    def accept(self) -> None:
        """Learn that a try was let through."""
        self._accepted = True

    @property
    def last_at(self) -> int | None:
        return self._newest

    @property
    def last_place(self) -> tuple[Place, int] | None:
        """Return the last place known, and when the subject was there."""
        return self._place

    @property
    def usual_place(self) -> Place | None:
        """Return the middle of the places known, None before there was one."""
        count, latitudes, longitudes = self._home
        return (latitudes / count, longitudes / count) if count else None

    def add(
        self,
        at: int,
        cents: int,
        *,
        refused: bool = False,
        others: Mapping[str, Companion] | None = None,
        place: Place | None = None,
        offset: int = 0,
    ) -> None:
        """Count one event, with whom it came and from where."""
        self._fives.add(at // _FIVE_MINUTES, cents, refused)
        self._hours.add(at // _HOUR, cents, refused)
        stands_out = self._amounts.add(cents, most=UNUSUAL)
        self._days.count((at + offset) // _DAY, cents, refused, stands_out)
        if not stands_out:
            count, total = self._usual
            self._usual = (count + 1, total + cents)
        if others:
            self._meet(others, at)
        if self._first is None or at < self._first:
            self._first = at
        if self._newest is None or at > self._newest:
            self._newest = at
        if place is not None:
            self._stand(place, at)

    def mark(
        self,
        at: int,
        cents: int,
        *,
        fraud: bool = True,
        stood_out: bool = False,
        offset: int = 0,
    ) -> bool:
        """
        Learn that an event counted before was a fraud, or was not; False if it is forgotten.

        `stood_out` tells that its amount already was out of the ordinary for somebody.
        """
        bucket = self._days.find((at + offset) // _DAY)
        if bucket is None:
            return False
        sign = 1 if fraud else -1
        bucket[FRAUDS] += sign
        bucket[FRAUD_CENTS] += sign * cents
        bucket[PLAIN] += 0 if stood_out else sign
        self._frauds += sign
        return True

    def figures(
        self, at: int, label_delay_days: int = 0, *, cents: int | None = None, offset: int = 0
    ) -> dict[str, Figure]:
        """Return every figure as of a moment; those about an amount are None without one."""
        values = self.values(at, label_delay_days, cents=cents, offset=offset)
        return dict(zip(FIGURES, values, strict=True))

    def values(
        self, at: int, label_delay_days: int = 0, *, cents: int | None = None, offset: int = 0
    ) -> tuple[Figure, ...]:
        """Return the same in the order of FIGURES."""
        if not 0 <= label_delay_days <= LONGEST_DELAY_DAYS:
            raise ValueError(f"A delay of 0 to {LONGEST_DELAY_DAYS} days.")
        now = at if self._newest is None else max(at, self._newest)
        day = (now + offset) // _DAY
        asked = (at + offset) // _DAY
        week, month = self._days.windows(day - _WEEK + 1, day - _MONTH + 1)
        return (
            *self._fives.told(now // _FIVE_MINUTES - _FIVES),
            *self._hours.told(now // _HOUR - _HOURS),
            *week.told(),
            *month.told(),
            week.unusual,
            month.unusual,
            *self._labels(asked - label_delay_days, asked),
            *self._moments(now),
            *self._weighed(cents),
        )

    def distinct(self, kind: str, at: int, *, offset: int = 0) -> tuple[int, int, int, int]:
        """Return how many companions of a kind came within each of WINDOWS, fifty at most."""
        met = self._others.get(kind)
        if not met:
            return (0, 0, 0, 0)
        now = at if self._newest is None else max(at, self._newest)
        today = (now + offset) // _DAY
        moments = sorted(met.values())
        total = len(moments)
        return (
            total - bisect_left(moments, (now // _FIVE_MINUTES - _FIVES) * _FIVE_MINUTES),
            total - bisect_left(moments, (now // _HOUR - _HOURS) * _HOUR),
            total - bisect_left(moments, (today - _WEEK + 1) * _DAY - offset),
            total - bisect_left(moments, (today - _MONTH + 1) * _DAY - offset),
        )

    def has_met(self, kind: str, companion: Companion) -> bool:
        """Tell whether this companion is among the last ones met."""
        return companion in self._others.get(kind, ())

    def dump(self) -> list[object]:
        """Return a compact list that JSON can hold, and `load` reads."""
        first, newest = self._first or 0, self._newest or 0
        return [
            VERSION,
            self._first,
            None if self._newest is None else newest - first,
            [*self._place[0], newest - self._place[1], *self._home] if self._place else None,
            self._frauds,
            [*self._usual],
            *(ring.dump() for ring in (self._fives, self._hours, self._days)),
            self._amounts.dump(),
            {
                kind: list(chain.from_iterable((key, newest - at) for key, at in met.items()))
                for kind, met in self._others.items()
            },
            int(self._accepted),
        ]

    @classmethod
    def load(cls, dumped: object) -> "Tally":
        """:raises ValueError: this is not what `dump` returns"""
        first, age, place, frauds, usual, fives, hours, days, amounts, others, accepted = _parts(
            dumped
        )
        tally = cls()
        tally._first, tally._newest = first, None if age is None else first + age
        tally._place = ((place[0], place[1]), first + age - place[2]) if place else None
        tally._home = (place[3], place[4], place[5]) if place else (0, 0.0, 0.0)
        tally._frauds, tally._usual = frauds, (usual[0], usual[1])
        for ring, rows in ((tally._fives, fives), (tally._hours, hours), (tally._days, days)):
            ring.load(rows)
        tally._amounts = Amounts(amounts)
        newest = tally._newest or 0
        for kind, met in others.items():
            pairs: Iterable[tuple[Companion, int]] = zip(met[::2], met[1::2], strict=True)
            tally._others[kind] = {key: newest - before for key, before in pairs}
        tally._accepted = bool(accepted)
        return tally

    def _stand(self, place: Place, at: int) -> None:
        count, latitudes, longitudes = self._home
        self._home = (count + 1, latitudes + place[0], longitudes + place[1])
        if self._place is None or at >= self._place[1]:
            self._place = (place, at)

    def _meet(self, others: Mapping[str, Companion], at: int) -> None:
        for kind, companion in others.items():
            met = self._others.get(kind)
            if met is None:
                met = self._others[kind] = {}
            before = met.get(companion)
            if before is None or before < at:
                met[companion] = at
            if len(met) > _MOST_COMPANIONS:
                # The one not seen for longest, the first met of two: the same after a load.
                del met[min(met, key=met.__getitem__)]

    def _labels(self, known: int, today: int) -> tuple[Figure, ...]:
        """Return what the labels of day `known` and before say, as seen from today."""
        starts = self._days.starts
        end = bisect_right(starts, known)
        if self._frauds:
            return (*self._shares(known, end), *self._last_frauds(end, today))
        # Nobody ever complained: there is a share of frauds, none, where there was a payment.
        last = starts[end - 1] if end else known - _MONTH
        return (
            0, 0.0 if last == known else None,
            0, 0.0 if last > known - _WEEK else None,
            0, 0.0 if last > known - _MONTH else None,
            *_NO_FRAUD,
        )  # fmt: skip

    def _shares(self, known: int, end: int) -> Iterator[Figure]:
        days = self._days
        for width in (1, _WEEK, _MONTH):
            inside = days.buckets[bisect_left(days.starts, known - width + 1, 0, end) : end]
            count = sum(bucket[COUNT] for bucket in inside)
            frauds = sum(bucket[FRAUDS] for bucket in inside)
            yield frauds
            yield frauds / count if count else None

    def _last_frauds(self, end: int, today: int) -> tuple[Figure, ...]:
        """Return how the known frauds lie in time, over all the days remembered."""
        starts, past = self._days.starts, self._days.buckets[:end]
        frauds = sum(bucket[FRAUDS] for bucket in past)
        mean = sum(bucket[FRAUD_CENTS] for bucket in past) / frauds if frauds else None
        guilty = [place for place, bucket in enumerate(past) if bucket[PLAIN]]
        if not guilty:
            return (mean, *_NO_FRAUD[1:])
        last = guilty[-1]
        streak, first, day = 0, end, end
        while day and past[day - 1][FRAUDS] == past[day - 1][COUNT]:
            day -= 1
            if past[day][PLAIN]:
                first = day
                streak += past[day][PLAIN]
        return (
            mean,
            today - starts[guilty[0]],
            today - starts[last],
            streak,
            today - starts[first] if streak else None,
            sum(bucket[COUNT] - bucket[FRAUDS] for bucket in past[last:]),
        )

    def _moments(self, now: int) -> tuple[Figure, Figure]:
        if self._first is None or self._newest is None:
            return None, None
        return (now - self._first) / _DAY, (now - self._newest) / _HOUR

    def _weighed(self, cents: int | None) -> tuple[Figure, Figure, Figure, Figure]:
        amounts = self._amounts
        median = amounts.median()
        if cents is None or median is None:
            return None, None, None, None
        count, total = self._usual
        return (
            amounts.deviations(cents),
            amounts.rank(cents),
            cents / max(median, 1),
            cents * count / max(total, 1),
        )


def _parts(dumped: object) -> list[Any]:
    """:raises ValueError: neither of this version nor of the one before"""
    if isinstance(dumped, list) and dumped:
        if dumped[0] == VERSION and len(dumped) == _PARTS:
            return dumped[1:]
        if dumped[0] == _BEFORE and len(dumped) == _PARTS - 1:
            return [*dumped[1:], _was_accepted(dumped)]
    raise ValueError("Not a tally of this version.")


def _was_accepted(dumped: list[Any]) -> bool:
    """Tell what the version before took for known: not all that it remembers was refused."""
    days: list[list[int]] = dumped[8]
    tried = sum(row[COUNT + 1] for row in days)
    return dumped[1] is not None and (
        not tried or tried != sum(row[REFUSED + 1] for row in days if len(row) > REFUSED + 1)
    )


_PARTS = 12
