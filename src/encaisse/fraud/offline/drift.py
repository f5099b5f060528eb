"""How far the payments of now are from those a model learnt from (population stability index)."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isnan, log

_BINS = 10
# An empty bin would be infinitely surprising: half a payment is put in each.
_HALF = 0.5
# Usual reading of the index: under 0.1 nothing moved, over 0.25 the model is out of its depth.
MOVED, FAR = 0.1, 0.25


class Reading(StrEnum):
    STABLE = "stable"
    MOVED = "moved"
    FAR = "far"


_WORDS: Mapping[Reading, str] = {
    Reading.STABLE: "comme à l’entraînement",
    Reading.MOVED: "a un peu changé",
    Reading.FAR: "a beaucoup changé : entraînez un nouveau modèle",
}


@dataclass(frozen=True, slots=True)
class Drift:
    feature: str
    index: float

    @property
    def reading(self) -> Reading:
        if self.index < MOVED:
            return Reading.STABLE
        return Reading.MOVED if self.index < FAR else Reading.FAR

    @property
    def sentence(self) -> str:
        return f"{self.feature} {_WORDS[self.reading]} ({self.index:.2f})"


def drifts(
    names: Sequence[str], then: Sequence[Sequence[float]], now: Sequence[Sequence[float]]
) -> list[Drift]:
    """Return how far each feature moved between two lots of rows, the farthest first."""
    found = [
        Drift(name, stability_index([row[place] for row in then], [row[place] for row in now]))
        for place, name in enumerate(names)
    ]
    return sorted(found, key=lambda drift: (-drift.index, drift.feature))


def stability_index(then: Sequence[float], now: Sequence[float]) -> float:
    """Return 0 where both are spread alike, more the less they are. Not known is a bin too."""
    known = sorted(value for value in then if not isnan(value))
    edges = sorted({known[len(known) * part // _BINS] for part in range(1, _BINS)} if known else ())
    before, after = _shares(then, edges), _shares(now, edges)
    return sum((new - old) * log(new / old) for old, new in zip(before, after, strict=True))


def _shares(values: Sequence[float], edges: Sequence[float]) -> list[float]:
    counts = [_HALF] * (len(edges) + 2)
    for value in values:
        counts[-1 if isnan(value) else bisect_right(edges, value)] += 1
    total = sum(counts)
    return [count / total for count in counts]
