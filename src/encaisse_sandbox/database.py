"""The SQLite file: one connection, one thread, rows read into the dataclasses of `records`."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import Field, asdict
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

Value = str | int | float | bytes | None

_LATER_COLUMNS = (
    ("payments", "three_d_secure", "TEXT NOT NULL DEFAULT 'automatic'"),
    ("disputes", "evidence_sha256", "TEXT"),
    ("challenges", "way", "TEXT NOT NULL DEFAULT 'sms'"),
    ("challenges", "secret", "TEXT NOT NULL DEFAULT ''"),
    ("challenges", "expires_at", "TEXT NOT NULL DEFAULT ''"),
)


class Record(Protocol):
    """A frozen dataclass whose fields are the columns of its table."""

    TABLE: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


RecordT = TypeVar("RecordT", bound=Record)


class Database:
    """
    The stored state of the simulated world.

    Everything runs on one event loop and no transaction spans an `await`, so that each use case
    is alone with the data while it runs and either happens whole or not at all.
    """

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.executescript(Path(__file__).with_name("schema.sql").read_text())
        self._add_later_columns()

    def _add_later_columns(self) -> None:
        """Bring a world made by an older sandbox to today's tables."""
        for table, column, definition in _LATER_COLUMNS:
            known = self._connection.execute(f"PRAGMA table_info({table})")
            if column not in {row["name"] for row in known}:
                self._connection.execute(f"ALTER TABLE {table} ADD COLUMN {column} {definition}")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make what happens inside atomic; an inner block joins the outer one."""
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def all(self, kind: type[RecordT], condition: str, *values: Value) -> list[RecordT]:
        """Return the rows of the kind's table that satisfy the condition."""
        # Table and condition are literals of this package; values are always bound.
        query = f"SELECT * FROM {kind.TABLE} WHERE {condition}"  # noqa: S608
        return [kind(**dict(row)) for row in self._connection.execute(query, values)]

    def first(self, kind: type[RecordT], condition: str, *values: Value) -> RecordT | None:
        """Return the first row that satisfies the condition, if any."""
        rows = self.all(kind, f"{condition} LIMIT 1", *values)
        return rows[0] if rows else None

    def one(self, kind: type[RecordT], condition: str, *values: Value) -> RecordT:
        """
        Return the row that must be there.

        :raises LookupError: it is not, which is a defect of the caller
        """
        found = self.first(kind, condition, *values)
        if found is None:
            raise LookupError(f"No row of {kind.TABLE} where {condition}.")
        return found

    def insert(self, record: Record) -> None:
        """Store a new row."""
        columns = asdict(record)
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        query = f"INSERT INTO {record.TABLE} ({names}) VALUES ({marks})"  # noqa: S608
        self._connection.execute(query, tuple(columns.values()))

    def update(self, kind: type[Record], identifier: Value, **changes: Value) -> None:
        """Change columns of the row with this id."""
        assignments = ", ".join(f"{name} = ?" for name in changes)
        query = f"UPDATE {kind.TABLE} SET {assignments} WHERE id = ?"  # noqa: S608
        self._connection.execute(query, (*changes.values(), identifier))

    def scalar(self, query: str, *values: Value) -> Value:
        """Return the first column of the first row, or None."""
        row = self._connection.execute(query, values).fetchone()
        return None if row is None else row[0]

    def execute(self, query: str, *values: Value) -> None:
        """Run one statement."""
        self._connection.execute(query, values)

    def next_number(self, name: str) -> int:
        """Return the next value of a named counter; it grows with each call."""
        query = (
            "INSERT INTO counters (name, value) VALUES (?, 1) "
            "ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value"
        )
        return int(self._connection.execute(query, (name,)).fetchone()[0])
