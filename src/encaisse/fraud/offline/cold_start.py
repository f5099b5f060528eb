"""The model that comes with the package, for firms that have no past yet."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TypeAlias

from encaisse.fraud.core.model import write_model
from encaisse.fraud.offline.invented import (
    DAYS,
    FIRMS,
    LABEL_DELAY_DAYS,
    OWN,
    SEED,
    Invented,
    invented_payments,
    with_facts,
)
from encaisse.fraud.offline.measures import Judged, measure
from encaisse.fraud.offline.protocol import day_of
from encaisse.fraud.offline.training import grow
from encaisse.risk.calibration import fit
from encaisse.risk.features import as_row, feature_names
from encaisse.risk.rules import Value
from encaisse.risk.trees import Forest
from encaisse.risk.velocity import KINDS

ROUNDS = 100
_TOP = 10
_DAY = 86_400
# Learn from the first days, calibrate on the next ones, measure on the last.
_LEARNT, _CALIBRATED = 120, 160
_Known: TypeAlias = tuple[Invented, Mapping[str, Value]]
FEATURES = (*feature_names(KINDS), *OWN)


def cold_start_model(*, firms: int = FIRMS, rounds: int = ROUNDS) -> str:
    """
    Return the file of the cold-start model: the same for everybody who runs this.

    :raises TrainerMissing: LightGBM is not installed
    """
    rows = list(with_facts(invented_payments(firms=firms)))
    first = rows[0][0].attempt.at // _DAY
    learnt: list[_Known] = []
    held: list[_Known] = []
    last: list[_Known] = []
    for one, facts in rows:
        day = one.attempt.at // _DAY - first
        if day < _LEARNT:
            learnt.append((one, facts))
        elif day >= _LEARNT + LABEL_DELAY_DAYS:
            (held if day < _CALIBRATED else last).append((one, facts))
    trees = _grown(learnt, rounds)
    forest = Forest(len(FEATURES), trees)
    calibration = fit(_scores(forest, held), [one.is_fraud for one, _ in held])
    return write_model(
        features=FEATURES,
        trees=trees,
        calibration=calibration,
        metrics=_measured(forest, last),
        training={
            "data": "invented",
            "seed": SEED,
            "from": day_of(first).isoformat(),
            "to": day_of(first + _LEARNT - 1).isoformat(),
            "days": DAYS,
            "delay_days": LABEL_DELAY_DAYS,
            "payments": len(learnt),
            "frauds": sum(one.is_fraud for one, _ in learnt),
        },
    )


def _grown(rows: Sequence[_Known], rounds: int) -> list[object]:
    values = array("f")
    for _, facts in rows:
        values.extend(as_row(facts, FEATURES))
    truths = [int(one.is_fraud) for one, _ in rows]
    return grow(values, truths, names=FEATURES, rounds=rounds)


def _scores(forest: Forest, rows: Sequence[_Known]) -> list[float]:
    return [forest.score(as_row(facts, FEATURES)) for _, facts in rows]


def _measured(forest: Forest, rows: Sequence[_Known]) -> dict[str, object]:
    judged = [
        Judged(
            one.attempt.at // _DAY,
            str(number),
            str(one.attempt.subjects["card"]),
            one.is_fraud,
            score,
        )
        for number, ((one, _), score) in enumerate(zip(rows, _scores(forest, rows), strict=True))
    ]
    measures = asdict(measure(judged, top=_TOP))
    return {name: None if value is None else round(value, 4) for name, value in measures.items()}
