"""What a board is made of: figures in groups, charts with their tables."""

from collections.abc import Mapping
from dataclasses import dataclass

from encaisse.web.charts import Drawing


@dataclass(frozen=True, slots=True)
class Fig:
    """One number, what it counts more finely, and what it was before."""

    label: str
    value: str
    note: str = ""
    before: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    figures: tuple[Fig, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table under a chart."""

    name: str
    cells: tuple[str, ...]
    cure: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """One idea: a title, the sentence that says what to see, drawings, and the same as a table."""

    id: str
    title: str
    sentence: str
    drawings: Mapping[str, Drawing]
    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One block of the page: a group of figures, or a chart; `is_half` beside another one."""

    group: Group | None = None
    chart: Chart | None = None
    is_half: bool = False
