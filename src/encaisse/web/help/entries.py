"""Everything that help says, as entries to read and to find."""

import hashlib
import re
from dataclasses import dataclass
from functools import cache

# The command line alone meets them: what runs a site would not load them.
import encaisse.kit.errors  # noqa: F401
from encaisse.kernel.errors import every_error
from encaisse.kernel.text import search_key, set_in_french
from encaisse.web.help.words.cures import FAMILIES
from encaisse.web.help.words.finding import Entry
from encaisse.web.help.words.journeys import JOURNEYS
from encaisse.web.help.words.pages import AREAS
from encaisse.web.help.words.shapes import Area, Family
from encaisse.web.help.words.terms import TERMS

_VALUE = re.compile(r"\{\w+\}")
_VERSION_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Group:
    """Entries read together, under a title."""

    title: str
    entries: tuple[Entry, ...]


@cache
def questions() -> tuple[Entry, ...]:
    return tuple(
        Entry(f"question-{slug(one.title)}", one.title, one.steps, is_steps=True)
        for one in JOURNEYS
    )


@cache
def pages() -> tuple[Group, ...]:
    return tuple(Group(area.title, _explained(area)) for area in AREAS)


@cache
def terms() -> tuple[Entry, ...]:
    """Return the glossary, in the order of a dictionary."""
    found = [
        Entry(f"mot-{slug(term.word)}", term.word, (term.meaning,), term.example)
        for term in TERMS.values()
    ]
    return tuple(sorted(found, key=lambda entry: search_key(entry.title)))


@cache
def messages() -> tuple[Group, ...]:
    """Return what each error says and what to do about it."""
    said = {error.code: error.french for error in every_error()}
    return tuple(Group(family.title, _cured(family, said)) for family in FAMILIES)


@cache
def every_entry() -> tuple[Entry, ...]:
    """Return all of them, in the order of the page."""
    explained = (entry for group in pages() for entry in group.entries)
    cured = (entry for group in messages() for entry in group.entries)
    return (*questions(), *explained, *terms(), *cured)


@cache
def version() -> str:
    """Return what changes whenever help says something else."""
    return hashlib.sha256(repr(every_entry()).encode()).hexdigest()[:_VERSION_LENGTH]


def slug(word: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", search_key(word)).strip("-")


def _explained(area: Area) -> tuple[Entry, ...]:
    return tuple(
        Entry(f"page-{name}", one.title, (one.first, one.second), one.example)
        for name, one in area.pages.items()
    )


def _cured(family: Family, said: dict[str, str]) -> tuple[Entry, ...]:
    return tuple(
        Entry(
            f"code-{code}",
            set_in_french(_VALUE.sub("…", cure.said or said[code])),
            (cure.todo,),
            code=code,
        )
        for code, cure in family.cures.items()
    )
