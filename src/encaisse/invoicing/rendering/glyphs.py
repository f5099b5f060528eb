"""
What the shipped fonts can print.

PDF/A forbids a character without a glyph (ISO 19005-3, 6.2.11.8) and the typesetter then refuses
the whole document: a customer's emoji must not stop an invoice.
"""

import re
import struct
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

FONTS = Path(__file__).parent / "fonts"
UNPRINTABLE = "\N{WHITE SQUARE}"
# Wider than a column. Hyphens already let a line end; an e-mail address must stay copyable.
_LONG_WORD = re.compile(r"(?<![^\s-])[^\s@-]{30,}(?![^\s-])")
_PIECE = re.compile(r".{10}")
# Joiners and variation selectors only ask for another look of their neighbours; controls and
# the byte order mark are forbidden in accessible files (ISO 14289-1, 7.21.8).
_SILENT = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\U000e0000-\U000e0fff]"
)


def printable(text: str) -> str:
    """Return the text with a square for each character that no shipped font can draw."""
    normal = _SILENT.sub("", unicodedata.normalize("NFC", text))
    if not _points(normal) <= coverage()[0]:
        normal = "".join(_drawn(cluster) for cluster in _clusters(normal))
    return _LONG_WORD.sub(_with_breaks, normal)


def _with_breaks(word: re.Match[str]) -> str:
    """Let a word as long as a line be be cut rather than leave its column."""
    return _PIECE.sub("\\g<0>\N{ZERO WIDTH SPACE}", word[0])


def _clusters(text: str) -> Iterator[str]:
    """Cut before each character that does not combine with the one before."""
    start = 0
    for index in range(1, len(text)):
        if not unicodedata.combining(text[index]):
            yield text[start:index]
            start = index
    if text:
        yield text[start:]


def _drawn(cluster: str) -> str:
    # A base and its marks are drawn by one font or not at all.
    if any(_points(cluster) <= font for font in coverage()):
        return cluster
    base = cluster[0]
    return base if any(ord(base) in font for font in coverage()) else UNPRINTABLE


def _points(text: str) -> set[int]:
    return {ord(character) for character in text if character != "\n"}


@cache
def coverage() -> tuple[frozenset[int], ...]:
    """Return the code points of each shipped font, the one for French first."""
    return tuple(_code_points(path.read_bytes()) for path in sorted(FONTS.glob("*.?tf")))


def _code_points(font: bytes) -> frozenset[int]:
    """Read a font's character map (OpenType `cmap`, formats 4 and 12)."""
    start = _table(font, b"cmap")
    (count,) = struct.unpack_from(">H", font, start + 2)
    points: set[int] = set()
    for index in range(count):
        (offset,) = struct.unpack_from(">I", font, start + 4 + index * 8 + 4)
        (form,) = struct.unpack_from(">H", font, start + offset)
        if form == 12:
            points.update(_format_12(font, start + offset))
        elif form == 4:
            points.update(_format_4(font, start + offset))
    return frozenset(points)


def _table(font: bytes, tag: bytes) -> int:
    (count,) = struct.unpack_from(">H", font, 4)
    for index in range(count):
        name, _checksum, offset, _length = struct.unpack_from(">4sIII", font, 12 + index * 16)
        if name == tag:
            return int(offset)
    raise ValueError(f"This font has no {tag!r} table.")


def _format_12(font: bytes, start: int) -> Iterator[int]:
    (groups,) = struct.unpack_from(">I", font, start + 12)
    for index in range(groups):
        first, last, _glyph = struct.unpack_from(">III", font, start + 16 + index * 12)
        yield from range(first, last + 1)


def _format_4(font: bytes, start: int) -> Iterator[int]:
    (doubled,) = struct.unpack_from(">H", font, start + 6)
    for index in range(doubled // 2):
        (last,) = struct.unpack_from(">H", font, start + 14 + index * 2)
        (first,) = struct.unpack_from(">H", font, start + 16 + doubled + index * 2)
        yield from range(first, min(last, 0xFFFE) + 1)
