import pytest

from encaisse.kernel.language import Language
from encaisse.kernel.sentences import ENGLISH, Sentence, read_in


@pytest.mark.parametrize("sentence", list(Sentence))
def test_each_sentence_of_ours_is_read_in_both_languages(sentence):
    written = sentence.about("F-2027-0001")

    assert read_in(Language.FRENCH, written) == written
    assert read_in(Language.ENGLISH, written) == ENGLISH[sentence].format(number="F-2027-0001")
    assert ENGLISH[sentence] != sentence.value


@pytest.mark.parametrize(
    "typed", ["Facture", "Acompte, devis de mai", "Remplacement du ballon", "facture F-2027-0001"]
)
def test_what_people_typed_is_never_translated(typed):
    assert read_in(Language.ENGLISH, typed) == typed
