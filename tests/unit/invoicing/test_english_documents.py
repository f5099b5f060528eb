"""A document in English: the same number, days and amounts as its French original, and no less."""

import io
import re
from collections import Counter
from dataclasses import fields, replace
from datetime import date
from itertools import product
from pathlib import Path

import pikepdf
import pytest

from encaisse.invoicing.core.amounts import Line, VatRate
from encaisse.invoicing.core.notes import notes_of, translation_of
from encaisse.invoicing.rendering import render_document
from encaisse.invoicing.rendering.words import ENGLISH, FRENCH
from encaisse.kernel.language import Language
from encaisse.kernel.money import Money
from unit.invoicing.documents import BUYER, LINES, PAYMENT, SELLER, page_texts, snapshot

KINDS = ["quote", "deposit", "final", "credit_note"]
TEMPLATE = Path(__file__).parents[3] / "src/encaisse/invoicing/rendering/document.typ"
# Proper names, the same everywhere, and what an original does not say.
ALIKE = {"iban", "siren", "register", "page"}
ORIGINAL_IS_SILENT = {"translated"}
FRENCH_WORDS = re.compile(
    r"\b(?:le|la|les|des|du|une|vous|votre|sur|dont|pour|avec|facture|devis|acompte|avoir|TVA|HT|TTC"
    r"|virement|échéance|total ht)\b|[éèêàçù«]",
    re.IGNORECASE,
)
PLAIN_SELLER = replace(
    SELLER, legal_name="", capital="", street="1 Quay Street", insurance="MAAF", mediator="CM2C",
    trade_register_city="", email="hello@plumber.example",
)  # fmt: skip
PLAIN_BUYER = replace(BUYER, name="Alice Smith", street="2 Mill Road", siren="552100554")
PLAIN_LINES = (
    Line("Boiler", 1500, "u", Money(123_456), VatRate.REDUCED),
    Line("Pipe", 12_250, "m", Money(1_490), VatRate.NORMAL),
)


def text_in(language, document, payment=None) -> str:
    printed = render_document(document, payment=payment, language=language)
    return "\n".join(page_texts(printed)).replace("\u200b", "")


def flat(text: str) -> str:
    """Join lines: a sentence may be cut anywhere."""
    return re.sub(r"[ \n]+", " ", text)


def sentences(words):
    for field in fields(words):
        value = getattr(words, field.name)
        if isinstance(value, dict):
            yield from ((f"{field.name}.{key}", text) for key, text in value.items())
        elif field.name not in {"language", "region"}:
            yield field.name, value


def french_amounts(text: str) -> Counter[int]:
    found = re.findall(r"−?\d{1,3}(?:\u202f\d{3})*,\d{2}(?=\u00a0€)", text)
    return Counter(int(re.sub(r"[\u202f,]", "", one).replace("−", "-")) for one in found)


def english_amounts(text: str) -> Counter[int]:
    found = re.findall(r"−?€\d{1,3}(?:,\d{3})*\.\d{2}", text)
    return Counter(int(re.sub(r"[€,.]", "", one).replace("−", "-")) for one in found)


@pytest.mark.parametrize("name", sorted(dict(sentences(FRENCH))))
def test_each_sentence_is_said_in_both_languages(name):
    french, english = dict(sentences(FRENCH))[name], dict(sentences(ENGLISH))[name]

    assert english
    assert french or name in ORIGINAL_IS_SILENT
    assert name in ALIKE or french != english
    assert set(re.findall(r"\{\w+\}", french)) == set(re.findall(r"\{\w+\}", english))


@pytest.mark.parametrize(("name", "sentence"), sorted(dict(sentences(ENGLISH)).items()))
def test_no_english_sentence_holds_a_french_word(name, sentence):
    assert not FRENCH_WORDS.search(re.sub(r"\(.*?\)", "", sentence)), name


def test_the_template_says_nothing_by_itself():
    lines = [
        line
        for line in TEMPLATE.read_text(encoding="utf-8").splitlines()
        if not line.lstrip().startswith("//")
    ]
    blocks = re.findall(r"(?<![\w)])\[([^\[\]]*)\]", "\n".join(lines))
    said = [re.sub(r"#[\w.]+(?:\([^()]*\))*(?:\.\w+(?:\([^()]*\))*)*", "", one) for one in blocks]

    assert len(said) >= 2
    assert [one for one in said if re.search(r"[A-Za-zÀ-ÿ]{2,}", one)] == []
    assert "é" not in "\n".join(lines)


@pytest.mark.parametrize("kind", KINDS)
class TestBothAreTheSameDocument:
    def test_the_same_amounts_are_printed_as_often(self, kind):
        # The capital is the firm's own text and is not said again in English.
        document = snapshot(kind, seller=replace(SELLER, capital=""))
        payment = PAYMENT if kind == "final" else None

        french = french_amounts(text_in(Language.FRENCH, document, payment))

        assert sum(french.values()) >= 8
        assert english_amounts(text_in(Language.ENGLISH, document, payment)) == french

    def test_the_same_number_days_and_typed_texts_are_printed(self, kind):
        document = snapshot(kind)
        french, english = (text_in(language, document) for language in Language)

        days = [document.issued_on, document.due_on, document.supply_on, document.valid_until]
        for day in [date.fromisoformat(text) for text in days if text]:
            assert Language.FRENCH.day(day) in french
            assert Language.ENGLISH.day(day) in english
        typed = [document.number, document.subject, *(line.label for line in LINES)]
        for text in (*typed, "6,5\u00a0h", "12,25\u00a0m"):
            assert text in french
            assert text.replace(",", ".") in english

    def test_nothing_of_ours_is_left_in_french(self, kind):
        document = snapshot(
            kind, PLAIN_LINES, seller=PLAIN_SELLER, buyer=PLAIN_BUYER, subject="Works", notes=()
        )
        payment = replace(PAYMENT, holder_name="PLUMBER") if kind == "final" else None

        text = text_in(Language.ENGLISH, document, payment)

        assert FRENCH_WORDS.findall(re.sub(r"\((?:assurance|médiateur)[^)]*\)", "", text)) == []

    def test_is_an_archive_in_english_that_a_screen_reader_can_follow(self, kind):
        pdf = render_document(snapshot(kind), payment=None, language=Language.ENGLISH)

        with pikepdf.open(io.BytesIO(pdf)) as document:
            metadata = document.open_metadata()
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "B")
            assert metadata["pdfuaid:part"] == "1"
            assert document.Root.Lang == "en-GB"
            assert ENGLISH.titles[kind] in str(document.docinfo["/Title"])

    def test_says_which_one_is_the_original(self, kind):
        french, english = (text_in(language, snapshot(kind)) for language in Language)

        assert "English translation. The original is the French document" in flat(english)
        assert "translation" not in french


class TestWhatTheLawWantsSaid:
    def every_sentence(self):
        yes = (True, False)
        return {
            sentence
            for kind, *facts in product(KINDS, yes, yes, yes, yes)
            for sentence in notes_of(
                kind=kind, issued_on=date(2026, 11, 23), is_professional=facts[0],
                is_vat_on_debits=facts[1], is_vat_franchise=facts[2], has_deposit=facts[3],
            )
        }  # fmt: skip

    def test_each_sentence_has_its_translation(self):
        said = self.every_sentence()

        assert len(said) == 6
        for sentence in said:
            assert translation_of(sentence), sentence
            assert not FRENCH_WORDS.search(translation_of(sentence))

    def test_the_french_sentence_stays_word_for_word_under_its_translation(self):
        notes = tuple(sorted(self.every_sentence()))

        text = flat(text_in(Language.ENGLISH, snapshot(notes=notes)))

        for sentence in notes:
            assert text.index(translation_of(sentence)) < text.index(sentence)

    def test_a_sentence_of_another_time_stays_in_french_alone(self):
        assert "Ancienne mention." in text_in(
            Language.ENGLISH, snapshot(notes=("Ancienne mention.",))
        )

    def test_the_firm_is_named_as_in_the_french_register(self):
        text = text_in(Language.ENGLISH, snapshot())

        assert "SARL au capital de 5\u202f000,00\u00a0€ · RCS Nantes 123\u00a0456\u00a0782" in text
        assert "VAT\u00a0FR32123456782" in text
        assert "Professional insurance (assurance professionnelle): MAAF, décennale" in text
