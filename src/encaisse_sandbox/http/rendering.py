"""Templates: autoescaped, in French, and in English where payers read: amounts, dates, words."""

import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from encaisse_sandbox.amounts import NARROW_SPACE, SPACE, in_english, in_euros
from encaisse_sandbox.clock import PARIS, parse
from encaisse_sandbox.http import security
from encaisse_sandbox.http.english import ENGLISH

_HIGH_SIGN = re.compile(r" (?=[:;!?»])|(?<=«) ")
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


def unbroken(text: str) -> str:
    """Keep a sign and its word on one line: what a terminal tells has ordinary spaces there."""
    return _HIGH_SIGN.sub(NARROW_SPACE, text)


def grouped(text: str) -> str:
    """Return an IBAN or a card number in groups of four."""
    return SPACE.join(text[index : index + 4] for index in range(0, len(text), 4))


def masked_iban(iban: str) -> str:
    """Return an IBAN with only its ends readable."""
    return SPACE.join((iban[:4], "••••", iban[-4:]))


def say(sentence: str, **values: object) -> str:
    return sentence.format_map(values)


def say_in_english(sentence: str, **values: object) -> str:
    return ENGLISH[sentence].format_map(values)


def _environment(language: str, **filters: Callable[..., str]) -> Environment:
    made = Environment(
        loader=FileSystemLoader(PACKAGE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "in_words": in_words,
        "unbroken": unbroken,
        "grouped": grouped,
        "day": lambda text: day_in_words(date.fromisoformat(text)),
        "masked_iban": masked_iban,
        **filters,
    }
    made.globals["language"] = language
    return made


_FRENCH = _environment("fr", euros=in_euros)
_FRENCH.globals["say"] = say
_ENGLISH = _environment("en", euros=in_english)
_ENGLISH.globals["say"] = say_in_english


def page(
    template: str,
    *form_targets: str,
    status: int = 200,
    inline_styles: bool = False,
    asks_again: bool = False,
    language: str = "fr",
    **values: Any,
) -> HTMLResponse:
    """Render a page with its security headers, in the language of its payer where it has one."""
    environment = _ENGLISH if language == "en" else _FRENCH
    content = environment.get_template(template).render(**values)
    headers = security.headers(*form_targets, inline_styles=inline_styles, asks_again=asks_again)
    return HTMLResponse(content, status, headers=headers)
