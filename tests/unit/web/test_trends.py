"""What changed, as a sentence says it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encaisse.reporting.core import Counted, Figure, summarize
from encaisse.web.figures.trends import change, trends

TODAY = date(2026, 11, 30)


def of(*counted):
    return summarize(Counted(TODAY, *one) for one in counted)


def month(euros, *, paid=10, refused=0):
    return of(
        (Figure.CAPTURED, "card", paid, euros * 100),
        (Figure.REFUSED, "insufficient_funds", refused, 0),
    )


class TestOneFigure:
    @pytest.mark.parametrize(
        ("now", "before", "words"),
        [
            (112, 100, "en hausse de 12\u00a0%"), (88, 100, "en baisse de 12\u00a0%"),
            (102, 100, "stable"), (250, 100, "multiplié par 2,5"), (300, 100, "multiplié par 3"),
            (0, 100, ""), (100, 0, ""), (None, 5, ""), (5, None, ""),
        ],
    )  # fmt: skip
    def test_is_said_in_words(self, now, before, words):
        assert change(now, before) == words

    @given(st.integers(1, 10**9), st.integers(1, 10**9))
    def test_goes_up_or_down_as_the_numbers_do(self, now, before):
        words = change(now, before)

        if words.startswith(("en hausse", "multiplié")):
            assert now > before
        elif words.startswith("en baisse"):
            assert now < before
        else:
            assert abs(now - before) < before * 0.05


class TestAPeriod:
    def test_says_what_changed_most(self):
        sentence = trends(month(500, paid=8, refused=2), month(300))

        assert sentence.startswith("Vous avez encaissé 200,00\u00a0€ de plus")
        assert "les essais échouent plus souvent" in sentence

    def test_says_that_nothing_did(self):
        assert trends(month(300), month(300)).startswith("Rien n’a beaucoup changé")

    def test_says_nothing_without_a_past(self):
        assert trends(month(300), of()) == ""
