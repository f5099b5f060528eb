"""
Renewing the keys while the application serves.

A new key becomes current first; running processes read it from the replaced file and open what
either key sealed. Then every sealed value is sealed again, batch after batch, each batch and how
far it goes in one commit: a rotation that was killed goes on where it stood.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections, transaction
from django.utils import timezone

from encaisse.kit.at_rest import Column, Index, Row, Sealing, declarations
from encaisse.kit.crypto import forget_keys, renew, ring_in_use, unseal_raw
from encaisse.kit.envelopes import prefix_of
from encaisse.kit.errors import (
    KeysInEnvironment,
    KeysStillInUse,
    RotationHeldBack,
    RotationRunning,
)
from encaisse.kit.keyring import KeyRing, replace_keyset_file
from encaisse.kit.models import KeyRotation

# The owner passes row-level security, and alone may write another ciphertext of an immutable row.
ALIAS = "owner"
BATCH = 500
_LOCK = int.from_bytes(b"enckeys", "big")
_PATIENCE_SECONDS = 60.0
# A writer may have sealed with the former key just before the new one, and committed just after.
_WALKS = 5

OnBatch = Callable[[Column, int], None]


@dataclass(frozen=True, slots=True)
class Renewed:
    """What a rotation did."""

    key_id: int
    values: int
    seconds: float
    is_resumed: bool


@dataclass(frozen=True, slots=True)
class Spread:
    """How many values of a column each key seals; for an index, how many are of a former key."""

    column: Column
    by_key: dict[int, int]
    stale: int


@dataclass(frozen=True, slots=True)
class _Shape:
    """The types of a column and of its row's key, which arrays are cast to."""

    key: str
    value: str


def keyset_path() -> Path:
    """
    Return the file that a rotation replaces.

    :raises KeysInEnvironment: the keys are in no file
    """
    path: Path | None = settings.ENCAISSE_KEYSET_FILE
    if settings.ENCAISSE_KEYSET or path is None:
        raise KeysInEnvironment
    return path


def rotate(*, on_batch: OnBatch) -> Renewed:
    """
    Make a new key current and seal everything again with it; go on if one was stopped half-way.

    :raises RotationRunning: another one runs
    :raises RotationHeldBack: some rows stayed locked by other work for a minute
    """
    path, started = keyset_path(), time.monotonic()
    with _alone():
        ring = ring_in_use()
        is_resumed = _is_unfinished(ring)
        ring = ring.awakened() if is_resumed else ring.renewed(timezone.now())
        _put(path, ring)
        values = 0
        for _walk in range(_WALKS):
            values += sum(_renew_column(column, ring, on_batch) for column in _renewable())
            if not _is_unfinished(ring):
                break
        return Renewed(ring.current("sealing"), values, time.monotonic() - started, is_resumed)


def retire() -> int:
    """
    Put the former keys to sleep once nothing is sealed under them; return how many.

    :raises RotationRunning: another one runs
    :raises KeysStillInUse: something still is
    """
    path = keyset_path()
    with _alone():
        ring = ring_in_use()
        _refuse_stale(ring)
        _put(path, ring.retired())
    return len(ring.key_ids("sealing")) - 1


def destroy() -> int:
    """
    Forget the keys put to sleep for good; return how many. Backups sealed with them are lost.

    :raises RotationRunning: another one runs
    :raises KeysStillInUse: something is still sealed under them
    """
    path = keyset_path()
    with _alone():
        ring = ring_in_use()
        _refuse_stale(ring)
        _put(path, ring.destroyed())
    return len(ring.key_ids("sealing", status="DISABLED"))


def awaken() -> None:
    """Use the keys put to sleep again: what was just restored may be sealed under them."""
    replaced = ring_in_use().awakened()
    _put(keyset_path(), replaced)


def spread(ring: KeyRing) -> list[Spread]:
    """Return, for each column, how many values each key seals."""
    return [_spread_of(column, ring) for column in _renewable()]


def _refuse_stale(ring: KeyRing) -> None:
    count = sum(found.stale for found in spread(ring))
    if count:
        raise KeysStillInUse(count=count)


def _put(path: Path, ring: KeyRing) -> None:
    replace_keyset_file(path, ring)
    forget_keys()


@contextmanager
def _alone() -> Iterator[None]:
    with connections[ALIAS].cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            raise RotationRunning
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def _is_unfinished(ring: KeyRing) -> bool:
    """Tell whether former keys still seal something, and mark those columns as to be walked."""
    if len(ring.key_ids("sealing")) + len(ring.key_ids("sealing", status="DISABLED")) == 1:
        return False
    left = [found.column for found in spread(ring) if found.stale]
    for column in left:
        # What a slow writer sealed with a former key came after the walk: walk again.
        KeyRotation.objects.using(ALIAS).filter(
            table_name=column.table,
            column_name=column.name,
            key_id=ring.current("sealing"),
            finished_at__isnull=False,
        ).update(finished_at=None, last_key="")
    return bool(left)


def _renewable() -> list[Column]:
    return [column for column in declarations().values() if column.sealing or column.index]


def _renew_column(column: Column, ring: KeyRing, on_batch: OnBatch) -> int:
    progress, _created = KeyRotation.objects.using(ALIAS).get_or_create(
        table_name=column.table,
        column_name=column.name,
        key_id=ring.current("sealing"),
        defaults={"created_at": timezone.now()},
    )
    if progress.finished_at is not None:
        return 0
    before, deadline = progress.renewed, time.monotonic() + _PATIENCE_SECONDS
    work = _Work(column, ring)
    while True:
        while _renew_batch(work, progress):
            on_batch(column, progress.renewed)
        # Rows that somebody else held were passed over: look again from the first one.
        left = work.stale()
        if not left:
            break
        if time.monotonic() > deadline:
            raise RotationHeldBack(count=left)
        progress.last_key = ""
        time.sleep(0.1)
    progress.finished_at = timezone.now()
    progress.save(using=ALIAS, update_fields=["finished_at"])
    return progress.renewed - before


def _renew_batch(work: "_Work", progress: KeyRotation) -> bool:
    """Seal one batch again and note how far it went, in one commit; tell whether there was one."""
    with transaction.atomic(using=ALIAS):
        rows = work.next_rows(progress.last_key)
        if not rows:
            return False
        progress.renewed += work.renew(rows)
        progress.last_key = str(rows[-1][0])
        progress.save(using=ALIAS, update_fields=["renewed", "last_key"])
    return True


def _spread_of(column: Column, ring: KeyRing) -> Spread:
    work = _Work(column, ring)
    by_key = work.counts()
    current = ring.current("sealing")
    stale = work.stale() if column.index else sum(n for key, n in by_key.items() if key != current)
    return Spread(column, by_key, stale)


class _Work:
    """The SQL of one column: rows to renew, renewed rows, counts."""

    def __init__(self, column: Column, ring: KeyRing) -> None:
        self.column = column
        self.sealing = column.sealing or _sealing_behind(column)
        self.current = prefix_of(ring.current("sealing"))
        every = [*ring.key_ids("sealing"), *ring.key_ids("sealing", status="DISABLED")]
        self.known = {prefix_of(key_id): key_id for key_id in every}
        self.shape = _shape(column.table, self.sealing.key, column.name)

    def next_rows(self, last_key: str) -> list[tuple[Any, ...]]:
        where, values = self._outdated()
        if last_key:
            where += f' AND "{self.sealing.key}" > %s::{self.shape.key}'
            values = [*values, last_key]
        return self._rows(
            f'{where} ORDER BY "{self.sealing.key}" LIMIT {BATCH} FOR UPDATE SKIP LOCKED', values
        )

    def renew(self, rows: Sequence[tuple[Any, ...]]) -> int:
        fresh = [(row[0], self._renewed(row)) for row in rows]
        changed = [(key, value) for key, value in fresh if value is not None]
        with connections[ALIAS].cursor() as cursor:
            cursor.execute(
                f'UPDATE "{self.column.table}" AS stored SET "{self.column.name}" = fresh.value '  # noqa: S608  declared names
                f"FROM unnest(%s::{self.shape.key}[], %s::{self.shape.value}[]) "
                f'AS fresh(key, value) WHERE stored."{self.sealing.key}" = fresh.key',
                [[key for key, _ in changed], [value for _, value in changed]],
            )
        return len(changed)

    def counts(self) -> dict[int, int]:
        """Return how many ciphertexts each key sealed; none for an index, which bears no number."""
        if self.column.index is not None:
            return {}
        counts: dict[int, int] = {}
        for prefix, count in self._prefixes():
            key_id = int.from_bytes(prefix[1:], "big")
            counts[key_id] = counts.get(key_id, 0) + count
        return counts

    def stale(self) -> int:
        """Return how many values are still of a former key."""
        if self.column.index is not None:
            return sum(self._renewed(row) is not None for row in self._rows(*self._outdated()))
        return sum(count for prefix, count in self._prefixes() if prefix != self.current)

    def _prefixes(self) -> Iterator[tuple[bytes, int]]:
        expression = self.sealing.envelope.prefix_sql
        if expression is None:
            for row in self._rows(*self._outdated()):
                for prefix in self.sealing.envelope.prefixes(row[2]):
                    if prefix in self.known:
                        yield prefix, 1
            return
        prefix_sql = expression(f'"{self.column.name}"')
        with connections[ALIAS].cursor() as cursor:
            cursor.execute(
                f'SELECT {prefix_sql}, count(*) FROM "{self.column.table}" '  # noqa: S608  as above
                f'WHERE "{self.column.name}" IS NOT NULL GROUP BY 1'
            )
            for prefix, count in cursor.fetchall():
                yield bytes(prefix), count

    def _outdated(self) -> tuple[str, list[Any]]:
        name, expression = f'"{self.column.name}"', self.sealing.envelope.prefix_sql
        if expression is None or self.column.index is not None:
            return f"WHERE {name} IS NOT NULL", []
        return f"WHERE {name} IS NOT NULL AND {expression(name)} <> %s", [self.current]

    def _rows(self, where: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        organization = "organization_id" if self.sealing.has_organization else "NULL::uuid"
        needed = [*self.sealing.needs, *([self.column.index.of] if self.column.index else [])]
        names = "".join(f', "{name}"' for name in needed)
        with connections[ALIAS].cursor() as cursor:
            cursor.execute(
                f'SELECT "{self.sealing.key}", {organization}, "{self.column.name}"{names} '  # noqa: S608  as above
                f'FROM "{self.column.table}" {where}',
                values,
            )
            return list(cursor.fetchall())

    def _renewed(self, found: tuple[Any, ...]) -> Any:
        """Return the value as it must be, or None where it already is."""
        row = Row(found[0], found[1], dict(zip(self.sealing.needs, found[3:], strict=False)))
        again = partial(_sealed_again, self.sealing.associated_data(row))
        if self.column.index is not None:
            return _indexed_again(self.column.index, found, self.sealing.associated_data(row))
        if set(self.sealing.envelope.prefixes(found[2])) & self.known.keys() <= {self.current}:
            return None
        return self.sealing.envelope.replaced(found[2], again, self.known.keys())


def _sealed_again(associated_data: bytes, sealed: bytes) -> bytes:
    return renew(sealed, associated_data)


def _indexed_again(index: Index, found: tuple[Any, ...], associated_data: bytes) -> bytes | None:
    fresh = index.make(unseal_raw(bytes(found[-1]), associated_data).decode())
    return None if fresh == bytes(found[2]) else fresh


def _sealing_behind(column: Column) -> Sealing:
    """Return how the text behind an index is sealed."""
    index = column.index
    behind = declarations()[column.table, index.of].sealing if index else None
    if behind is None:
        raise ValueError(f"{column.table}.{column.name} stands for no sealed column.")
    return behind


def _shape(table: str, key: str, column: str) -> _Shape:
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(
            "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute "
            "WHERE attrelid = %s::regclass AND attname = ANY (%s)",
            [table, [key, column]],
        )
        types = dict(cursor.fetchall())
    return _Shape(types[key], types[column])
