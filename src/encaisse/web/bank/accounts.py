"""The firm's accounts."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from encaisse.kit.clock import business_now
from encaisse.organizations.core import Permission, allows
from encaisse.treasury.models import BankAccount
from encaisse.treasury.queries import bank_account, bank_accounts
from encaisse.treasury.services.accounts import BankAccountDraft, add_bank_account, collecting_draft
from encaisse.web.access import MemberRequest, ask_recent_proof, member_page, recently_proven
from encaisse.web.bank.forms import BankAccountForm
from encaisse.web.forms import show_form
from encaisse.web.operations.asking import ask_signature
from encaisse.web.welcome.views import SESSION_TRIAL_BANK


@require_GET
@member_page(Permission.BANK_READ)
def index(request: MemberRequest) -> HttpResponse:
    context = {
        "accounts": bank_accounts(organization_id=request.organization_id),
        "can_write": allows(request.role, Permission.BANK_WRITE),
        "can_import": allows(request.role, Permission.BANK_IMPORT),
    }
    return render(request, "bank/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_page(Permission.BANK_WRITE)
def create(request: MemberRequest) -> HttpResponse:
    is_first = not _collecting(request).exists()
    if not is_first:
        ask_recent_proof(request)
    if request.method != "POST":
        # The trial account opened a moment ago comes with its bank account.
        form = BankAccountForm(initial=request.session.get(SESSION_TRIAL_BANK))
        return show_form(request, "bank/new.html", form, is_first=is_first)
    form = BankAccountForm(request.POST)
    account = form.submit(lambda values: _add(request, values))
    if account is None:
        return show_form(request, "bank/new.html", form, is_first=is_first)
    request.session.pop(SESSION_TRIAL_BANK, None)
    messages.success(request, f"Le compte {account.iban_masked} est enregistré.")
    return redirect("ready" if is_first else "bank")


@require_http_methods(["GET", "HEAD", "POST"])
@recently_proven
@member_page(Permission.BANK_WRITE)
def collect(request: MemberRequest, account_id: UUID) -> HttpResponse:
    account = bank_account(organization_id=request.organization_id, account_id=account_id)
    if request.method != "POST":
        context = {"account": account, "former": _collecting(request).first()}
        return render(request, "bank/collect.html", context)
    return ask_signature(request, collecting_draft(account))


def _collecting(request: MemberRequest) -> QuerySet[BankAccount]:
    return bank_accounts(organization_id=request.organization_id).filter(is_collecting=True)


def _add(request: MemberRequest, values: dict[str, Any]) -> BankAccount:
    return add_bank_account(
        organization_id=request.organization_id,
        actor=request.actor,
        draft=BankAccountDraft(**values),
        now=business_now(),
    )
