"""Templates: autoescaped, in French, with the amounts and dates of the simulated world."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from encaisse_sandbox.amounts import SPACE, in_euros
from encaisse_sandbox.clock import PARIS, parse
from encaisse_sandbox.http import security

PACKAGE = Path(__file__).parent.parent
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)


def day_in_words(day: date) -> str:
    """Return a day as a French reader says it: 23 novembre 2026."""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number} {MONTHS[day.month - 1]} {day.year}"


def in_words(moment: datetime | str) -> str:
    """Return a moment as a French reader says it: lundi 23 novembre 2026, 14 h 05."""
    instant = parse(moment) if isinstance(moment, str) else moment
    local = instant.astimezone(PARIS)
    day = f"{DAYS[local.weekday()]} {day_in_words(local.date())}"
    return f"{day}, {local.hour}{SPACE}h{SPACE}{local.minute:02d}"


def grouped(text: str) -> str:
    """Return an IBAN or a card number in groups of four."""
    return SPACE.join(text[index : index + 4] for index in range(0, len(text), 4))


def masked_iban(iban: str) -> str:
    """Return an IBAN with only its ends readable."""
    return SPACE.join((iban[:4], "••••", iban[-4:]))


_environment = Environment(
    loader=FileSystemLoader(PACKAGE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters |= {
    "euros": in_euros,
    "in_words": in_words,
    "grouped": grouped,
    "day": lambda text: day_in_words(date.fromisoformat(text)),
    "masked_iban": masked_iban,
}


def page(
    template: str,
    *form_targets: str,
    status: int = 200,
    inline_styles: bool = False,
    asks_again: bool = False,
    **values: Any,
) -> HTMLResponse:
    """Render a page with its security headers."""
    content = _environment.get_template(template).render(**values)
    headers = security.headers(*form_targets, inline_styles=inline_styles, asks_again=asks_again)
    return HTMLResponse(content, status, headers=headers)
