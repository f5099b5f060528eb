"""The printed limits are those of the code."""

from pathlib import Path

from encaisse.config.limits import limits_page
from encaisse.identity.guessing import FRENCH
from encaisse.identity.limits import ON_ACCOUNT

ROOT = Path(__file__).parents[2]


def test_the_page_is_fresh():
    written = (ROOT / "docs/security/limits.md").read_text(encoding="utf-8")

    assert written == limits_page(), "run make limits"


def test_a_figure_of_the_page_is_the_one_the_code_uses():
    minutes = int(ON_ACCOUNT.refill.total_seconds() // 60)

    assert f"| {ON_ACCOUNT.burst} at once, then one every {minutes} minutes |" in limits_page()


def test_every_refused_word_is_listed():
    listed = limits_page().rpartition("only of these words:")[2]

    assert {word.strip(" \n.") for word in listed.split(",")} == FRENCH
