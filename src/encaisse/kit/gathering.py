"""
Many writes in one transaction, each table written once.

Inside `gathered()`, rows that are only ever added (journal entries, audit lines, events, daily
figures, jobs) wait in memory and are written at the end, in bulk and always in the same order of
locks. Outside of it they are written at once: code that adds them does not know the difference.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from enum import IntEnum
from typing import Any, Generic, TypeVar

_T = TypeVar("_T")


class Rank(IntEnum):
    """The order of writing, which is the order of locks: the audit head is the last one taken."""

    EVENTS = 1  # their handlers add to what follows, and may publish again
    ENTRIES = 2
    FIGURES = 3
    STORED_EVENTS = 4
    JOBS = 5
    AUDIT = 6


class Gatherer(Generic[_T]):
    """A place where one kind of row waits for the end of the batch."""

    def __init__(self, rank: Rank, write: Callable[[Sequence[_T]], object]) -> None:
        self.rank = rank
        self.write = write

    def add(self, item: _T) -> None:
        """Keep the item for the end of the batch, or write it now when no batch is open."""
        waiting = _waiting.get()
        if waiting is None:
            self.write([item])
        else:
            waiting.setdefault(self, []).append(item)


_waiting: ContextVar[dict[Gatherer[Any], list[Any]] | None] = ContextVar(
    "encaisse_gathered", default=None
)


def is_gathering() -> bool:
    return _waiting.get() is not None


@contextmanager
def gathered() -> Iterator[None]:
    """
    Write what the block adds when it ends, inside the transaction the caller opened.

    The block succeeds or fails as a whole: an error inside must end the transaction, because
    what the failed part had added is still waiting.
    """
    if is_gathering():
        yield
        return
    waiting: dict[Gatherer[Any], list[Any]] = {}
    token = _waiting.set(waiting)
    try:
        yield
        while waiting:
            first = min(waiting, key=lambda gatherer: gatherer.rank)
            first.write(waiting.pop(first))
    finally:
        _waiting.reset(token)
