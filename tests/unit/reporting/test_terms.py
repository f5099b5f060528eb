"""What somebody may mean by one line of text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encaisse.kernel.money import Money
from encaisse.reporting.search.terms import LARGEST_TEXT, holds, read_terms


class TestAnAmount:
    @pytest.mark.parametrize(
        ("typed", "cents"),
        [
            ("450", 45_000), ("450,5", 45_050), ("1 234,56", 123_456), ("1234.56 €", 123_456),
            ("12 euros", 1_200), ("12 EUR", 1_200), ("1\u202f234,56\u202f€", 123_456),
        ],
    )  # fmt: skip
    def test_is_read_as_people_write_it(self, typed, cents):
        assert read_terms(typed).amount == Money(cents)

    @pytest.mark.parametrize("typed", ["", "leroy", "0", "-5", "1,234", "F-12", "99999999999999"])
    def test_is_nothing_else(self, typed):
        assert read_terms(typed).amount is None


class TestAName:
    def test_has_neither_accents_nor_capitals(self):
        assert read_terms("  Hélène   LEROY ").key == "helene leroy"

    def test_has_more_than_one_letter(self):
        assert read_terms("h").is_empty

    def test_is_held_by_a_text_that_has_accents(self):
        assert holds("helene", "Mme HÉLÈNE Leroy")
        assert not holds("", "anything")


class TestAReference:
    @pytest.mark.parametrize(
        ("typed", "reference"),
        [("f-2026-0012", "F-2026-0012"), ("rf18 5390", "RF185390"), ("0012", "0012")],
    )
    def test_holds_a_figure_and_no_space(self, typed, reference):
        assert read_terms(typed).reference == reference

    def test_is_no_word(self):
        assert read_terms("chaudière").reference == ""


@given(st.text(max_size=200))
def test_anything_at_all_can_be_typed(typed):
    terms = read_terms(typed)

    assert len(terms.reference) <= LARGEST_TEXT
    assert "\x00" not in terms.key + terms.reference
