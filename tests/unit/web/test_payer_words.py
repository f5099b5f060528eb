"""What payers read: every sentence in both languages, and none forgotten in a template."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from encaisse.web.payer.words import ENGLISH, FRENCH

TEMPLATES = Path(__file__).parents[3] / "src/encaisse/web/templates/payer"
# Proper names, the same everywhere.
ALIKE = {"siren", "iban"}
FRENCH_WORDS = re.compile(
    r"\b(?:le|la|les|des|une|vous|votre|pas|est|pour|avec)\b|[éèêàçù«]", re.IGNORECASE
)
# What is not read: tags, what a template computes, signs.
MARKUP = re.compile(
    r"\{% block width %\}\w+|\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}|<svg.*?</svg>|<[^>]*>", re.DOTALL
)


def sentences(words):
    """Every text of a language, those of a mapping included."""
    for field in fields(words):
        value = getattr(words, field.name)
        if isinstance(value, str):
            yield field.name, value
        elif isinstance(value, dict):
            for key, text in value.items():
                yield f"{field.name}.{key}", text


@pytest.mark.parametrize("name", sorted(dict(sentences(FRENCH))))
def test_each_sentence_is_said_in_both_languages(name):
    french, english = dict(sentences(FRENCH))[name], dict(sentences(ENGLISH))[name]

    assert english
    assert name in ALIKE or french != english
    assert set(re.findall(r"\{\w+\}", french)) == set(re.findall(r"\{\w+\}", english))


@pytest.mark.parametrize(("name", "sentence"), sorted(dict(sentences(ENGLISH)).items()))
def test_no_english_sentence_holds_a_french_word(name, sentence):
    if name != "other_label":  # how French is called in French
        assert not FRENCH_WORDS.search(sentence)


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(TEMPLATES.glob("*.html")) if not path.stem.endswith(("_fr", "_en"))],
    ids=lambda path: path.name,
)
def test_no_template_says_anything_by_itself(path):
    said = MARKUP.sub(" ", path.read_text(encoding="utf-8"))

    assert re.findall(r"[A-Za-zÀ-ÿ]{2,}", said) == []
