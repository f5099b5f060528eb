"""Shapes shared by the resources. Amounts are integers of minor units with their currency."""

import base64
import binascii
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from ninja import Schema
from pydantic import ConfigDict, Field, StringConstraints

from encaisse.kernel.errors import DomainError
from encaisse.kernel.money import LARGEST_MINOR, Currency, Money

_M = TypeVar("_M", bound=Model)
_T = TypeVar("_T")

LARGEST_PAGE = 100
ShortText = Annotated[str, StringConstraints(max_length=140)]


class Strict(Schema):
    """What callers send: an unknown field is a mistake worth telling."""

    model_config = ConfigDict(extra="forbid")


class Amount(Strict):
    """An amount to pay: a positive integer of minor units."""

    amount: int = Field(gt=0, le=LARGEST_MINOR, strict=True)
    currency: Literal["EUR"]

    def money(self) -> Money:
        return Money(self.amount, Currency(self.currency))


class AmountOut(Schema):
    amount: int
    currency: str

    @classmethod
    def of(cls, money: Money) -> "AmountOut":
        return cls(amount=money.minor, currency=money.currency.value)


class Problem(Schema):
    """An error, as RFC 9457 describes it; `code` is stable."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[dict[str, Any]] | None = None


class ListOut(Schema, Generic[_T]):
    """A page of a list, newest first."""

    data: list[_T]
    next_cursor: str | None


class CursorInvalid(DomainError):
    """The cursor was not given by this list."""

    code = "cursor_invalid"
    status = 400
    french = "Ce curseur de pagination n’a pas été donné par cette liste."


def page_of(
    rows: QuerySet[_M], *, cursor: str | None, limit: int, present: Callable[[_M], _T]
) -> ListOut[_T]:
    """
    Return one page by key, never by offset: its cost does not grow with the depth.

    :raises CursorInvalid: the cursor is not one of ours
    """
    rows = rows.order_by("-created_at", "-id")
    if cursor:
        moment, identifier = _read_cursor(cursor)
        rows = rows.filter(Q(created_at__lt=moment) | Q(created_at=moment, id__lt=identifier))
    found = list(rows[: limit + 1])
    return ListOut(
        data=[present(row) for row in found[:limit]],
        next_cursor=_cursor_of(found[:limit]) if len(found) > limit else None,
    )


def _cursor_of(rows: Iterable[Any]) -> str:
    last = list(rows)[-1]
    return base64.urlsafe_b64encode(f"{last.created_at.isoformat()}|{last.id}".encode()).decode()


def _read_cursor(cursor: str) -> tuple[datetime, UUID]:
    try:
        moment, _, identifier = base64.urlsafe_b64decode(cursor.encode()).decode().partition("|")
        return datetime.fromisoformat(moment).astimezone(UTC), UUID(identifier)
    except (ValueError, OverflowError, binascii.Error) as error:
        raise CursorInvalid from error
