"""Champion and challenger on the same last weeks, and when one may take the other's place."""

from collections.abc import Sequence
from dataclasses import dataclass

from encaisse.fraud.offline.errors import UnusableModel
from encaisse.fraud.offline.measures import average_precision

# Two models of one quality differ by chance: a challenger may be this much under the champion.
TOLERANCE = 0.005
# Under so many known frauds, a week proves nothing.
LEAST_FRAUDS = 20


@dataclass(frozen=True, slots=True)
class Match:
    """Average precision of both models on the same payments."""

    champion: float
    challenger: float
    frauds: int

    @property
    def is_worse(self) -> bool:
        return self.challenger < self.champion - TOLERANCE


def compare(
    truths: Sequence[bool], *, champion: Sequence[float], challenger: Sequence[float]
) -> Match:
    """
    Return what both are worth on the last weeks, whose labels are known.

    :raises UnusableModel: too few frauds are known to tell
    """
    frauds = sum(truths)
    old = average_precision(zip(champion, truths, strict=True))
    new = average_precision(zip(challenger, truths, strict=True))
    if frauds < LEAST_FRAUDS or old is None or new is None:
        raise UnusableModel(
            f"{frauds} fraudes connues sur ces semaines : il en faut {LEAST_FRAUDS} pour comparer."
        )
    return Match(old, new, frauds)


def refuse_if_worse(match: Match) -> None:
    """:raises UnusableModel: the challenger is worse on the last weeks"""
    if match.is_worse:
        raise UnusableModel(
            "Le nouveau modèle est moins bon sur les dernières semaines : précision moyenne "
            f"{match.challenger:.3f}, contre {match.champion:.3f} pour celui en place. "
            "Celui en place le reste."
        )
