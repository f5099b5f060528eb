"""What a policy would have asked over a past: the choice of a preset made on one's own figures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from encaisse.risk.access import Access, gather
from encaisse.risk.decide import Policy, decide
from encaisse.risk.presets import Level
from encaisse.risk.rules import Facts

_Name = TypeVar("_Name")


@dataclass(frozen=True, slots=True)
class Replay:
    """How many accesses of the past each level would have met, and what that means."""

    accesses: int
    codes_asked: int
    reinforced: int
    refused: int


def replay(
    policies: Mapping[_Name, Policy], histories: Mapping[str, Sequence[Access]]
) -> dict[_Name, Replay]:
    """
    Walk the past of each person again, in order, and count what each policy asks.

    Accesses that failed are looked at as facts of the next ones, not as accesses to judge.
    """
    verdicts: dict[_Name, list[Level]] = {name: [] for name in policies}
    for facts in _facts(histories):
        for name, policy in policies.items():
            verdicts[name].append(Level(decide(policy, facts).verdict))
    return {name: _counted(found) for name, found in verdicts.items()}


def _facts(histories: Mapping[str, Sequence[Access]]) -> Iterator[Facts]:
    for accesses in histories.values():
        for index, access in enumerate(accesses):
            if not access.failed:
                yield gather(access, before=accesses[:index]).as_mapping()


def _counted(verdicts: Sequence[Level]) -> Replay:
    return Replay(
        accesses=len(verdicts),
        codes_asked=sum(verdict in {Level.STANDARD, Level.REINFORCED} for verdict in verdicts),
        reinforced=verdicts.count(Level.REINFORCED),
        refused=verdicts.count(Level.REFUSED),
    )
