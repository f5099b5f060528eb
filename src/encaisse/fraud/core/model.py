"""A model as a file: its trees, what it looks at, how it was made, and proof that it is whole."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from encaisse.risk.calibration import Calibration
from encaisse.risk.features import as_row
from encaisse.risk.rules import Facts
from encaisse.risk.trees import Forest

SCHEMA = "encaisse.fraud-model/1"


class NotAModel(ValueError):
    """The text is no model, or is not the one that was signed for."""


@dataclass(frozen=True, slots=True)
class Scored:
    """What a model says of one payment."""

    score: float
    probability: float


@dataclass(frozen=True, slots=True)
class Model:
    sha256: str
    features: tuple[str, ...]
    forest: Forest
    calibration: Calibration
    metrics: Mapping[str, object]
    training: Mapping[str, object]

    def score(self, facts: Facts) -> Scored:
        score = self.forest.score(as_row(facts, self.features))
        return Scored(score, self.calibration.probability(score))

    def contributions(self, facts: Facts) -> list[tuple[str, float]]:
        """Return by how much each feature moved the score, the largest rises first."""
        moved = self.forest.contributions(as_row(facts, self.features))
        named = [(self.features[place], gain) for place, gain in moved.items()]
        return sorted(named, key=lambda pair: (-pair[1], pair[0]))


def write_model(
    *,
    features: Sequence[str],
    trees: Sequence[object],
    calibration: Calibration,
    metrics: Mapping[str, object],
    training: Mapping[str, object],
) -> str:
    """Return the file of a model: the same model gives the same bytes."""
    content: dict[str, object] = {
        "schema": SCHEMA,
        "features": list(features),
        "trees": trees,
        "calibration": [list(calibration.scores), list(calibration.probabilities)],
        "metrics": dict(metrics),
        "training": dict(training),
    }
    return _canonical({**content, "sha256": _digest(content)}) + "\n"


def read_model(text: str, *, trusted: str | None = None) -> Model:
    """
    Return the model of a file. With `trusted`, it must be the one of this digest.

    :raises NotAModel: it was changed since it was made, or never was a model
    """
    try:
        document = json.loads(text)
        if not isinstance(document, dict) or document.get("schema") != SCHEMA:
            raise NotAModel("Another schema.")
        digest = document.pop("sha256")
        if digest != _digest(document) or trusted not in {None, digest}:
            raise NotAModel("Another digest.")
        features = tuple(map(str, document["features"]))
        scores, probabilities = document["calibration"]
        return Model(
            digest,
            features,
            Forest(len(features), document["trees"]),
            Calibration(_numbers(scores), _numbers(probabilities)),
            dict(document["metrics"].items()),
            dict(document["training"].items()),
        )
    except (
        AttributeError, KeyError, TypeError, ValueError, OverflowError, RecursionError,
    ) as error:  # fmt: skip
        raise NotAModel(str(error)) from error


def _numbers(values: Sequence[object]) -> tuple[float, ...]:
    """:raises NotAModel: between which no score could be placed"""
    told = [one for one in values if isinstance(one, int | float) and not isinstance(one, bool)]
    numbers = tuple(map(float, told))
    if len(numbers) != len(values) or not all(map(isfinite, numbers)):
        raise NotAModel("Numbers were expected.")
    return numbers


def _digest(content: Mapping[str, object]) -> str:
    return hashlib.sha256(_canonical(content).encode()).hexdigest()


def _canonical(content: Mapping[str, object]) -> str:
    return json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
