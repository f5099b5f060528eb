import pytest
from hypothesis import given
from hypothesis import strategies as st

from encaisse.fraud.offline.champion import LEAST_FRAUDS, compare, refuse_if_worse
from encaisse.fraud.offline.drift import Reading, drifts, stability_index
from encaisse.fraud.offline.errors import UnusableModel

TRUTHS = [number % 4 == 0 for number in range(4 * LEAST_FRAUDS)]
GOOD = [float(truth) for truth in TRUTHS]
BAD = [float(not truth) for truth in TRUTHS]
VALUES = st.lists(st.floats(-100, 100) | st.just(float("nan")), min_size=1, max_size=50)


class TestCompare:
    def test_refuses_a_challenger_that_is_worse(self):
        match = compare(TRUTHS, champion=GOOD, challenger=BAD)

        with pytest.raises(UnusableModel, match="moins bon"):
            refuse_if_worse(match)

    @pytest.mark.parametrize("champion", [GOOD, BAD])
    def test_lets_one_that_is_as_good_or_better(self, champion):
        match = compare(TRUTHS, champion=champion, challenger=GOOD)

        refuse_if_worse(match)

        assert match.challenger == 1.0

    def test_refuses_to_tell_from_too_few_frauds(self):
        with pytest.raises(UnusableModel, match="fraudes connues"):
            compare([True, False], champion=[1, 0], challenger=[1, 0])


class TestDrift:
    @given(values=VALUES)
    def test_is_nothing_between_a_lot_and_itself(self, values):
        assert stability_index(values, values) == 0

    @given(then=VALUES, now=VALUES)
    def test_is_never_negative(self, then, now):
        assert stability_index(then, now) >= 0

    def test_names_what_moved_first(self):
        then = [(float(number % 10), float(number)) for number in range(200)]
        now = [(float(number % 10), float(number) + 150) for number in range(200)]

        farthest, other = drifts(("same", "later"), then, now)

        assert (farthest.feature, farthest.reading) == ("later", Reading.FAR)
        assert other.reading is Reading.STABLE
        assert "a beaucoup changé" in farthest.sentence
