"""How pages write amounts, days, states and fields."""

import json
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from encaisse.kernel.money import NO_BREAK_SPACE, Currency, Money
from encaisse.kit.clock import paris_date
from encaisse.web import french
from encaisse.web.help.entries import slug
from encaisse.web.help.words.cures import CURES
from encaisse.web.help.words.terms import TERMS
from encaisse.web.icons import ICONS
from encaisse.web.live import SEEN, UNATTENDED, shown_for
from encaisse.web.states import EVENTS, OUTCOMES, REFUSALS, STATES, State

register = template.Library()


@register.filter
def count(number: int, word: str) -> str:
    """Write « 0 facture », « 2 factures »: in French nothing is singular."""
    return french.plural(number, word, f"{word}s")


@register.filter
def money(amount: Money | int | None) -> SafeString:
    """Write an amount with its cents smaller; an integer is minor units of euros."""
    if amount is None:
        return SafeString("—")
    value = Money(amount, Currency.EUR) if isinstance(amount, int) else amount
    text = french.amount(value).replace("-", "−")
    units, comma, rest = text.partition(",")
    if not comma:
        return format_html('<span class="money">{}</span>', text)
    cents, _, symbol = rest.partition(NO_BREAK_SPACE)
    return format_html(
        '<span class="money">{}<span class="cents">,{}</span>{}{}</span>',
        units, cents, NO_BREAK_SPACE, symbol,
    )  # fmt: skip


@register.filter
def plain_money(amount: Money | int) -> str:
    """Write an amount where no tag may stand: a title, an attribute, a button."""
    value = Money(amount, Currency.EUR) if isinstance(amount, int) else amount
    return french.amount(value)


@register.filter
def long_day(day: date | datetime) -> str:
    """Write « lundi 23 novembre »."""
    return french.long_day(_as_date(day))


@register.filter
def short_day(day: date | datetime | None) -> str:
    """Write 23/11/2026."""
    return french.day_in_figures(_as_date(day)) if day else "—"


@register.filter
def moment(at: datetime | None) -> str:
    """Write 23/11/2026 à 14 h 05, in Paris."""
    return french.moment(at) if at else "—"


@register.filter
def quantity(thousandths: int) -> str:
    """Write a quantity without useless decimals: 1, 6,5, 0,125."""
    return french.quantity(thousandths)


@register.filter
def percent(basis_points: int) -> str:
    return french.vat_rate(basis_points)


@register.filter
def refusal_words(reason: str) -> str:
    return REFUSALS.get(reason, REFUSALS["other"])


@register.filter
def event_words(kind: str) -> str:
    return EVENTS.get(kind, kind)


@register.filter
def outcome_words(outcome: str) -> str:
    """Say why a message did not arrive; a number is the status of the answer."""
    return OUTCOMES.get(outcome, f"réponse {outcome}")


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw one of our icons, for the eye only: a word always stands beside it."""
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{}</svg>',
        mark_safe(ICONS[name]),  # noqa: S308  our own constant drawing
    )


@register.simple_tag
def badge(kind: str, state: str) -> SafeString:
    """Say a state with a word, an icon and a tone; never with a colour alone."""
    found = STATES[kind].get(str(state), State(str(state), "wait", "dot"))
    return format_html(
        '<span class="badge badge-{}">{}{}</span>', found.tone, icon(found.icon), found.word
    )


@register.inclusion_tag("web/_empty.html")
def empty(title: str, text: str, url: str = "", action: str = "") -> dict[str, Any]:
    """Teach the first step, with one button."""
    return {"title": title, "text": text, "url": url, "action": action}


@register.inclusion_tag("web/_code.html")
def error_code(code: str | None, *, is_beside_form: bool = False) -> dict[str, Any]:
    """Say an error's code, with the way to what can be done about it where help says it."""
    told = code or "invalid"
    return {"code": told, "has_cure": told in CURES, "is_beside_form": is_beside_form}


@register.simple_tag(takes_context=True)
def term(context: template.Context, word: str, shown: str = "") -> SafeString:
    """Write a word with its meaning behind it; a page may write it several times."""
    request = context["request"]
    request.terms_written = getattr(request, "terms_written", 0) + 1
    anchor = f"mot-{slug(word)}"
    told = {
        "id": f"{anchor}-{request.terms_written}",
        "anchor": anchor,
        "term": TERMS[word],
        "shown": shown or word,
    }
    # The line that ends the file would be a space before a comma.
    return mark_safe(render_to_string("web/_term.html", told).strip())  # noqa: S308  escaped there


@register.simple_tag(takes_context=True)
def once(context: template.Context) -> SafeString:
    """Mark a form, so that sent twice it asks once; shown again with its errors, it keeps it."""
    kept = context["request"].POST.get("once")
    return format_html('<input type="hidden" name="once" value="{}">', kept or uuid4())


@register.simple_tag(takes_context=True)
def with_query(context: template.Context, **values: object) -> str:
    """Return the page's query with some values replaced, so that filters survive paging."""
    query = context["request"].GET.copy()
    query.pop(SEEN, None)  # what a page already showed is no filter
    for name, value in values.items():
        query[name] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def every(context: template.Context, seconds: int) -> SafeString:
    """Have a page ask again by itself, and say that no person does."""
    headers = json.dumps({UNATTENDED: shown_for(context["request"])})
    return format_html('hx-trigger="every {}s" hx-headers="{}"', seconds, headers)


def _as_date(day: date | datetime) -> date:
    return paris_date(day) if isinstance(day, datetime) else day
