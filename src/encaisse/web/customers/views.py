"""Customers: find, read, add, correct."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from encaisse.counterparties.queries import customer, customers, phone_of
from encaisse.counterparties.services import create_customer, update_customer
from encaisse.invoicing.queries import invoices, quotes
from encaisse.kernel.identifiers import Siren
from encaisse.kit.clock import business_now, paris_date
from encaisse.organizations.core import Permission, allows
from encaisse.web.access import MemberRequest, member_page
from encaisse.web.customers.forms import CustomerForm, draft_from, initial_of
from encaisse.web.forms import show_form
from encaisse.web.paging import slice_of

_RECENT = 20


@require_GET
@member_page(Permission.CUSTOMERS_READ)
def index(request: MemberRequest) -> HttpResponse:
    text = request.GET.get("q", "")[:80].strip()
    found = slice_of(request, customers(organization_id=request.organization_id, text=text))
    is_fragment = request.headers.get("HX-Target") == "results"
    template = "customers/_results.html" if is_fragment else "customers/index.html"
    context = {
        "slice": found,
        "text": text,
        "can_write": allows(request.role, Permission.CUSTOMERS_WRITE),
    }
    return render(request, template, context)


@require_GET
@member_page(Permission.CUSTOMERS_READ)
def show(request: MemberRequest, customer_id: UUID) -> HttpResponse:
    organization_id = request.organization_id
    row = customer(organization_id=organization_id, customer_id=customer_id)
    context = {
        "customer": row,
        "phone": phone_of(row),
        "siren": str(Siren(row.siren)) if row.siren else "",
        "quotes": quotes(organization_id=organization_id).filter(customer=row)[:_RECENT]
        if allows(request.role, Permission.QUOTES_READ)
        else [],
        "invoices": invoices(organization_id=organization_id).filter(customer=row)[:_RECENT]
        if allows(request.role, Permission.INVOICES_READ)
        else [],
        "today": paris_date(business_now()),
        "can_write": allows(request.role, Permission.CUSTOMERS_WRITE),
        "can_quote": allows(request.role, Permission.QUOTES_WRITE),
    }
    return render(request, "customers/show.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_page(Permission.CUSTOMERS_WRITE)
def create(request: MemberRequest) -> HttpResponse:
    form = CustomerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        row = form.submit(
            lambda values: create_customer(
                organization_id=request.organization_id,
                actor=request.actor,
                draft=draft_from(values),
                now=business_now(),
            )
        )
        if row is not None:
            messages.success(request, f"{row.name} est dans vos clients.")
            return redirect("customer", customer_id=row.id)
    return show_form(request, "customers/form.html", form, title="Nouveau client")


@require_http_methods(["GET", "HEAD", "POST"])
@member_page(Permission.CUSTOMERS_WRITE)
def edit(request: MemberRequest, customer_id: UUID) -> HttpResponse:
    row = customer(organization_id=request.organization_id, customer_id=customer_id)
    if request.method != "POST":
        form = CustomerForm(initial=initial_of(row))
        return show_form(request, "customers/form.html", form, title=row.name, customer=row)
    form = CustomerForm(request.POST)
    saved = form.submit(
        lambda values: update_customer(
            organization_id=request.organization_id,
            actor=request.actor,
            customer_id=customer_id,
            draft=draft_from(values),
            now=business_now(),
        )
    )
    if saved is None:
        return show_form(request, "customers/form.html", form, title=row.name, customer=row)
    messages.success(request, "C’est enregistré. Les documents déjà émis ne changent pas.")
    return redirect("customer", customer_id=customer_id)
