"""What payers will see, while the firm is being described."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from encaisse.invoicing.core.starts import start_of
from encaisse.kernel.errors import DomainError, Invalid
from encaisse.kernel.identifiers import Siren
from encaisse.kernel.language import Language
from encaisse.kernel.money import Money
from encaisse.kernel.trades import Trade
from encaisse.organizations.core import READABLE, contrast, ink_on, parse_colour, readable_on
from encaisse.organizations.models import Profile
from encaisse.web import french
from encaisse.web.access import SignedInRequest, signed_in_page
from encaisse.web.firm.forms import FirmForm
from encaisse.web.payer.page import PAPER, initials_of
from encaisse.web.payer.words import Words, words_for

_DEFAULT = "#0b6e4f"
_EXAMPLE = Money(45_000)


@dataclass(frozen=True, slots=True)
class Preview:
    """
    A payer's page in a telephone's frame.

    `colour` has no "#": it goes into an address; `siren` is empty until it passes its check.
    """

    name: str
    initials: str
    city: str
    siren: str
    subject: str
    amount: Money
    colour: str
    verdict: str
    is_corrected: bool
    has_logo: bool
    words: Words


def preview_of(form: FirmForm, profile: Profile | None = None) -> Preview:
    """Draw what is typed so far, however unfinished."""
    typed = {name: str(form[name].value() or "") for name in ("name", "city", "siren", "trade")}
    name = typed["name"].strip() or "Votre entreprise"
    colour = _colour(str(form["colour"].value() or ""))
    shown = readable_on(colour, PAPER)
    return Preview(
        name=name,
        initials=initials_of(name),
        city=typed["city"].strip() or "Votre ville",
        siren=_siren(typed["siren"]),
        subject=start_of(_trade(typed["trade"])).subject,
        amount=_EXAMPLE,
        colour=shown.removeprefix("#"),
        verdict=_verdict(colour, shown),
        is_corrected=shown != colour,
        has_logo=profile is not None and profile.logo_file_id is not None,
        words=words_for(Language.FRENCH),
    )


@require_POST
@signed_in_page("a person without a firm describes one")
def show(request: SignedInRequest) -> HttpResponse:
    return render(request, "firm/_preview.html", {"preview": preview_of(FirmForm(request.POST))})


@require_GET
@signed_in_page("a person without a firm describes one")
def colours(request: SignedInRequest) -> HttpResponse:
    """Return a colour as a stylesheet: pages carry no style of their own."""
    colour = _colour(f"#{request.GET.get('couleur', '')}")
    css = f".phone{{--payer:{colour};--payer-ink:{ink_on(colour)}}}"
    return HttpResponse(css, content_type="text/css")


def _colour(text: str) -> str:
    try:
        return parse_colour(text)
    except Invalid:
        return _DEFAULT


def _siren(text: str) -> str:
    try:
        return str(Siren.parse(text))
    except DomainError:
        return ""


def _trade(text: str) -> Trade:
    return Trade(text) if text in set(Trade) else Trade.UNSAID


def _verdict(chosen: str, shown: str) -> str:
    """Say how well the colour reads on the page, and what is done about it (WCAG 2.2, 1.4.3)."""
    ratio = french.decimal(contrast(chosen, PAPER))
    if chosen == shown:
        return f"Votre couleur se lit bien : contraste de {ratio} pour 1."
    least = french.decimal(READABLE)
    return (
        f"Trop claire pour être lue (contraste de {ratio} pour 1, il faut {least}) : nous "
        f"l’assombrissons en {shown}."
    )
