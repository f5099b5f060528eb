"""Quotes: drafted, changed, sent, followed."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from encaisse.invoicing.core.amounts import Totals, totals_of
from encaisse.invoicing.core.states import AgreementPlace, QuoteState
from encaisse.invoicing.models import Quote
from encaisse.invoicing.queries import invoices
from encaisse.invoicing.queries import quote as quote_by_id
from encaisse.invoicing.queries import quotes as all_quotes
from encaisse.invoicing.services.documents import read_lines
from encaisse.invoicing.services.quotes import (
    QuoteDraft,
    draft_quote,
    quote_token,
    send_quote,
    update_quote,
)
from encaisse.kernel.language import Language
from encaisse.kernel.money import Money
from encaisse.kit.clock import business_now, paris_date
from encaisse.notifications.documents import quote_pdf
from encaisse.organizations.core import Permission, allows
from encaisse.payments.queries import requests_about
from encaisse.web.access import MemberRequest, member_page
from encaisse.web.documents.forms import (
    Lines,
    Offer,
    QuoteForm,
    blank_lines,
    lines_of,
    offer_in,
    offer_of,
    posted_lines,
    typed_lines,
    with_one_more,
)
from encaisse.web.documents.totals import totals_or_none
from encaisse.web.files import file_answer
from encaisse.web.paging import slice_of

_VALIDITY = timedelta(days=30)
_FILTERS = ("draft", "sent", "accepted", "invoiced")


@require_GET
@member_page(Permission.QUOTES_READ)
def index(request: MemberRequest) -> HttpResponse:
    rows = all_quotes(organization_id=request.organization_id)
    state = request.GET.get("etat", "")
    if state in _FILTERS:
        rows = rows.filter(state=state)
    context = {
        "slice": slice_of(request, rows),
        "state": state,
        "filters": _FILTERS,
        "can_write": allows(request.role, Permission.QUOTES_WRITE),
    }
    return render(request, "quotes/index.html", context)


@require_GET
@member_page(Permission.QUOTES_READ)
def show(request: MemberRequest, quote_id: UUID) -> HttpResponse:
    organization_id = request.organization_id
    quote = quote_by_id(organization_id=organization_id, quote_id=quote_id)
    totals = totals_of(read_lines(quote.lines))
    is_open = quote.state == QuoteState.SENT
    context = {
        "quote": quote,
        "lines": read_lines(quote.lines),
        "totals": totals,
        "deposit": _deposit(quote, totals),
        "link": f"{settings.PUBLIC_URL}/q/{quote_token(quote)}" if is_open else "",
        "invoices": invoices(organization_id=organization_id).filter(quote=quote),
        "requests": requests_about(
            organization_id=organization_id, reference_kind="quote", reference_id=quote.id
        ),
        "can_write": allows(request.role, Permission.QUOTES_WRITE),
        "can_issue": allows(request.role, Permission.INVOICES_ISSUE)
        and quote.state == QuoteState.ACCEPTED,
    }
    return render(request, "quotes/show.html", context)


@require_GET
@member_page(Permission.QUOTES_READ)
def pdf(request: MemberRequest, quote_id: UUID) -> HttpResponse:
    organization_id = request.organization_id
    quote = quote_by_id(organization_id=organization_id, quote_id=quote_id)
    file_id = quote_pdf(
        organization_id=organization_id,
        quote=quote,
        now=business_now(),
        language=Language.of(request.GET.get("langue", "")),
    )
    return file_answer(organization_id=organization_id, file_id=file_id, is_kept=True)


@require_http_methods(["GET", "HEAD", "POST"])
@member_page(Permission.QUOTES_WRITE)
def create(request: MemberRequest) -> HttpResponse:
    if request.method != "POST":
        today, offer = paris_date(business_now()), _offer(request)
        initial = {
            "valid_until": today + _VALIDITY,
            "customer": request.GET.get("client", ""),
            "deposit": offer.start.deposit,
        }
        form = QuoteForm(initial=initial)
        return _form_page(request, form, blank_lines(offer))
    return _posted(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@member_page(Permission.QUOTES_WRITE)
def edit(request: MemberRequest, quote_id: UUID) -> HttpResponse:
    quote = quote_by_id(organization_id=request.organization_id, quote_id=quote_id)
    if quote.state != QuoteState.DRAFT:
        messages.error(request, "Ce devis est déjà envoyé : il ne change plus.")
        return redirect("quote", quote_id=quote_id)
    if request.method == "POST":
        return _posted(request, quote)
    form = QuoteForm(
        initial={
            "customer": quote.customer_id,
            "subject": quote.subject,
            "valid_until": quote.valid_until,
            "deposit": quote.deposit_basis_points // 100,
            "agreement_place": quote.agreement_place,
        }
    )
    return _form_page(request, form, blank_lines(_offer(request), 1, typed_lines(quote)), quote)


@require_POST
@member_page(Permission.QUOTES_WRITE)
def send(request: MemberRequest, quote_id: UUID) -> HttpResponse:
    quote = send_quote(
        organization_id=request.organization_id,
        actor=request.actor,
        quote_id=quote_id,
        now=business_now(),
    )
    messages.success(request, _sent_message(quote))
    return redirect("quote", quote_id=quote_id)


def _posted(request: MemberRequest, quote: Quote | None) -> HttpResponse:
    if "add" in request.POST or "find" in request.POST:
        form = QuoteForm(initial=request.POST.dict())
        return _form_page(request, form, with_one_more(request.POST, _offer(request)), quote)
    form, lines = QuoteForm(request.POST), posted_lines(request.POST, _offer(request))
    if not lines.is_valid():
        form.is_valid()
        return _form_page(request, form, lines, quote)
    saved = form.submit(lambda values: _save(request, quote, values, lines))
    if saved is None:
        return _form_page(request, form, lines, quote)
    return redirect("quote", quote_id=saved.id)


def _offer(request: MemberRequest) -> Offer:
    return offer_of(request.organization_id)


def _save(
    request: MemberRequest, quote: Quote | None, values: dict[str, Any], lines: Lines
) -> Quote:
    draft = QuoteDraft(
        customer_id=values["customer"],
        subject=values["subject"],
        lines=lines_of(lines),
        valid_until=values["valid_until"],
        deposit_basis_points=values["deposit"] * 100,
        agreement_place=AgreementPlace(values["agreement_place"]),
    )
    organization_id, actor, now = request.organization_id, request.actor, business_now()
    if quote is None:
        return draft_quote(organization_id=organization_id, actor=actor, draft=draft, now=now)
    return update_quote(
        organization_id=organization_id, actor=actor, quote_id=quote.id, draft=draft, now=now
    )


def _form_page(
    request: MemberRequest, form: QuoteForm, lines: Lines, quote: Quote | None = None
) -> HttpResponse:
    offer = offer_in(lines)
    form.offer_customers(request.organization_id)
    form.follow(offer.start)
    is_refused = lines.is_bound and (bool(form.errors) or not lines.is_valid())
    context = {
        "form": form,
        "lines": lines,
        "offer": offer,
        "quote": quote,
        "totals": totals_or_none(read_lines(quote.lines)) if quote else None,
    }
    return render(request, "quotes/form.html", context, status=422 if is_refused else 200)


def _deposit(quote: Quote, totals: Totals) -> Money:
    return totals.gross.share(quote.deposit_basis_points)


def _sent_message(quote: Quote) -> str:
    number = quote.document.number if quote.document else ""
    if quote.customer.email:
        return f"Le devis {number} part à {quote.customer.email}. Voici aussi son lien."
    return f"Le devis {number} est prêt. Ce client n’a pas d’adresse : donnez-lui ce lien."
