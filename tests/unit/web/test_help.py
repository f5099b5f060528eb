"""Help is found by what people type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encaisse.web.help.words.finding import Entry, find, search_words

DEPOSIT = Entry("mot-acompte", "acompte", ("Une partie du prix, payée à l’accord.",))
QUOTE = Entry("page-quote_new", "Nouveau devis", ("Un brouillon, avec son acompte.",))
REFUND = Entry(
    "code-refund", "Il reste … à rembourser.", ("Écrivez moins.",), code="refund_exceeds"
)
SOME = (QUOTE, DEPOSIT, REFUND)


def anchors(text: str) -> list[str]:
    return [entry.anchor for entry in find(text, SOME)]


class TestFinding:
    def test_titles_come_first(self):
        assert anchors("acompte") == ["mot-acompte", "page-quote_new"]

    @pytest.mark.parametrize("text", ["payee accord", "PAYÉE, l’accord ?", "accord payées"])
    def test_accents_signs_order_and_plurals_do_not_count(self, text):
        assert anchors(text) == ["mot-acompte"]

    def test_every_word_counts(self):
        assert anchors("acompte brouillon") == ["page-quote_new"]
        assert anchors("acompte voiture") == []

    def test_empty_words_do_not(self):
        assert anchors("comment faire pour rembourser") == ["code-refund"]

    def test_a_whole_code_comes_first(self):
        near = Entry("code-near", "Refund exceeds", ("refund_exceeds", "Rien."), code="refund_near")

        assert [entry.code for entry in find("refund_exceeds", [near, *SOME])] == [
            "refund_exceeds", "refund_near",
        ]  # fmt: skip

    @pytest.mark.parametrize("text", ["", " ", "?", "«"])
    def test_nothing_typed_finds_nothing(self, text):
        assert anchors(text) == []

    @given(st.text(max_size=200))
    def test_anything_may_be_typed(self, text):
        assert all(
            all(word in entry.whole for word in search_words(text)) for entry in find(text, SOME)
        )
