"""Long lists, a page at a time, without ever counting all rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

_SIZE = 50
_LAST_PAGE = 2000


@dataclass(frozen=True, slots=True)
class Slice:
    """One page of rows, with the numbers of its neighbours where there are some."""

    rows: Sequence[Any]
    previous: int | None
    next: int | None


def slice_of(request: HttpRequest, rows: QuerySet[Any]) -> Slice:
    """Return the page asked by `?page=`; anything unreadable is the first."""
    asked = request.GET.get("page", "1")
    number = min(int(asked), _LAST_PAGE) if asked.isascii() and asked.isdigit() else 1
    number = max(number, 1)
    start = (number - 1) * _SIZE
    found = list(rows[start : start + _SIZE + 1])
    return Slice(
        rows=found[:_SIZE],
        previous=number - 1 if number > 1 else None,
        next=number + 1 if len(found) > _SIZE else None,
    )
