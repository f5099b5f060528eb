"""Statements, the bank's lines and what explains them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from encaisse.kernel.errors import NotFound
from encaisse.kit.clock import business_now
from encaisse.kit.files import LARGEST_FILE_BYTES, FileTooLarge
from encaisse.organizations.core import Permission, allows
from encaisse.payments.core import RequestState
from encaisse.payments.queries import requests
from encaisse.treasury.models import BankTransaction
from encaisse.treasury.queries import bank_transactions, matches, three_way, unmatched
from encaisse.treasury.services.finders import details_of
from encaisse.treasury.services.imports import ImportReport, import_statement
from encaisse.treasury.services.matching import receive_unexplained
from encaisse.web.access import MemberRequest, asking_page, member_page
from encaisse.web.bank.forms import ExplainForm, StatementForm
from encaisse.web.forms import show_form
from encaisse.web.money.filters import days_asked
from encaisse.web.paging import slice_of

_OPEN_CHOICES = 300


@require_http_methods(["GET", "HEAD", "POST"])
@asking_page(Permission.BANK_IMPORT)
def load(request: MemberRequest) -> HttpResponse:
    """Import a statement. Lines are matched in short transactions of their own, not in one."""
    form = StatementForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        form = StatementForm(request.POST, request.FILES)
        report = form.submit(lambda values: _import(request, values))
        if report is not None:
            messages.success(request, _said(report))
            return redirect("unmatched" if report.matched < report.new_lines else "transactions")
    return show_form(request, "bank/import.html", form)


@require_GET
@member_page(Permission.BANK_READ)
def index(request: MemberRequest) -> HttpResponse:
    rows = bank_transactions(organization_id=request.organization_id)
    one = _uuid_or_none(request.GET.get("ligne", ""))
    days = days_asked(request)
    if one:
        rows = rows.filter(id=one)
    elif days:
        rows = rows.filter(booked_on__gte=days.first, booked_on__lte=days.last)
    found = slice_of(request, rows)
    ids = [row.id for row in found.rows]
    known = matches(organization_id=request.organization_id).filter(transaction_id__in=ids)
    explained = {match.transaction_id: match for match in known}
    lines = [(row, details_of(row), explained.get(row.id)) for row in found.rows]
    return render(
        request, "bank/transactions.html", {"slice": found, "lines": lines, "is_one": one}
    )


@require_GET
@member_page(Permission.BANK_READ)
def waiting(request: MemberRequest) -> HttpResponse:
    found = slice_of(request, unmatched(organization_id=request.organization_id))
    lines = [(row.transaction, details_of(row.transaction)) for row in found.rows]
    context = {
        "slice": found,
        "lines": lines,
        "can_allocate": allows(request.role, Permission.PAYMENTS_ALLOCATE),
    }
    return render(request, "bank/unmatched.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_page(Permission.PAYMENTS_ALLOCATE)
def explain(request: MemberRequest, transaction_id: UUID) -> HttpResponse:
    """Say what a credit was for: a request, or nobody yet."""
    row = _line(request.organization_id, transaction_id)
    form = ExplainForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        done = form.submit(lambda values: _explain(request, transaction_id, values))
        if done:
            messages.success(request, f"{row.amount} expliqués. Vos livres sont à jour.")
            return redirect("unmatched")
    takers = requests(organization_id=request.organization_id).filter(state=RequestState.OPEN)
    context = {
        "line": row,
        "details": details_of(row),
        "takers": [taker for taker in takers[:_OPEN_CHOICES] if row.amount <= taker.remaining],
    }
    return show_form(request, "bank/explain.html", form, **context)


@require_GET
@member_page(Permission.BANK_READ)
def proof(request: MemberRequest) -> HttpResponse:
    report = three_way(organization_id=request.organization_id, now=business_now())
    return render(request, "bank/three_way.html", {"report": report})


def _import(request: MemberRequest, values: dict[str, Any]) -> ImportReport:
    uploaded = values["statement"]
    if uploaded.size > LARGEST_FILE_BYTES:
        raise FileTooLarge
    return import_statement(
        organization_id=request.organization_id,
        actor=request.actor,
        name=uploaded.name,
        content=uploaded.read(),
        now=business_now(),
    )


def _explain(request: MemberRequest, transaction_id: UUID, values: dict[str, Any]) -> bool:
    receive_unexplained(
        organization_id=request.organization_id,
        actor=request.actor,
        transaction_id=transaction_id,
        request_id=values["request"],
        now=business_now(),
    )
    return True


def _line(organization_id: UUID, transaction_id: UUID) -> BankTransaction:
    row = bank_transactions(organization_id=organization_id).filter(id=transaction_id).first()
    if row is None:
        raise NotFound
    return row


def _uuid_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _said(report: ImportReport) -> str:
    if not report.new_lines:
        return f"Relevé déjà connu : {report.known_lines} lignes, aucune nouvelle."
    return (
        f"{report.new_lines} lignes nouvelles, {report.known_lines} déjà connues. "
        f"{report.matched} expliquées sans vous."
    )
