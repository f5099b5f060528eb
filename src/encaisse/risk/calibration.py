"""From scores to probabilities that never contradict the order of the scores (isotonic)."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Calibration:
    """A probability for each score: a line between the knots, level before and after them."""

    scores: tuple[float, ...]
    probabilities: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.scores or len(self.scores) != len(self.probabilities):
            raise ValueError("As many scores as probabilities, and one at least.")
        if list(self.scores) != sorted(set(self.scores)):
            raise ValueError("Scores that rise.")
        if list(self.probabilities) != sorted(self.probabilities):
            raise ValueError("Probabilities that never fall.")
        if not 0 <= self.probabilities[0] <= self.probabilities[-1] <= 1:
            raise ValueError("Probabilities between 0 and 1.")

    def probability(self, score: float) -> float:
        after = bisect_right(self.scores, score)
        if after == 0:
            return self.probabilities[0]
        if after == len(self.scores):
            return self.probabilities[-1]
        low, high = self.scores[after - 1], self.scores[after]
        share = (score - low) / (high - low)
        first, second = self.probabilities[after - 1], self.probabilities[after]
        return first + share * (second - first)


def fit(scores: Sequence[float], truths: Sequence[bool]) -> Calibration:
    """
    Return the calibration nearest to what happened: pool adjacent violators.

    Each pool is one knot, at the mean of its scores.
    """
    pools: list[list[float]] = []
    for score, count, guilty in _by_score(zip(scores, truths, strict=True)):
        pools.append([guilty, count, score * count])
        while len(pools) > 1 and pools[-2][0] * pools[-1][1] >= pools[-1][0] * pools[-2][1]:
            last = pools.pop()
            pools[-1] = [one + other for one, other in zip(pools[-1], last, strict=True)]
    return Calibration(
        tuple(total / count for _, count, total in pools),
        tuple(guilty / count for guilty, count, _ in pools),
    )


def _by_score(pairs: Iterable[tuple[float, bool]]) -> list[tuple[float, int, int]]:
    """Return each score once, with how many had it and how many of them were frauds."""
    merged: dict[float, list[int]] = {}
    for score, is_fraud in pairs:
        counts = merged.setdefault(score, [0, 0])
        counts[0] += 1
        counts[1] += is_fraud
    return [(score, *merged[score]) for score in sorted(merged)]  # type: ignore[misc]
