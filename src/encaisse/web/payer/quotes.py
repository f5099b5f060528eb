"""The quote's pages: read it, accept it, refuse it, renounce."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from encaisse.invoicing.core.notes import translation_of
from encaisse.invoicing.core.snapshot import Snapshot
from encaisse.invoicing.core.states import QuoteState
from encaisse.invoicing.models import Quote
from encaisse.invoicing.queries import quote as quote_by_id
from encaisse.invoicing.services.quotes import (
    Acceptance,
    accept_quote,
    refuse_quote,
    withdraw_from_quote,
)
from encaisse.kernel.errors import DomainError, Invalid, NotFound
from encaisse.kernel.language import Language
from encaisse.kernel.money import Money
from encaisse.kit.clock import business_now, paris_date
from encaisse.kit.proxies import client_address
from encaisse.kit.tenancy import acting_for
from encaisse.notifications.documents import quote_pdf
from encaisse.organizations.handles import HandleKind
from encaisse.organizations.queries import profile
from encaisse.payments.core import RequestState
from encaisse.payments.queries import requests_about
from encaisse.payments.services.requests import link_token
from encaisse.web.files import file_answer
from encaisse.web.payer.door import Visit, payer_page
from encaisse.web.payer.language import remember_reader
from encaisse.web.payer.page import firm_of
from encaisse.web.payer.payments import firm_logo, firm_stylesheet, printed_in
from encaisse.web.payer.words import Words

_PRINTED_HASH = 16


@require_GET
@payer_page(HandleKind.QUOTE)
def show(request: HttpRequest, visit: Visit) -> HttpResponse:
    return _page(request, visit)


@require_POST
@payer_page(HandleKind.QUOTE)
def accept(request: HttpRequest, visit: Visit) -> HttpResponse:
    remember_reader(visit)
    acceptance = Acceptance(
        name=request.POST.get("name", ""),
        ip_address=client_address(request),
        sha256=request.POST.get("sha256", ""),
    )
    try:
        accept_quote(
            organization_id=visit.organization_id,
            quote_id=visit.target_id,
            acceptance=acceptance,
            now=business_now(),
        )
    except Invalid as error:
        return _page(request, visit, error, visit.words.quote_name_refused)
    except DomainError as error:
        return _page(request, visit, error)
    return _back(visit)


@require_POST
@payer_page(HandleKind.QUOTE)
def refuse(request: HttpRequest, visit: Visit) -> HttpResponse:
    remember_reader(visit)
    try:
        refuse_quote(
            organization_id=visit.organization_id,
            quote_id=visit.target_id,
            word=request.POST.get("word", ""),
            now=business_now(),
        )
    except Invalid as error:
        return _page(request, visit, error, visit.words.quote_word_refused)
    except DomainError as error:
        return _page(request, visit, error)
    return _back(visit)


@require_http_methods(["GET", "POST"])
@payer_page(HandleKind.QUOTE)
def withdraw(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Two steps, as art. D221-5 asks: say so, then confirm."""
    if request.method == "GET":
        return render(request, "payer/withdraw.html", _context(visit))
    remember_reader(visit)
    try:
        withdraw_from_quote(
            organization_id=visit.organization_id, quote_id=visit.target_id, now=business_now()
        )
    except DomainError as error:
        return _page(request, visit, error)
    return _back(visit)


@require_GET
@payer_page(HandleKind.QUOTE)
def document(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Give the quote to keep: the document whose fingerprint is accepted."""
    with acting_for(visit.organization_id):
        quote = quote_by_id(organization_id=visit.organization_id, quote_id=visit.target_id)
        file_id = quote_pdf(
            organization_id=visit.organization_id,
            quote=quote,
            now=business_now(),
            language=printed_in(request, visit),
        )
        return file_answer(organization_id=visit.organization_id, file_id=file_id, is_kept=False)


@require_GET
@payer_page(HandleKind.QUOTE)
def stylesheet(request: HttpRequest, visit: Visit) -> HttpResponse:  # noqa: ARG001  a page's shape
    return firm_stylesheet(visit)


@require_GET
@payer_page(HandleKind.QUOTE)
def logo(request: HttpRequest, visit: Visit) -> HttpResponse:  # noqa: ARG001  a page's shape
    return firm_logo(visit)


def _back(visit: Visit) -> HttpResponse:
    response = HttpResponseRedirect(reverse("payer_quote", args=[visit.token]))
    response.status_code = 303
    return response


def _page(
    request: HttpRequest, visit: Visit, error: DomainError | None = None, refused: str = ""
) -> HttpResponse:
    """Show the quote; `refused` says which of the payer's own words was not valid."""
    context = _context(visit)
    if error is not None:
        context["error"] = error
        context["message"] = refused or visit.words.of_error(error)
        context["typed_name"] = request.POST.get("name", "")[:120]
    return render(request, "payer/quote.html", context, status=error.status if error else 200)


def _context(visit: Visit) -> dict[str, Any]:
    with acting_for(visit.organization_id):
        quote = quote_by_id(organization_id=visit.organization_id, quote_id=visit.target_id)
        if quote.document is None:
            raise NotFound
        snapshot = quote.document.read()
        today = paris_date(business_now())
        return {
            "w": visit.words,
            "visit": visit,
            "firm": firm_of(profile(organization_id=visit.organization_id)),
            "snapshot": snapshot,
            "sha256": quote.document.sha256,
            "lines": _lines(snapshot, visit.words),
            "totals": _totals(snapshot, visit.words),
            "notes": _notes(snapshot, visit.words),
            "deposit": visit.words.money(Money(snapshot.deposit_minor)),
            "has_deposit": bool(snapshot.deposit_minor),
            "valid": visit.words.quote_valid.format(day=visit.words.day(quote.valid_until)),
            "is_open": quote.state == QuoteState.SENT and today <= quote.valid_until,
            "is_over": quote.state == QuoteState.SENT and today > quote.valid_until,
            "state": quote.state,
            **_after_answer(quote, snapshot, visit),
        }


def _after_answer(quote: Quote, snapshot: Snapshot, visit: Visit) -> dict[str, Any]:
    """What an accepted quote adds: its proof, its deposit, the right to renounce."""
    if quote.answered_at is None or quote.state not in {QuoteState.ACCEPTED, QuoteState.INVOICED}:
        return {}
    words, today = visit.words, paris_date(business_now())
    request = requests_about(
        organization_id=quote.organization_id, reference_kind="quote", reference_id=quote.id
    ).first()
    opens_later = quote.payable_from is not None and today < quote.payable_from
    owes = request is not None and request.state == RequestState.OPEN
    renounceable = (
        quote.state == QuoteState.ACCEPTED
        and quote.withdrawal_until is not None
        and today <= quote.withdrawal_until
    )
    return {
        "accepted_note": words.quote_accepted_note.format(
            day=words.day(paris_date(quote.answered_at)),
            hash=quote.accepted_sha256[:_PRINTED_HASH],
        ),
        "pay_token": link_token(request) if request and owes and not opens_later else "",
        "pay_label": words.quote_pay_deposit.format(
            amount=words.money(Money(snapshot.deposit_minor))
        ),
        "pay_later": words.quote_pay_from.format(day=words.day(quote.payable_from))
        if quote.payable_from and opens_later and owes
        else "",
        "withdraw_until": words.withdraw_until.format(day=words.day(quote.withdrawal_until))
        if renounceable and quote.withdrawal_until
        else "",
    }


def _lines(snapshot: Snapshot, words: Words) -> list[dict[str, str]]:
    return [
        {
            "label": line.label,
            "quantity": words.language.quantity(line.quantity_thousandths),
            "unit": line.unit,
            "unit_price": words.money(Money(line.unit_price_minor)),
            "net": words.money(Money(line.net_minor)),
        }
        for line in snapshot.lines
    ]


def _notes(snapshot: Snapshot, words: Words) -> list[tuple[str, str]]:
    """List what the law wants said: a translation where the reader needs one, then the French."""
    is_french = words.language is Language.FRENCH
    return [("" if is_french else translation_of(note), note) for note in snapshot.notes]


def _totals(snapshot: Snapshot, words: Words) -> list[tuple[str, str]]:
    rows = [(words.quote_net, words.money(Money(snapshot.net_minor)))]
    rows += [
        (
            words.quote_vat.format(rate=words.language.rate(group.rate_basis_points)),
            words.money(Money(group.vat_minor)),
        )
        for group in snapshot.vat
    ]
    return rows
