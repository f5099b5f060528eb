"""
Drawings of figures: where bars and words stand. Pure; a template writes the SVG.

Axes start at zero. Words stand on the bars themselves while there is room, and never overlap;
the table under a drawing says everything again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

_LETTER = 6.6  # mean width of a 12 px letter of system typefaces, wide enough for digits
_LINE = 14
_TOP, _BOTTOM = 22, 24
_WIDEST_BAR, _GAP_SHARE = 56, 0.28
_LEAST = 2  # what is not zero is seen
_ROW, _BAR_HEIGHT = 48, 14


@dataclass(frozen=True, slots=True)
class Point:
    """A value with the words that say it; `label` stands on the axis and `name` in the table."""

    name: str
    label: str
    value: int
    text: str


@dataclass(frozen=True, slots=True)
class Word:
    """A text with its anchor: start, middle or end."""

    text: str
    x: int
    y: int
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Bar:
    x: int
    y: int
    width: int
    height: int
    is_largest: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """Bars and words on a surface; `base` is the height of zero, or of nothing for rows."""

    width: int
    height: int
    base: int
    bars: tuple[Bar, ...]
    words: tuple[Word, ...]


def columns(points: Sequence[Point], *, width: int, height: int) -> Drawing:
    """Draw one column a point, side by side on an axis that starts at zero."""
    base = height - _BOTTOM
    slot = width / max(len(points), 1)
    bar_width = max(1, min(_WIDEST_BAR, round(slot * (1 - _GAP_SHARE))))
    largest = max((point.value for point in points), default=0)
    bars: list[Bar] = []
    values: list[Word] = []
    for index, point in enumerate(points):
        middle = round(slot * (index + 0.5))
        tall = _length(point.value, largest, base - _TOP)
        if tall:
            is_largest = point.value == largest
            bars.append(Bar(middle - bar_width // 2, base - tall, bar_width, tall, is_largest))
            values.append(_kept_inside(point.text, middle, base - tall - 6, width))
    words = [*_readable(values, bars), *_axis_words(points, slot, width, height - 6)]
    return Drawing(width, height, base, tuple(bars), tuple(words))


def rows(points: Sequence[Point], *, width: int) -> Drawing:
    """Draw one row a point: its name and its value above a bar that starts at zero."""
    largest = max((point.value for point in points), default=0)
    bars: list[Bar] = []
    words: list[Word] = []
    for index, point in enumerate(points):
        top = index * _ROW
        room = width - round(len(point.text) * _LETTER) - 12
        words.append(Word(_cut(point.label, room), 0, top + 16, "start"))
        words.append(Word(point.text, width, top + 16, "end"))
        long = _length(point.value, largest, width)
        if long:
            bars.append(Bar(0, top + 24, long, _BAR_HEIGHT, 0 < point.value == largest))
    return Drawing(width, max(len(points) * _ROW, 1), 0, tuple(bars), tuple(words))


def _length(value: int, largest: int, room: int) -> int:
    return max(_LEAST, value * room // largest) if value > 0 else 0


def _axis_words(points: Sequence[Point], slot: float, width: int, y: int) -> list[Word]:
    """Name every column there is room for: all of them, or one in so many."""
    longest = max((len(point.label) for point in points), default=0) * _LETTER + 10
    step = max(1, ceil(longest / slot))
    words: list[Word] = []
    for index in range(0, len(points), step):
        word = _kept_inside(points[index].label, round(slot * (index + 0.5)), y, width)
        # The first and the last one are pushed inside, where their neighbour may stand.
        if not any(_covers(word, other) for other in words):
            words.append(word)
    return words


def _kept_inside(text: str, middle: int, y: int, width: int) -> Word:
    half = len(text) * _LETTER / 2
    if middle < half:
        return Word(text, 0, y, "start")
    if middle + half > width:
        return Word(text, width, y, "end")
    return Word(text, middle, y)


def _readable(values: Sequence[Word], bars: Sequence[Bar]) -> list[Word]:
    """Keep every value where all can be read, else the largest alone: never some at random."""
    pairs = list(zip(values, bars, strict=True))
    clashes = any(
        _covers(word, other_word) or _crosses(word, other_bar)
        for index, (word, _) in enumerate(pairs)
        for position, (other_word, other_bar) in enumerate(pairs)
        if index != position
    )
    if not clashes:
        return list(values)
    return [next(word for word, bar in pairs if bar.is_largest)]


def _covers(word: Word, other: Word) -> bool:
    (left, right), (other_left, other_right) = _span(word), _span(other)
    return abs(word.y - other.y) < _LINE and left < other_right and other_left < right


def _crosses(word: Word, bar: Bar) -> bool:
    left, right = _span(word)
    return bar.y < word.y and left < bar.x + bar.width and bar.x < right


def _span(word: Word) -> tuple[float, float]:
    long = len(word.text) * _LETTER
    left = {"start": word.x, "middle": word.x - long / 2, "end": word.x - long}[word.anchor]
    return left, left + long


def _cut(text: str, room: int) -> str:
    letters = max(4, int(room / _LETTER))
    return text if len(text) <= letters else f"{text[: letters - 1].rstrip()}…"
