"""Trees grown by LightGBM, which is only needed here: walking them is `risk.trees`."""

import importlib
import warnings
from array import array
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from encaisse.fraud.offline.errors import TrainerMissing
from encaisse.risk.trees import Missing

_SEED = 20_260_302
# Chosen on the weeks before those that judge: see docs/fraud-model.md.
PARAMETERS: dict[str, Any] = {
    "objective": "binary",
    "num_leaves": 16,
    "learning_rate": 0.05,
    "min_child_samples": 20,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    # Starting from the average rate loses much where frauds are rare.
    "boost_from_average": False,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "seed": _SEED,
    "verbose": -1,
}
ROUNDS = 150


def grow(
    values: "array[float]",
    truths: Sequence[int],
    *,
    names: Sequence[str],
    rounds: int = ROUNDS,
    parameters: dict[str, Any] | None = None,
) -> list[object]:
    """
    Return trees as `risk.trees` reads them. The same rows give the same trees.

    :raises TrainerMissing: LightGBM is not installed
    """
    lightgbm, numpy = _library("lightgbm"), _library("numpy")
    rows = numpy.frombuffer(values, dtype=numpy.float32).reshape(len(truths), len(names))
    told = lightgbm.Dataset(rows, numpy.array(truths), free_raw_data=True)
    booster = lightgbm.train({**PARAMETERS, **(parameters or {})}, told, rounds)
    return [_tree(tree["tree_structure"]) for tree in booster.dump_model()["tree_info"]]


def _tree(node: dict[str, Any]) -> object:
    if "leaf_value" in node:
        return float(node["leaf_value"])
    if node["missing_type"] == "NaN":
        missing = Missing.LEFT if node["default_left"] else Missing.RIGHT
    else:
        missing = Missing.ZERO
    return [
        int(node["split_feature"]),
        float(node["threshold"]),
        int(missing),
        _tree(node["left_child"]),
        _tree(node["right_child"]),
        float(node["internal_value"]),
    ]


def _library(name: str) -> ModuleType:
    try:
        with warnings.catch_warnings():
            # LightGBM looks for optional companions that warn about their own future.
            warnings.simplefilter("ignore")
            return importlib.import_module(name)
    except ImportError as error:
        raise TrainerMissing(
            "L’entraînement demande LightGBM : pip install 'encaisse[train]'. "
            "Juger un paiement n’en a pas besoin."
        ) from error
