"""Every requirement of ASVS 5.0 at levels 1 and 2 is answered, and every proof named exists."""

import ast
import runpy
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOL = runpy.run_path(str(ROOT / "tools/asvs.py"))
ENTRIES = TOOL["requirements"]()
# OWASP's list of levels 1 and 2.
HOW_MANY = 253


@cache
def names_in(path: str) -> frozenset[str]:
    """Return the names of a file's tests, with the class that holds them."""
    names = set()
    for node in ast.parse((ROOT / path).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.ClassDef):
            names |= {f"{node.name}::{one.name}" for one in node.body if hasattr(one, "name")}
    return frozenset(names)


def test_each_requirement_is_answered_once():
    ids = [entry["id"] for entry in ENTRIES]

    assert len(ids) == len(set(ids)) == HOW_MANY
    assert {entry["level"] for entry in ENTRIES} == {1, 2}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["id"])
def test_what_is_said_has_its_proof_or_its_reason(entry):
    evidence = entry.get("evidence") or []
    if not entry["applies"]:
        assert entry["why_not"]
        return
    assert entry["state"] in {"met", "partial", "not_met"}
    assert evidence if entry["state"] == "met" else entry["why_not"]
    for named in evidence:
        path, _, name = named.partition("::")
        assert name in names_in(path), named


def test_the_page_is_fresh():
    written = (ROOT / "docs/security/asvs.md").read_text(encoding="utf-8")

    assert written == TOOL["page"](ENTRIES), "run make asvs"
