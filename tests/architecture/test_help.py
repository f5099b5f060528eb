"""Every page, word and error that people meet is explained; nothing explained is gone."""

import ast
import gzip
import re
from collections import Counter
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from architecture.test_french_spaces import loose
from attacks.walk import addresses
from encaisse.config.catalogue import errors
from encaisse.kernel.errors import every_error
from encaisse.web.help import entries
from encaisse.web.help.words.cures import CURES, FAMILIES
from encaisse.web.help.words.finding import find
from encaisse.web.help.words.journeys import JOURNEYS
from encaisse.web.help.words.pages import AREAS, EXPLANATIONS
from encaisse.web.help.words.terms import TERMS

# All of them, as where a site runs.
ERRORS = errors()
ROOT = Path(__file__).parents[2]
DOWNLOAD = "a file to download"
STEP = "a step on the way in, before anybody is signed in"
ELSEWHERE = "leads to another page at once"
PART = "a part of another page"
UNEXPLAINED = {
    "dashboard_csv": DOWNLOAD, "dashboard_pdf": DOWNLOAD, "dispute_pack": DOWNLOAD,
    "invoice_pdf": DOWNLOAD, "quote_pdf": DOWNLOAD, "mfa_download_recovery_codes": DOWNLOAD,
    "firm_logo": PART, "firm_preview_css": PART, "totp_image": PART,
    "entrance": STEP, "mfa_authenticate": STEP, "mfa_login_webauthn": STEP,
    "account_confirm_login_code": STEP, "account_confirm_password_reset_code": STEP,
    "account_email_verification_sent": STEP,
    "account_set_password": ELSEWHERE, "mfa_list_webauthn": ELSEWHERE,
    "mfa_deactivate_totp": ELSEWHERE, "mfa_remove_webauthn": ELSEWHERE,
}  # fmt: skip
# What Django's own fields say where ours say nothing.
OF_FIELDS = {"required", "invalid_choice", "max_length", "max_value", "min_value"}
OF_PAGES = {"bad_request", "csrf_refused", "internal_error", "restarting", "too_many_requests"}
TEMPLATES = sorted((ROOT / "src").rglob("templates/**/*.html"))
SENTENCE = re.compile(r"[A-ZÀÉÊÎÔŒ0-9«].*[.…»]", re.DOTALL)
END = re.compile(r"[.!?…]\s+(?=[A-ZÀÉÊÎÔŒ«])")


@pytest.fixture(scope="module")
def pages_of_members() -> set[str]:
    """The names of what leads a stranger to the door when asked for: who signed in sees it."""
    stranger, door = Client(), reverse("account_login")
    answers = {one.name: stranger.get(one.filled()) for one in addresses()}
    return {name for name, answer in answers.items() if answer.get("Location", "").startswith(door)}


def is_one_sentence(text: str) -> bool:
    return SENTENCE.fullmatch(text) is not None and END.search(text) is None


class TestPages:
    def test_every_page_is_explained_or_says_why_not(self, pages_of_members):
        assert len(pages_of_members) > 100
        assert pages_of_members - set(EXPLANATIONS) - set(UNEXPLAINED) == set()

    def test_nothing_explained_leads_nowhere(self, pages_of_members):
        assert set(EXPLANATIONS) | set(UNEXPLAINED) <= pages_of_members
        assert set(EXPLANATIONS) & set(UNEXPLAINED) == set()

    @pytest.mark.parametrize("name", EXPLANATIONS)
    def test_an_explanation_is_two_sentences_and_one_example(self, name):
        one = EXPLANATIONS[name]

        assert is_one_sentence(one.first)
        assert is_one_sentence(one.second)
        assert is_one_sentence(one.example)
        assert len(f"{one.first} {one.second} {one.example}") < 330

    def test_no_two_pages_share_a_text(self):
        texts = Counter(
            text
            for one in EXPLANATIONS.values()
            for text in (one.title, one.first, one.second, one.example)
        )

        assert [text for text, count in texts.items() if count > 1] == []
        assert len(EXPLANATIONS) == sum(len(area.pages) for area in AREAS)

    def test_more_than_a_sentence_is_seen(self):
        assert not is_one_sentence("Une phrase. Une autre.")
        assert not is_one_sentence("sans majuscule")


class TestErrors:
    def test_no_code_is_without_cure_and_no_cure_without_code(self):
        known = {error.code for error in ERRORS} | typed_codes() | OF_FIELDS | OF_PAGES

        assert known - set(CURES) == set()
        assert set(CURES) - known == set()
        assert len(CURES) == sum(len(family.cures) for family in FAMILIES)

    def test_what_happened_is_said_once(self):
        said = {error.code for error in ERRORS}

        assert {code for code, cure in CURES.items() if bool(cure.said) is (code in said)} == set()

    def test_no_two_codes_share_a_cure(self):
        counts = Counter(cure.todo for cure in CURES.values())

        assert [todo for todo, count in counts.items() if count > 1] == []

    def test_help_and_the_catalogue_name_the_same_errors(self):
        told = {entry.code for group in entries.messages() for entry in group.entries}

        assert {error.code for error in every_error()} <= told == set(CURES)

    @pytest.mark.parametrize("code", OF_PAGES)
    def test_pages_still_say_these_codes(self, code):
        texts = [*(ROOT / "src/encaisse/web").rglob("*.py"), *TEMPLATES]

        assert any(f'"{code}"' in path.read_text() for path in texts if "cures" not in path.parts)


def typed_codes() -> set[str]:
    """The codes that pages give to what they refuse by themselves."""
    calls = (
        node
        for path in (ROOT / "src/encaisse/web").rglob("*.py")
        if "words" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
    )
    values = (word.value for call in calls for word in call.keywords if word.arg == "code")
    return {value.value for value in values if isinstance(value, ast.Constant)}


class TestWords:
    def test_the_glossary_has_each_word_under_its_term(self):
        rows = [
            [{word.strip() for word in cell.split(",")} for cell in line.split("|")[1:4:2]]
            for line in (ROOT / "docs/glossary.md").read_text().splitlines()
            if line.startswith("|")
        ]

        missing = [
            term.word
            for term in TERMS.values()
            if not any(term.in_code in code and term.word in page for code, page in rows)
        ]
        assert missing == []

    def test_pages_write_known_words_only(self):
        written = {
            word
            for path in TEMPLATES
            for word in re.findall(r'\{% term "([^"]+)"', path.read_text())
        }

        assert written - set(TERMS) == set()
        assert len(written) >= 15

    @pytest.mark.parametrize("word", TERMS)
    def test_a_meaning_is_at_most_two_sentences(self, word):
        assert len(END.findall(TERMS[word].meaning)) <= 1
        assert len(TERMS[word].meaning) < 200


class TestTheWhole:
    def test_it_is_set_as_french_is(self):
        texts = [
            text
            for entry in entries.every_entry()
            for text in (entry.title, *entry.lines, entry.example)
        ]

        assert [found for text in texts for found in loose(text)] == []
        assert [text for text in texts if "'" in text] == []

    def test_everything_is_found_by_its_title_and_its_code(self):
        every = entries.every_entry()

        assert [one.anchor for one in every if one not in find(one.title, every)] == []
        assert [one.code for one in every if one.code and find(one.code, every)[0] != one] == []

    def test_every_anchor_is_its_own(self):
        counts = Counter(entry.anchor for entry in entries.every_entry())

        assert [anchor for anchor, count in counts.items() if count > 1] == []
        assert all(len(journey.steps) >= 2 for journey in JOURNEYS)

    def test_it_is_light(self):
        page = Client().get(reverse("help")).content

        assert len(gzip.compress(page)) < 60_000
