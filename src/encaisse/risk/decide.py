"""From facts to a verdict with its reasons. The same facts and policy always give the same."""

from collections.abc import Mapping
from dataclasses import dataclass

from encaisse.risk.rules import Facts, Rule


@dataclass(frozen=True, slots=True)
class Policy:
    """
    Rules, and what their score leads to.

    `scale` orders the verdicts from the mildest; `thresholds` gives the score from which each one
    begins, a verdict without one being reached by floors only. `when_broken` is the least verdict
    when a rule could not be computed.
    """

    name: str
    version: int
    scale: tuple[str, ...]
    thresholds: Mapping[str, int]
    rules: tuple[Rule, ...]
    when_broken: str

    def __post_init__(self) -> None:
        named = {*self.thresholds, self.when_broken, *(rule.floor for rule in self.rules)} - {None}
        unknown = named - set(self.scale)
        if unknown:
            raise ValueError(f"Not on the scale: {sorted(map(str, unknown))}")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: the rule's code, what it weighed, and its sentence in French."""

    code: str
    points: int
    floor: str | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Decision:
    verdict: str
    score: int
    reasons: tuple[Reason, ...]
    broken: tuple[str, ...] = ()


def decide(policy: Policy, facts: Facts) -> Decision:
    """Weigh the facts: score and floors, the most severe verdict wins, heaviest reason first."""
    reasons, broken = [], []
    for rule in policy.rules:
        try:
            if rule.applies(facts):
                sentence = rule.reason.format_map(facts)
                reasons.append(Reason(rule.code, rule.points, rule.floor, sentence))
        except (KeyError, TypeError, ValueError, OverflowError):
            # A fact is missing or of another type: said in the decision, which is then careful.
            broken.append(rule.code)
    score = sum(reason.points for reason in reasons)
    floors = [reason.floor for reason in reasons if reason.floor is not None]
    if broken:
        floors.append(policy.when_broken)
    verdict = max([_of_score(policy, score), *floors], key=policy.scale.index)
    return Decision(verdict, score, _heaviest_first(policy, reasons), tuple(broken))


def _of_score(policy: Policy, score: int) -> str:
    reached = [verdict for verdict, least in policy.thresholds.items() if score >= least]
    return max(reached, key=policy.scale.index, default=policy.scale[0])


def _heaviest_first(policy: Policy, reasons: list[Reason]) -> tuple[Reason, ...]:
    def weight(reason: Reason) -> tuple[int, int]:
        return (policy.scale.index(reason.floor) if reason.floor else -1, reason.points)

    return tuple(sorted(reasons, key=weight, reverse=True))
