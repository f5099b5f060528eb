"""Small files that appear whole or not at all, and the ends of logs."""

import csv
import fcntl
import io
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from encaisse.kit.notes import noted


def write_private(path: Path, text: str) -> None:
    """Write a file others cannot read, and let it appear under its name only once complete."""
    write_private_lines(path, [text])


def write_private_lines(path: Path, pieces: Iterable[str]) -> int:
    """Do the same piece by piece, as they come; return how many there were."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        count = _write(descriptor, pieces)
    except BaseException:
        partial.unlink()
        raise
    partial.replace(path)
    return count


def csv_lines(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Write rows as the lines of a table, one by one, however many there are."""
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")
    for row in rows:
        writer.writerow(row)
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def _write(descriptor: int, pieces: Iterable[str]) -> int:
    count = 0
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        for piece in pieces:
            file.write(piece)
            count += 1
        file.flush()
        os.fsync(file.fileno())
    return count


def last_lines(path: Path, *, since: int = 0, count: int = 15) -> str:
    """Return the end of what was written to a log after its first `since` bytes."""
    with path.open("rb") as log:
        log.seek(since)
        text = log.read().decode("utf-8", errors="replace")
    return "\n".join(text.splitlines()[-count:])


def note(folder: Path, name: str, key: str, content: Mapping[str, object]) -> None:
    """Keep when something succeeded and what it found, beside the other notes of this name."""
    told = {**content, "at": datetime.now(UTC).isoformat(timespec="seconds")}
    with _alone_in(folder):
        write_private(folder / name, json.dumps({**noted(folder, name), key: told}, indent=1))


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """
    Wait until no other command writes its notes there: each reads them before it adds its own.

    The folder itself is locked: no file stays behind, and a command that dies lets go of it.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
