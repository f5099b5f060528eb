import pytest

from encaisse.kernel.errors import DomainError, Invalid, NotFound
from encaisse.kernel.text import bank_text, clean_text, required_text, search_key


class TestCleanText:
    def test_removes_what_could_make_a_name_read_differently(self):
        assert clean_text("Mar\u202etin\x00 \u200bSARL ", largest=40, field="Nom") == "Martin SARL"

    def test_keeps_emoji_accents_and_asked_for_lines(self):
        assert clean_text("Éléa 🔧", largest=40, field="Nom") == "Éléa 🔧"
        assert clean_text("a\r\nb", largest=9, field="Note", multiline=True) == "a\nb"

    @pytest.mark.parametrize("text", ["x" * 41, "x" * 10_000_000])
    def test_refuses_a_text_that_is_too_long(self, text):
        with pytest.raises(Invalid) as caught:
            clean_text(text, largest=40, field="Nom")

        assert caught.value.message == "Une valeur a été refusée : Nom : 40 caractères au plus."

    def test_refuses_a_required_text_of_blanks(self):
        with pytest.raises(Invalid):
            required_text(" \u200b ", largest=40, field="Nom")
        assert required_text(" a ", largest=40, field="Nom") == "a"


class TestBankText:
    def test_keeps_only_what_every_bank_accepts(self):
        assert bank_text("Éts Müller & fils — n°12", largest=70) == "Ets Muller fils n12"

    def test_cuts_to_length(self):
        assert bank_text("a" * 80, largest=70) == "a" * 70


class TestSearchKey:
    def test_forgets_accents_and_case(self):
        assert search_key("Élodie") == search_key("ELODIE")


class TestDomainError:
    def test_speaks_english_to_developers_and_french_to_people(self):
        assert str(NotFound()) == "Nothing here bears this identifier."
        assert "n’existe pas" in NotFound().message
        assert DomainError().code == "domain_error"
