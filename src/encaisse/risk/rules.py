"""
Rules as data: a condition over facts, what it adds, what it imposes, and why, in French.

A condition is a JSON tree: `{"fact": "failures_1h", "is": "at_least", "value": 5}`, combined with
`{"all": […]}`, `{"any": […]}` and `{"not": …}`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

Value: TypeAlias = str | int | float | bool | None
Facts: TypeAlias = Mapping[str, Value]
Condition: TypeAlias = Callable[[Facts], bool]

_DEEPEST = 6


class RuleUnreadable(ValueError):
    """A rule that cannot be read: where in its tree, and why."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where}: {reason}")
        self.where = where
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Rule:
    """
    One suspicion.

    `points` add up to a score; `floor` is the least verdict whenever the rule applies, whatever
    the score; `reason` is a French sentence in which `{fact}` is replaced.
    """

    code: str
    applies: Condition
    reason: str
    points: int = 0
    floor: str | None = None


def read_rule(written: Mapping[str, object], *, facts: Mapping[str, type]) -> Rule:
    """
    Read a rule from its JSON form, checking every fact it names and every value's type.

    :raises RuleUnreadable: unknown key, fact or operator, or a value of another type
    """
    unknown = set(written) - {"code", "when", "reason", "points", "floor"}
    if unknown:
        raise RuleUnreadable("rule", f"unknown key {min(unknown)}")
    code, reason = written.get("code"), written.get("reason")
    points, floor = written.get("points", 0), written.get("floor")
    if not isinstance(code, str) or not isinstance(reason, str) or not code or not reason:
        raise RuleUnreadable("rule", "a rule has a code and a reason")
    if not isinstance(points, int) or isinstance(points, bool):
        raise RuleUnreadable(f"{code}.points", "points are an integer")
    if floor is not None and not isinstance(floor, str):
        raise RuleUnreadable(f"{code}.floor", "a floor is a verdict")
    applies = read_condition(written.get("when"), facts=facts, where=f"{code}.when")
    return Rule(code=code, applies=applies, reason=reason, points=points, floor=floor)


def read_condition(
    written: object, *, facts: Mapping[str, type], where: str = "when", depth: int = 0
) -> Condition:
    """:raises RuleUnreadable: the tree is not a condition over these facts"""
    if depth > _DEEPEST:
        raise RuleUnreadable(where, "too deep")
    if not isinstance(written, Mapping):
        raise RuleUnreadable(where, "a condition is an object")
    if set(written) == {"not"}:
        inner = read_condition(written["not"], facts=facts, where=f"{where}.not", depth=depth + 1)
        return lambda known: not inner(known)
    for word, combine in _COMBINATIONS.items():
        if set(written) == {word}:
            return _combined(written[word], combine, facts, f"{where}.{word}", depth)
    return _comparison(written, facts, where)


def _combined(
    written: object,
    combine: Callable[[list[bool]], bool],
    facts: Mapping[str, type],
    where: str,
    depth: int,
) -> Condition:
    if not isinstance(written, list) or not written:
        raise RuleUnreadable(where, "a list of at least one condition")
    parts = [
        read_condition(part, facts=facts, where=f"{where}[{index}]", depth=depth + 1)
        for index, part in enumerate(written)
    ]
    return lambda known: combine([part(known) for part in parts])


def _comparison(written: Mapping[str, object], facts: Mapping[str, type], where: str) -> Condition:
    if set(written) != {"fact", "is", "value"}:
        raise RuleUnreadable(where, "fact, is and value, or one of all, any, not")
    name, operator, value = written["fact"], written["is"], written["value"]
    if not isinstance(name, str) or name not in facts:
        raise RuleUnreadable(where, f"unknown fact {name}")
    if not isinstance(operator, str) or operator not in OPERATORS:
        raise RuleUnreadable(where, f"unknown operator {operator}")
    accepts, compare = OPERATORS[operator]
    if not accepts(facts[name], value):
        raise RuleUnreadable(where, f"{name} is {facts[name].__name__}, not fit for {operator}")

    def applies(known: Facts) -> bool:
        fact = known[name]
        # What is not known says nothing, for nor against.
        return fact is not None and compare(fact, value)

    return applies


def _same_type(kind: type, value: object) -> bool:
    if kind in {int, float}:
        return _is_number(value)
    return isinstance(value, kind)


def _ordered(kind: type, value: object) -> bool:
    return kind in {int, float} and _is_number(value)


def _listed(kind: type, value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(_same_type(kind, one) for one in value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


# Which value an operator accepts for a type of fact, and what it does.
OPERATORS: Mapping[str, tuple[Callable[[type, object], bool], Callable[..., bool]]] = {
    "equal": (_same_type, lambda fact, value: fact == value),
    "different": (_same_type, lambda fact, value: fact != value),
    "at_least": (_ordered, lambda fact, value: fact >= value),
    "more_than": (_ordered, lambda fact, value: fact > value),
    "at_most": (_ordered, lambda fact, value: fact <= value),
    "less_than": (_ordered, lambda fact, value: fact < value),
    "among": (_listed, lambda fact, value: fact in value),
    "not_among": (_listed, lambda fact, value: fact not in value),
}
_COMBINATIONS: Mapping[str, Callable[[list[bool]], bool]] = {"all": all, "any": any}
