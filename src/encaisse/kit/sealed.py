"""Columns that hold a value sealed for its row, read and written like plain ones."""

import json
from typing import Any, Protocol, cast

from encaisse.kit.crypto import Place, seal, unseal


class _Sealing(Protocol):
    """A row that knows where its sealed values live."""

    def place(self, column: str) -> Place: ...


def sealed_text(name: str) -> property:
    """Return the text that `<name>_sealed` holds; an empty one is NULL there."""
    column = f"{name}_sealed"

    def opened(row: _Sealing) -> str:
        sealed = getattr(row, column)
        return unseal(sealed, row.place(name)) if sealed else ""

    def close(row: _Sealing, text: str) -> None:
        setattr(row, column, seal(text, row.place(name)) if text else None)

    return property(opened, close)


def sealed_json(name: str) -> property:
    """Return the JSON value that `<name>_sealed` holds, always written."""
    column = f"{name}_sealed"

    def opened(row: _Sealing) -> Any:
        return json.loads(unseal(cast("bytes", getattr(row, column)), row.place(name)))

    def close(row: _Sealing, value: Any) -> None:
        setattr(row, column, seal(json.dumps(value, ensure_ascii=False), row.place(name)))

    return property(opened, close)


def seal_plain(row: Any, name: str) -> bytes | None:
    """Seal what a row of an older shape holds in clear; NULL for an empty text."""
    plain = getattr(row, name)
    if plain == "":
        return None
    text = plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)
    place = Place(row._meta.db_table, name, row.id, row.organization_id)
    return seal(text, place)
