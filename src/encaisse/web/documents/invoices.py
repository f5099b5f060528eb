"""Invoices: issued from a quote or directly after a last look, read, cancelled by a credit note."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from encaisse.counterparties.queries import customer as customer_by_id
from encaisse.invoicing.core.amounts import totals_of
from encaisse.invoicing.core.states import DocumentKind, InvoiceState, QuoteState
from encaisse.invoicing.models import Invoice
from encaisse.invoicing.queries import invoice as invoice_by_id
from encaisse.invoicing.queries import invoices as all_invoices
from encaisse.invoicing.queries import open_invoices
from encaisse.invoicing.queries import quote as quote_by_id
from encaisse.invoicing.services.invoices import (
    InvoiceDraft,
    credit_invoice,
    invoice_quote,
    issue_invoice,
)
from encaisse.kernel.errors import DomainError
from encaisse.kernel.language import Language
from encaisse.kit.clock import business_now, paris_date
from encaisse.notifications.documents import invoice_pdf
from encaisse.organizations.core import Permission, allows
from encaisse.payments.core import IntentState, RequestState
from encaisse.payments.models import PaymentIntent, PaymentRequest
from encaisse.payments.queries import advances, payments, requests_about
from encaisse.payments.services.requests import link_token
from encaisse.web.access import MemberRequest, member_page
from encaisse.web.documents.forms import (
    FromQuoteForm,
    InvoiceForm,
    Lines,
    blank_lines,
    lines_of,
    offer_in,
    offer_of,
    posted_lines,
    with_one_more,
)
from encaisse.web.files import file_answer
from encaisse.web.forms import show_form
from encaisse.web.paging import slice_of

_TERM = timedelta(days=30)
_MOST_ADVANCES = 5


@require_GET
@member_page(Permission.INVOICES_READ)
def index(request: MemberRequest) -> HttpResponse:
    today = paris_date(business_now())
    state = request.GET.get("etat", "")
    rows = all_invoices(organization_id=request.organization_id)
    if state == "en-retard":
        rows = open_invoices(organization_id=request.organization_id, due_before=today)
    elif state in {InvoiceState.ISSUED, InvoiceState.PAID}:
        rows = rows.filter(state=state).exclude(kind=DocumentKind.CREDIT_NOTE)
    context = {
        "slice": slice_of(request, rows),
        "state": state,
        "today": today,
        "can_issue": allows(request.role, Permission.INVOICES_ISSUE),
    }
    return render(request, "invoices/index.html", context)


@require_GET
@member_page(Permission.INVOICES_READ)
def show(request: MemberRequest, invoice_id: UUID) -> HttpResponse:
    organization_id = request.organization_id
    invoice = invoice_by_id(organization_id=organization_id, invoice_id=invoice_id)
    all_asked = requests_about(
        organization_id=organization_id, reference_kind="invoice", reference_id=invoice.id
    )
    # A deposit that went back is asked again behind a second link: the open one is shown.
    asked = all_asked.filter(state=RequestState.OPEN).first() or all_asked.first()
    is_open = asked is not None and asked.state == RequestState.OPEN
    context = {
        "invoice": invoice,
        "document": invoice.document.read(),
        "asked": asked,
        "link": f"{settings.PUBLIC_URL}/p/{link_token(asked)}" if asked and is_open else "",
        "payments": _received(invoice),
        "advances": _advances(request, asked) if asked and is_open else (),
        "credit_note": all_invoices(organization_id=organization_id)
        .filter(cancels=invoice)
        .first(),
        "today": paris_date(business_now()),
        "can_credit": allows(request.role, Permission.INVOICES_CREDIT)
        and invoice.state != InvoiceState.CREDITED
        and invoice.kind != DocumentKind.CREDIT_NOTE,
    }
    return render(request, "invoices/show.html", context)


def _received(invoice: Invoice) -> QuerySet[PaymentIntent]:
    """Return the payments whose story belongs to an invoice; a deposit's came before it."""
    rows = payments(organization_id=invoice.organization_id).filter(state=IntentState.CAPTURED)
    if invoice.intent_id is not None:
        return rows.filter(id=invoice.intent_id)
    return rows.filter(request__reference_kind="invoice", request__reference_id=invoice.id)


def _advances(request: MemberRequest, asked: PaymentRequest) -> list[PaymentIntent]:
    """Return what the customer already paid without an invoice and this one could take."""
    if asked.counterparty_id is None or not allows(request.role, Permission.PAYMENTS_ALLOCATE):
        return []
    ahead = advances(organization_id=request.organization_id, counterparty_id=asked.counterparty_id)
    return list(ahead.filter(amount_minor__lte=asked.remaining.minor)[:_MOST_ADVANCES])


@require_GET
@member_page(Permission.INVOICES_READ)
def pdf(request: MemberRequest, invoice_id: UUID) -> HttpResponse:
    organization_id = request.organization_id
    invoice = invoice_by_id(organization_id=organization_id, invoice_id=invoice_id)
    file_id = invoice_pdf(
        organization_id=organization_id,
        invoice=invoice,
        now=business_now(),
        language=Language.of(request.GET.get("langue", "")),
    )
    return file_answer(organization_id=organization_id, file_id=file_id, is_kept=True)


@require_http_methods(["GET", "HEAD", "POST"])
@member_page(Permission.INVOICES_ISSUE)
def create(request: MemberRequest) -> HttpResponse:
    """Type an invoice, look at it a last time, issue it: once issued it never changes."""
    offer = offer_of(request.organization_id)
    if request.method != "POST":
        today = paris_date(business_now())
        client = request.GET.get("client", "")
        form = InvoiceForm(initial={"due_on": today + _TERM, "customer": client})
        return _form_page(request, form, blank_lines(offer))
    if {"add", "change", "find"} & set(request.POST):
        form = InvoiceForm(initial=request.POST.dict())
        return _form_page(request, form, with_one_more(request.POST, offer))
    form, lines = InvoiceForm(request.POST), posted_lines(request.POST, offer)
    if not lines.is_valid() or not form.is_valid():
        return _form_page(request, form, lines)
    if "issue" in request.POST:
        issued = form.submit(lambda values: _issue(request, values, lines))
        return _issued(request, issued) if issued else _form_page(request, form, lines)
    return _review_page(request, form, lines)


@require_http_methods(["GET", "HEAD", "POST"])
@member_page(Permission.INVOICES_ISSUE)
def from_quote(request: MemberRequest, quote_id: UUID) -> HttpResponse:
    quote = quote_by_id(organization_id=request.organization_id, quote_id=quote_id)
    if quote.state != QuoteState.ACCEPTED:
        messages.error(request, "Seul un devis accepté, pas encore facturé, peut être facturé.")
        return redirect("quote", quote_id=quote_id)
    today = paris_date(business_now())
    form = FromQuoteForm(
        request.POST if request.method == "POST" else None,
        initial={"due_on": today + _TERM, "supply_on": today},
    )
    if request.method == "POST":
        issued = form.submit(
            lambda values: invoice_quote(
                organization_id=request.organization_id,
                actor=request.actor,
                quote_id=quote_id,
                due_on=values["due_on"],
                supply_on=values["supply_on"],
                now=business_now(),
            )
        )
        if issued is not None:
            return _issued(request, issued)
    return show_form(request, "invoices/from_quote.html", form, quote=quote)


@require_http_methods(["GET", "HEAD", "POST"])
@member_page(Permission.INVOICES_CREDIT)
def credit(request: MemberRequest, invoice_id: UUID) -> HttpResponse:
    invoice = invoice_by_id(organization_id=request.organization_id, invoice_id=invoice_id)
    if request.method != "POST":
        return render(request, "invoices/credit.html", {"invoice": invoice})
    credit_note = credit_invoice(
        organization_id=request.organization_id,
        actor=request.actor,
        invoice_id=invoice_id,
        now=business_now(),
    )
    messages.success(request, f"L’avoir {credit_note.number} annule la facture {invoice.number}.")
    return redirect("invoice", invoice_id=credit_note.id)


def _issue(request: MemberRequest, values: dict[str, Any], lines: Lines) -> Invoice:
    draft = InvoiceDraft(
        customer_id=values["customer"],
        subject=values["subject"],
        lines=lines_of(lines),
        due_on=values["due_on"],
        supply_on=values["supply_on"],
    )
    return issue_invoice(
        organization_id=request.organization_id,
        actor=request.actor,
        draft=draft,
        now=business_now(),
    )


def _issued(request: MemberRequest, invoice: Invoice) -> HttpResponse:
    messages.success(request, f"La facture {invoice.number} est émise.")
    return redirect("invoice", invoice_id=invoice.id)


def _review_page(request: MemberRequest, form: InvoiceForm, lines: Lines) -> HttpResponse:
    try:
        context = {
            "form": form,
            "formset": lines,
            "lines": lines_of(lines),
            "totals": totals_of(lines_of(lines)),
            "customer": customer_by_id(
                organization_id=request.organization_id, customer_id=form.cleaned_data["customer"]
            ),
        }
    except DomainError as error:
        form.refuse(error)
        return _form_page(request, form, lines)
    return render(request, "invoices/review.html", context)


def _form_page(request: MemberRequest, form: InvoiceForm, lines: Lines) -> HttpResponse:
    offer = offer_in(lines)
    form.offer_customers(request.organization_id)
    form.follow(offer.start)
    is_refused = lines.is_bound and (bool(form.errors) or not lines.is_valid())
    context = {"form": form, "lines": lines, "offer": offer, "totals": None}
    return render(request, "invoices/form.html", context, status=422 if is_refused else 200)
