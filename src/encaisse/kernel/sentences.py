"""
The sentences we write in documents and requests of payment, which payers may read in English.

They are kept in French, as the rest of the document; a payer's page, mail or paper reads them in
the payer's language. What people typed is none of these, and is never translated.
"""

import re
from collections.abc import Mapping
from enum import StrEnum

from encaisse.kernel.language import Language


class Sentence(StrEnum):
    INVOICE = "Facture {number}"
    DEPOSIT = "Acompte, devis {number}"
    DEPOSIT_AGAIN = "Acompte à régler de nouveau, facture {number}"
    DEPOSIT_LINE = "Acompte sur devis {number}"
    CANCELS = "Annule la facture {number}"

    def about(self, number: str) -> str:
        return self.value.format(number=number)


ENGLISH: Mapping[Sentence, str] = {
    Sentence.INVOICE: "Invoice {number}",
    Sentence.DEPOSIT: "Deposit, quote {number}",
    Sentence.DEPOSIT_AGAIN: "Deposit to be paid again, invoice {number}",
    Sentence.DEPOSIT_LINE: "Deposit on quote {number}",
    Sentence.CANCELS: "Cancels invoice {number}",
}
_NUMBER = r"(?P<number>[A-Z]{1,4}-\d{4}-\d{4,})"
_SHAPES = [(re.compile(one.value.format(number=_NUMBER)), words) for one, words in ENGLISH.items()]


def read_in(language: Language, text: str) -> str:
    """Return one of our sentences in that language; any other text as it is."""
    if language is Language.FRENCH:
        return text
    for shape, words in _SHAPES:
        found = shape.fullmatch(text)
        if found:
            return words.format(number=found["number"])
    return text
