"""The shapes of what help says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a page is for: two sentences and one example."""

    title: str
    first: str
    second: str
    example: str


@dataclass(frozen=True, slots=True)
class Area:
    """Pages that are explained together, by the name of their address."""

    title: str
    pages: dict[str, Explanation]


@dataclass(frozen=True, slots=True)
class Term:
    """A word people stumble over, in one or two sentences, and the term of the field."""

    word: str
    in_code: str
    meaning: str
    example: str = ""


@dataclass(frozen=True, slots=True)
class Journey:
    """A common question, answered step by step."""

    title: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cure:
    """What to do about one error code; `said` is what happened, where no class of error says it."""

    todo: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """Errors met at the same moments, by code."""

    title: str
    cures: dict[str, Cure]
