"""
Scores by walking gradient-boosted trees in plain Python, and by what each score came.

A node is `[feature, threshold, missing, left, right, value]`, a leaf is its value. `value` is what
the model would answer if it stopped there. A row at or under the threshold goes left; `missing`
says where a fact that is not known goes: left, right, or as if it were zero.
"""

from collections.abc import Iterator, Sequence
from enum import IntEnum
from math import inf, isfinite
from typing import Any, TypeAlias

_Step: TypeAlias = tuple[int, float, "_Step | float", "_Step | float"]
# The same with the feature, and by how much going left and going right move the answer.
_Told: TypeAlias = tuple[int, float, "_Told | float", "_Told | float", int, float, float]
_MOST_DEEP = 64


class Missing(IntEnum):
    LEFT = 0
    RIGHT = 1
    ZERO = 2


class NotTrees(ValueError):
    pass


class Forest:
    """The trees of one model, checked once, then walked."""

    def __init__(self, width: int, trees: Sequence[object]) -> None:
        """:raises NotTrees: a node is not of the shape above, or looks at no known feature"""
        self._trees = trees
        for tree in trees:
            _check(tree, width)
        self._used = sorted({feature for tree in trees for feature in _features(tree)})
        # Only what a tree looks at is prepared: most features of a payment are never asked for.
        self._columns = {feature: place for place, feature in enumerate(self._used)}
        self._roots = [self._step(tree) for tree in trees]
        self._told = [self._tell(tree) for tree in trees]

    @property
    def used(self) -> Sequence[int]:
        """Return which features at least one node looks at."""
        return self._used

    def score(self, row: Sequence[float]) -> float:
        """Return the sum of what every tree answers: log-odds, the higher the riskier."""
        answers = self._answers(row)
        total = 0.0
        for root in self._roots:
            node = root
            while type(node) is tuple:
                feature, threshold, left, right = node
                node = left if answers[feature] <= threshold else right
            total += node  # type: ignore[operator]  # a leaf, once the loop ended
        return total

    def contributions(self, row: Sequence[float]) -> dict[int, float]:
        """
        Return by how much each feature moved the score, along the path that was walked.

        Saabas' method: at each node, the feature it looks at is credited with the change of the
        answer. With the answer at the roots, they add up to the score.
        """
        answers = self._answers(row)
        moved: dict[int, float] = {}
        for node in self._told:
            while type(node) is tuple:
                column, threshold, left, right, feature, leftwards, rightwards = node
                goes_left = answers[column] <= threshold
                gained = leftwards if goes_left else rightwards
                moved[feature] = moved.get(feature, 0.0) + gained
                node = left if goes_left else right  # noqa: PLW2901  one step down
        return moved

    def _tell(self, node: object) -> "_Told | float":
        if not isinstance(node, list):
            return _number(node)
        feature, threshold, missing, left, right, value = node
        return (
            self._columns[feature] + missing * len(self._used),
            _number(threshold),
            self._tell(left),
            self._tell(right),
            feature,
            _answer(left) - value,
            _answer(right) - value,
        )

    def _step(self, node: object) -> "_Step | float":
        if not isinstance(node, list):
            return _number(node)
        feature, threshold, missing, left, right, _ = node
        column = self._columns[feature] + missing * len(self._used)
        return column, _number(threshold), self._step(left), self._step(right)

    def _answers(self, row: Sequence[float]) -> list[float]:
        """Return what is looked at three times: not known being lowest, highest and zero."""
        asked = [row[feature] for feature in self._used]
        low = [value if value == value else -inf for value in asked]  # noqa: PLR0124  not NaN
        high = [value if value == value else inf for value in asked]  # noqa: PLR0124
        return [*low, *high, *[value if value == value else 0.0 for value in asked]]  # noqa: PLR0124

    @property
    def base(self) -> float:
        """Return the answer at the roots, before anything is looked at."""
        return sum(
            float(tree[5]) if isinstance(tree, list) else _number(tree) for tree in self._trees
        )


def _check(node: object, width: int, depth: int = 0) -> None:
    if not isinstance(node, list):
        _number(node)
        return
    if len(node) != 6 or depth > _MOST_DEEP:
        raise NotTrees("A node of six values, and not too deep, was expected.")
    feature, threshold, missing, left, right, value = node
    if type(feature) is not int or not 0 <= feature < width or missing not in tuple(Missing):
        raise NotTrees("A node looks at a feature that does not exist.")
    for number in (threshold, value):
        _number(number)
    for child in (left, right):
        _check(child, width, depth + 1)


def _answer(node: Any) -> Any:
    """Return what the model would answer if it stopped here."""
    return node[5] if isinstance(node, list) else node


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise NotTrees("A number was expected.")
    return float(value)


def _features(node: object) -> Iterator[int]:
    if isinstance(node, list):
        yield node[0]
        yield from _features(node[3])
        yield from _features(node[4])
