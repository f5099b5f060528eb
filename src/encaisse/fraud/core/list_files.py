"""Lists as files: the table that was exported from here, or a netset, one network a line."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from encaisse.fraud.core.lists import ListedKind, ListKind, normal_value
from encaisse.kernel.errors import DomainError

MOST_LINES = 5_000
LARGEST_BYTES = 512 * 1024
_HEADING = "genre"
_BY_FILE = "Importé d’un fichier."


class ListFileUnreadable(DomainError):
    """Line {line} of the file cannot be read: {reason}."""

    code = "list_file_unreadable"
    status = 422
    french = "La ligne {line} du fichier ne se lit pas : {reason}. Rien n’a été inscrit."


@dataclass(frozen=True, slots=True)
class FileEntry:
    """
    One value of a file, as it is kept; `reason` says why it is listed.

    A table may say which list each line is of, and its last day; what it does not say is None.
    """

    subject: ListedKind
    value: str
    reason: str
    kind: ListKind | None = None
    until: date | None = None


def read_list(content: bytes) -> list[FileEntry]:
    """
    Read a file whole, each value once.

    :raises ListFileUnreadable: too large, not text, empty, or a line that is no entry
    :raises ListedValueInvalid: a value that cannot be what its line says
    """
    if len(content) > LARGEST_BYTES:
        raise ListFileUnreadable(line=1, reason="le fichier est trop gros")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ListFileUnreadable(line=1, reason="ce n’est pas un fichier de texte") from error
    first = text.partition("\n")[0].lower()
    try:
        entries = list(_of_table(text) if _HEADING in first.split(";") else _of_netset(text))
    except csv.Error as error:
        raise ListFileUnreadable(line=1, reason="ce n’est pas une table") from error
    if not entries:
        raise ListFileUnreadable(line=1, reason="le fichier est vide")
    if len(entries) > MOST_LINES:
        raise ListFileUnreadable(line=MOST_LINES + 1, reason="le fichier est trop long")
    return list({(one.kind, one.subject, one.value): one for one in entries}.values())


def _of_table(text: str) -> Iterator[FileEntry]:
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=";")
    headings = [cell.strip().lower() for cell in next(rows)]
    for number, row in enumerate(rows, start=2):
        if any(cell.strip() for cell in row):
            yield _of_row(headings, row, number)


def _of_row(headings: Sequence[str], row: Sequence[str], number: int) -> FileEntry:
    cells = dict(zip(headings, row, strict=False))
    kind, until = cells.get("liste", "").strip(), cells.get("jusqu’au", "").strip()
    try:
        subject = ListedKind(cells[_HEADING].strip())
        value = cells["valeur"].strip().removeprefix("'")
        listed = ListKind(kind) if kind else None
        last = date.fromisoformat(until) if until else None
    except (KeyError, ValueError) as error:
        reason = "liste, genre, valeur ou date inconnus"
        raise ListFileUnreadable(line=number, reason=reason) from error
    reason = cells.get("raison", "").strip().removeprefix("'")[:140] or _BY_FILE
    return FileEntry(subject, normal_value(subject, value), reason, listed, last)


def _of_netset(text: str) -> Iterator[FileEntry]:
    for line in text.splitlines():
        written = line.partition("#")[0].strip()
        if written:
            subject = ListedKind.NETWORK if "/" in written else ListedKind.ADDRESS
            yield FileEntry(subject, normal_value(subject, written), _BY_FILE)
