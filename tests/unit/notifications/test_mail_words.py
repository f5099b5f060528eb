"""Mails to customers: every line is said in both languages, and nothing is said in one only."""

import re
from pathlib import Path

import pytest

from encaisse.notifications.core import MailKind

TEMPLATES = Path(__file__).parents[3] / "src/encaisse/notifications/templates/notifications"
IN_ENGLISH = sorted(path.name.split(".")[0] for path in TEMPLATES.glob("*.en.txt"))
# What members of the firm read, in the language of the back office.
TO_THE_FIRM = {
    MailKind.QUOTE_ACCEPTED, MailKind.QUOTE_REFUSED, MailKind.QUOTE_WITHDRAWN, MailKind.DISPUTE,
    MailKind.INVITATION, MailKind.RECOVERY_APPROVED, MailKind.RECOVERY_CANCELLED,
    MailKind.RECOVERY_DONE, MailKind.ALERT, MailKind.OPERATION_ASKED,
}  # fmt: skip
FRENCH_WORDS = re.compile(
    r"\b(?:le|la|les|des|du|un|une|vous|votre|pas|est|pour|avec|montant|reçu|facture|devis|acompte|annule|avoir)\b|[éèêàçù«’]\w*[éèà]"
    r"|[éèêàçù«]",
    re.IGNORECASE,
)
TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}")


def template(kind: str, language: str) -> str:
    return (TEMPLATES / f"{kind}.{language}.txt").read_text(encoding="utf-8")


def test_each_kind_a_customer_reads_is_written_in_english():
    assert set(IN_ENGLISH) == set(MailKind) - TO_THE_FIRM


def test_each_kind_is_written_in_french():
    assert {path.name.split(".")[0] for path in TEMPLATES.glob("*.fr.txt")} == set(MailKind)


@pytest.mark.parametrize("kind", IN_ENGLISH)
class TestBothLanguages:
    def test_say_the_same_facts_line_by_line(self, kind):
        french, english = (template(kind, language).splitlines() for language in ("fr", "en"))

        assert len(english) == len(french)
        for line, (one, other) in enumerate(zip(french, english, strict=True), start=1):
            assert sorted(TAG.findall(one)) == sorted(TAG.findall(other)), line

    def test_no_line_is_left_as_it_was(self, kind):
        french, english = (template(kind, language).splitlines() for language in ("fr", "en"))

        for one, other in zip(french, english, strict=True):
            said = TAG.sub("", one)
            alike = one == other or said.strip(" \u202f:") == TAG.sub("", other).strip(" :")
            # "Date" and what only computes are written alike.
            assert not alike or not re.search(r"[a-zé]{2}", said.replace("Date", "")), one

    def test_no_french_word_is_left(self, kind):
        assert FRENCH_WORDS.findall(TAG.sub("", template(kind, "en"))) == []
