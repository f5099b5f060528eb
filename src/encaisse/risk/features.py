"""The numbers a model looks at, taken from facts: the same where it learns and where it scores."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from encaisse.risk.rules import Value
from encaisse.risk.velocity import fact_types

VERSION = 1
_NAN = float("nan")
# A count and a mean say all that a sum says, and a sum of cents says it less well.
_LEFT_OUT = ("_sum_1h", "_sum_1d", "_sum_7d", "_sum_30d")


def feature_names(kinds: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return which facts about these kinds a model may look at: numbers, and yes or no."""
    return tuple(
        name
        for name, kind in fact_types(kinds).items()
        if kind is not str and not name.endswith(_LEFT_OUT)
    )


def as_row(facts: Mapping[str, Value], names: Sequence[str]) -> "array[float]":
    """Return the facts as numbers, what is not known as NaN, each rounded as in training."""
    return numbers(map(facts.get, names))


def numbers(values: Iterable[Value]) -> "array[float]":
    """Return the values of facts as a row."""
    # What is no number raises TypeError: a model never looks at words.
    return array("f", [_NAN if value is None else value for value in values])  # type: ignore[misc]


@lru_cache(maxsize=64)
def family(name: str) -> tuple[str, str]:
    """Return about whom a feature is, and which figure of theirs it is."""
    subject, _, figure = name.partition("_")
    return (subject, figure) if figure else ("", subject)
