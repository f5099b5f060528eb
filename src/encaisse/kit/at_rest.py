"""
What each column of text or bytes holds once the disk is stolen: in clear, digested or sealed.

Every package says it, and why, in its `protection` module; a test walks the database and refuses a
column that nobody declared. Key rotation reads the same declarations.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.utils.module_loading import autodiscover_modules

from encaisse.kit.crypto import Place
from encaisse.kit.envelopes import RAW, Envelope


class How(StrEnum):
    CLEAR = "clear"
    DIGEST = "digest"
    SEALED = "sealed"


@dataclass(frozen=True, slots=True)
class Row:
    """The row a value comes from: its key, its organization and what `Sealing.needs` names."""

    key: Any
    organization_id: UUID | None
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sealing:
    """How the instance's keys seal a column: bound to what, and carried in which shape."""

    associated_data: Callable[[Row], bytes]
    envelope: Envelope = RAW
    key: str = "id"
    has_organization: bool = True
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Index:
    """A blind index: which sealed column it finds, and how it is made of that text."""

    of: str
    make: Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Column:
    """
    One column's declaration.

    A sealed one without `sealing` is under the key of its subject, which is itself wrapped: when
    keys are renewed the wrapping is, not what it protects.
    """

    name: str
    how: How
    reason: str
    sealing: Sealing | None = None
    index: Index | None = None
    table: str = ""


def clear(reason: str, *names: str) -> list[Column]:
    return [Column(name, How.CLEAR, reason) for name in names]


def digest(reason: str, *names: str) -> list[Column]:
    """Declare what cannot be gone back from: hashes of what only its owner holds."""
    return [Column(name, How.DIGEST, reason) for name in names]


def blind_index(reason: str, name: str, *, of: str, make: Callable[[str], bytes]) -> list[Column]:
    return [Column(name, How.DIGEST, reason, index=Index(of, make))]


def sealed(reason: str, *names: str) -> list[Column]:
    """Declare columns named `<name>_sealed`, sealed for the place `<name>` of their row."""
    return [Column(name, How.SEALED, reason, sealing=_PENDING) for name in names]


def sealed_of_person(reason: str, *names: str) -> list[Column]:
    """Declare the same in a table about a person, who belongs to no organization there."""
    return [Column(name, How.SEALED, reason, sealing=_PENDING_OF_PERSON) for name in names]


def sealed_as(reason: str, name: str, sealing: Sealing) -> list[Column]:
    return [Column(name, How.SEALED, reason, sealing=sealing)]


def sealed_for_subject(reason: str, *names: str) -> list[Column]:
    return [Column(name, How.SEALED, reason) for name in names]


def declare(table: str, *groups: list[Column]) -> None:
    """Say what a table holds; every column of text, JSON or bytes, once."""
    for column in (column for group in groups for column in group):
        if (table, column.name) in _declared:
            raise ValueError(f"{table}.{column.name} is declared twice.")
        sealing = column.sealing
        if sealing in {_PENDING, _PENDING_OF_PERSON}:
            sealing = replace(sealing, associated_data=_in_place(table, column.name))
        _declared[table, column.name] = Column(
            column.name, column.how, column.reason, sealing, column.index, table
        )


def declarations() -> dict[tuple[str, str], Column]:
    """Return what every package declares, by table and column."""
    autodiscover_modules("protection")
    return dict(_declared)


def _in_place(table: str, column: str) -> Callable[[Row], bytes]:
    name = column.removesuffix("_sealed")

    def associated_data(row: Row) -> bytes:
        return Place(table, name, row.key, row.organization_id).associated_data()

    return associated_data


def _nowhere(_row: Row) -> bytes:
    raise ValueError("This column's table is not known yet.")


_PENDING = Sealing(_nowhere)
_PENDING_OF_PERSON = Sealing(_nowhere, has_organization=False)
_declared: dict[tuple[str, str], Column] = {}
