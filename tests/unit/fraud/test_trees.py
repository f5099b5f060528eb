import math
from array import array

import lightgbm
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from encaisse.fraud.offline.training import _tree, grow
from encaisse.risk.calibration import Calibration, fit
from encaisse.risk.trees import Forest, Missing, NotTrees

NAN = float("nan")
NAMES = ("one", "two", "three")


def learnt(count=3_000):
    """Return rows with holes, truths, and the trees LightGBM grows from them."""
    dice = np.random.default_rng(7)
    rows = dice.normal(size=(count, len(NAMES))).astype(np.float32)
    rows[dice.random((count, len(NAMES))) < 0.2] = NAN
    truths = (np.nan_to_num(rows[:, 0], nan=2.0) > 1) | (rows[:, 1] > 1.5)
    values = array("f", rows.reshape(-1).tolist())
    return rows, truths, grow(values, truths.astype(int).tolist(), names=NAMES, rounds=30)


@pytest.fixture(scope="module")
def grown():
    return learnt()


class TestForest:
    def test_answers_what_lightgbm_answers(self, grown):
        rows, truths, _ = grown
        booster = lightgbm.train(
            {"objective": "binary", "boost_from_average": False, "verbose": -1, "num_threads": 1},
            lightgbm.Dataset(rows, truths.astype(int)),
            20,
        )

        told = [_tree(tree["tree_structure"]) for tree in booster.dump_model()["tree_info"]]
        expected = booster.predict(rows[:500], raw_score=True)

        scores = [Forest(len(NAMES), told).score(array("f", row)) for row in rows[:500]]

        assert scores == pytest.approx(list(expected), abs=1e-9)

    def test_the_same_rows_give_the_same_trees(self, grown):
        assert learnt()[2] == grown[2]

    def test_contributions_add_up_to_the_score(self, grown):
        rows, _, trees = grown
        forest = Forest(len(NAMES), trees)

        for row in rows[:200]:
            moved = forest.contributions(row.tolist())

            assert forest.base + sum(moved.values()) == pytest.approx(forest.score(row.tolist()))

    def test_what_is_not_known_goes_where_the_tree_says(self):
        for missing, expected in ((Missing.LEFT, 1), (Missing.RIGHT, 2), (Missing.ZERO, 2)):
            forest = Forest(1, [[0, -1.0, int(missing), 1.0, 2.0, 0.0]])

            assert forest.score([NAN]) == expected

    @pytest.mark.parametrize(
        "tree",
        [
            [1, 0.0, 0, 1.0, 2.0, 0.0],
            [-1, 0.0, 0, 1.0, 2.0, 0.0],
            [0, 0.0, 3, 1.0, 2.0, 0.0],
            [0, math.inf, 0, 1.0, 2.0, 0.0],
            [0, 0.0, 0, 1.0, 2.0],
            "leaf",
            None,
        ],
    )
    def test_refuses_a_tree_that_cannot_be_walked(self, tree):
        with pytest.raises(NotTrees):
            Forest(1, [tree])


class TestCalibration:
    @given(
        pairs=st.lists(
            st.tuples(st.integers(-5, 5).map(float), st.booleans()), min_size=1, max_size=60
        ),
        asked=st.lists(st.floats(-10, 10), min_size=2),
    )
    def test_never_contradicts_the_order_of_the_scores(self, pairs, asked):
        calibration = fit([score for score, _ in pairs], [truth for _, truth in pairs])

        told = [calibration.probability(score) for score in sorted(asked)]

        assert told == sorted(told)
        assert all(0 <= probability <= 1 for probability in told)

    def test_pools_what_is_out_of_order(self):
        calibration = fit([1.0, 2.0, 3.0, 4.0], [False, True, False, True])

        assert calibration == Calibration((1.0, 2.5, 4.0), (0.0, 0.5, 1.0))
        assert calibration.probability(1.75) == 0.25
