"""Finding an entry of help by what somebody types: no accents, several words, titles first."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from encaisse.kernel.text import search_key

LARGEST_TEXT = 80
# What says nothing of the subject, in a question as people type it.
_EMPTY = frozenset(
    {
        "a", "ai", "au", "aux", "avec", "c", "ce", "comment", "d", "dans", "de", "des", "du",
        "en", "est", "et", "faire", "fait", "il", "j", "je", "l", "la", "le", "les", "ma", "me",
        "mes", "mon", "n", "ne", "ou", "par", "pas", "pour", "qu", "que", "quoi", "s", "sa", "se",
        "sont", "sur", "un", "une",
    }
)  # fmt: skip
_LEAST_STEM = 4


@dataclass(frozen=True)
class Entry:
    """
    One thing that help says; `code` is that of an error, empty otherwise.

    What is searched in it is worked out once: the search field asks at each letter.
    """

    anchor: str
    title: str
    lines: tuple[str, ...]
    example: str = ""
    code: str = ""
    is_steps: bool = False

    @cached_property
    def named(self) -> str:
        return search_key(f"{self.title} {self.code}")

    @cached_property
    def whole(self) -> str:
        return search_key(" ".join((self.title, self.code, *self.lines, self.example)))


def find(text: str, entries: Iterable[Entry]) -> list[Entry]:
    """Return what holds every word that counts, best first: whole code, words in the title."""
    words = search_words(text)
    if not words:
        return []
    held = [entry for entry in entries if all(word in entry.whole for word in words)]
    return sorted(held, key=lambda entry: _distance(entry, words))


def search_words(text: str) -> list[str]:
    """Return what is searched: no accent, no capital, no plural, no empty word unless alone."""
    key = search_key(text[:LARGEST_TEXT])
    typed = "".join(sign if sign.isalnum() or sign in "_-" else " " for sign in key).split()
    telling = [word for word in typed if word not in _EMPTY]
    return [_stem(word) for word in telling or typed]


def _stem(word: str) -> str:
    is_plural = len(word) > _LEAST_STEM and word[-1] in "sx" and "_" not in word
    return word[:-1] if is_plural else word


def _distance(entry: Entry, words: list[str]) -> tuple[bool, int, int]:
    missing = sum(word not in entry.named for word in words)
    return (entry.code not in words or not entry.code, missing, len(entry.named))
