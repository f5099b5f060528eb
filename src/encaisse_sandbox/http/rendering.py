"""Templates: autoescaped, in French, with the amounts and dates of the simulated world."""

from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from encaisse_sandbox.amounts import in_euros
from encaisse_sandbox.clock import PARIS, parse
from encaisse_sandbox.http import security

PACKAGE = Path(__file__).parent.parent
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)


def in_words(moment: datetime | str) -> str:
    """Return a moment as a French reader says it: lundi 23 novembre 2026, 14 h 05."""
    instant = parse(moment) if isinstance(moment, str) else moment
    local = instant.astimezone(PARIS)
    day = "1er" if local.day == 1 else str(local.day)
    date = f"{DAYS[local.weekday()]} {day} {MONTHS[local.month - 1]} {local.year}"
    return f"{date}, {local.hour} h {local.minute:02d}"


def spaced_iban(iban: str) -> str:
    """Return an IBAN in groups of four."""
    return "\N{NO-BREAK SPACE}".join(iban[index : index + 4] for index in range(0, len(iban), 4))


def masked_iban(iban: str) -> str:
    """Return an IBAN with only its ends readable."""
    return spaced_iban(iban[:4] + "•" * (len(iban) - 8) + iban[-4:])


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
    "spaced_iban": spaced_iban,
    "masked_iban": masked_iban,
}


def page(
    template: str,
    *form_targets: str,
    status: int = 200,
    inline_styles: bool = False,
    **values: Any,
) -> HTMLResponse:
    """Render a page with its security headers."""
    content = _environment.get_template(template).render(**values)
    headers = security.headers(*form_targets, inline_styles=inline_styles)
    return HTMLResponse(content, status, headers=headers)
