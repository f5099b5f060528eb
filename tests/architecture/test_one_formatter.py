"""Days, amounts and counts are written in one module, where a language would be added."""

import re
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "src/encaisse"
WEB = SOURCES / "web"
# The module itself; payers' pages, which already speak two languages through `Language`.
APART = {WEB / "french.py"}
MODULES = sorted(
    path
    for folder in (WEB, SOURCES / "notifications")
    for path in folder.rglob("*.py")
    if path not in APART and WEB / "payer" not in path.parents
)
TEMPLATES = sorted(SOURCES.rglob("templates/**/*.html"))
# What formats French by itself: days in figures, decimal commas, names of months, plurals.
IN_CODE = {
    "a day in figures": r"\{[^}]*:%d/%m",
    "strftime": r"\.strftime\(",
    "a decimal comma": r"\.replace\(\"\.\", \",\"\)",
    "grouped thousands": r":,\}",
    "an amount": r"\.in_french\(\)",
    "a month": r"\"janvier\"",
    "a plural by hand": r"[\"']s[\"'] if ",
}
IN_TEMPLATES = {
    "a day": r"\|date\b|\{% now ",
    "a number": r"\|(?:floatformat|intcomma|localize)\b",
    "a plural": r"\|pluralize\b",
}


def found(pattern, paths):
    return {
        str(path.relative_to(SOURCES)): hits
        for path in paths
        if (hits := re.findall(pattern, path.read_text(encoding="utf-8")))
    }


@pytest.mark.parametrize("what", sorted(IN_CODE))
def test_no_module_of_the_pages_formats(what):
    assert found(IN_CODE[what], MODULES) == {}


@pytest.mark.parametrize("what", sorted(IN_TEMPLATES))
def test_no_template_formats(what):
    assert found(IN_TEMPLATES[what], TEMPLATES) == {}
    assert len(TEMPLATES) > 100


def test_each_kind_of_page_says_its_language_in_one_place_and_computes_it():
    said = {
        path.relative_to(SOURCES).as_posix(): re.findall(r"<html([^>]*)>", text)
        for path in TEMPLATES
        if "<html" in (text := path.read_text(encoding="utf-8"))
    }

    assert said == {
        "notifications/templates/notifications/frame.html": [' lang="{{ language }}"'],
        "web/templates/payer/base.html": [' lang="{{ w.language }}"'],
        "web/templates/web/base.html": [' lang="{{ language }}"'],
    }
