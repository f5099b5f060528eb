"""What a policy would have asked over a past: the choice of a preset made on one's own figures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from encaisse.risk.access import Access, gather
from encaisse.risk.decide import Decision, Policy
from encaisse.risk.decide import decide as decide_by
from encaisse.risk.presets import Level


@dataclass(frozen=True, slots=True)
class Replay:
    """How many accesses of the past each level would have met, and what that means."""

    accesses: int
    codes_asked: int
    reinforced: int
    refused: int


def replay(policy: Policy, histories: Mapping[str, Sequence[Access]]) -> Replay:
    """
    Walk the past of each person again, in order, and count what the policy asks.

    Accesses that failed are looked at as facts of the next ones, not as accesses to judge.
    """
    verdicts = [
        Level(decision.verdict)
        for accesses in histories.values()
        for decision in _decisions(policy, accesses)
    ]
    return Replay(
        accesses=len(verdicts),
        codes_asked=sum(verdict in {Level.STANDARD, Level.REINFORCED} for verdict in verdicts),
        reinforced=verdicts.count(Level.REINFORCED),
        refused=verdicts.count(Level.REFUSED),
    )


def _decisions(policy: Policy, accesses: Sequence[Access]) -> Iterator[Decision]:
    for index, access in enumerate(accesses):
        if not access.failed:
            facts = gather(access, before=accesses[:index])
            yield decide_by(policy, facts.as_mapping())
