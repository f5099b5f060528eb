import pytest
from hypothesis import given
from hypothesis import strategies as st

from encaisse.fraud.offline.measures import Judged, auc_roc, average_precision, card_precision

PAIRS = st.lists(st.tuples(st.integers(0, 6).map(float), st.booleans()), max_size=40)


def judged(day, payer, score, *, is_fraud=False):
    return Judged(day, f"{day}-{payer}-{score}", payer, is_fraud, score)


class TestAucRoc:
    @given(pairs=PAIRS)
    def test_is_how_often_a_fraud_scores_above_another(self, pairs):
        frauds = [score for score, is_fraud in pairs if is_fraud]
        others = [score for score, is_fraud in pairs if not is_fraud]
        won = [(one > two) + (one == two) / 2 for one in frauds for two in others]

        assert auc_roc(pairs) == (pytest.approx(sum(won) / len(won)) if won else None)


class TestAveragePrecision:
    def test_adds_precision_at_each_step_of_recall(self):
        # From the top: a fraud (1/1), another thing, a fraud (2/3), a fraud (3/4).
        pairs = [(0.9, True), (0.8, False), (0.7, True), (0.6, True), (0.1, False)]

        assert average_precision(pairs) == pytest.approx((1 + 2 / 3 + 3 / 4) / 3)

    def test_takes_equal_scores_as_one_step(self):
        assert average_precision([(0.5, True), (0.5, False), (0.5, False)]) == pytest.approx(1 / 3)

    def test_measures_nothing_without_a_fraud(self):
        assert average_precision([(0.5, False)]) is None

    @given(pairs=PAIRS)
    def test_does_not_depend_on_the_order_of_the_rows(self, pairs):
        assert average_precision(pairs) == average_precision(pairs[::-1])


class TestCardPrecision:
    def test_takes_the_highest_score_of_a_card_each_day(self):
        rows = [
            judged(1, "7", 0.1, is_fraud=True),
            judged(1, "7", 0.9),
            judged(1, "8", 0.5),
        ]

        assert card_precision(rows, top=1) == 1.0

    def test_drops_a_detected_card_on_later_days(self):
        rows = [
            judged(1, "7", 0.9, is_fraud=True),
            judged(2, "7", 0.9, is_fraud=True),
            judged(2, "8", 0.5),
        ]

        assert card_precision(rows, top=1) == 0.5

    def test_keeps_a_card_that_was_not_detected(self):
        rows = [
            judged(1, "7", 0.1, is_fraud=True),
            judged(1, "8", 0.5),
            judged(2, "7", 0.9, is_fraud=True),
        ]

        assert card_precision(rows, top=1) == 0.5

    @pytest.mark.parametrize(("low", "high"), [("9", "10"), ("a10", "a9")])
    def test_breaks_ties_by_ascending_card(self, low, high):
        rows = [judged(1, high, 0.5), judged(1, low, 0.5, is_fraud=True)]

        assert card_precision(rows, top=1) == 1.0

    def test_counts_places_that_stay_empty(self):
        assert card_precision([judged(1, "7", 0.9, is_fraud=True)], top=100) == 0.01
