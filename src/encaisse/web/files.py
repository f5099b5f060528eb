"""Answering with a file: a stored one, or a table for a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.http import HttpResponse

from encaisse.kit.files import read_file

# What makes a spreadsheet compute a cell instead of showing it (OWASP, CSV injection).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def file_answer(
    *, organization_id: UUID, file_id: UUID, is_kept: bool, name: str = ""
) -> HttpResponse:
    """
    Return a stored file, to keep or to look at, under its own name unless another is given.

    :raises NotFound: no such file in this organization
    """
    stored, content = read_file(organization_id=organization_id, file_id=file_id)
    response = HttpResponse(content, content_type=stored.media_type)
    way = "attachment" if is_kept else "inline"
    response["Content-Disposition"] = f'{way}; filename="{name or stored.name}"'
    return response


def as_table(name: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> HttpResponse:
    """Return a table that French spreadsheets open as it is, and in which no cell computes."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows([inert(cell) for cell in row] for row in rows)
    # The mark by which spreadsheets know UTF-8.
    content = b"\xef\xbb\xbf" + text.getvalue().encode()
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def inert(cell: str) -> str:
    """Return a text that a spreadsheet shows and never computes."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
