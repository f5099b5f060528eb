"""The firm's accounts."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from encaisse.kit.clock import business_now
from encaisse.organizations.core import Permission, allows
from encaisse.treasury.models import BankAccount
from encaisse.treasury.queries import bank_accounts
from encaisse.treasury.services.accounts import BankAccountDraft, add_bank_account
from encaisse.web.access import MemberRequest, member_page
from encaisse.web.bank.forms import BankAccountForm
from encaisse.web.forms import show_form
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
    if request.method != "POST":
        # The trial account opened a moment ago comes with its bank account.
        form = BankAccountForm(initial=request.session.get(SESSION_TRIAL_BANK))
        return show_form(request, "bank/new.html", form)
    form = BankAccountForm(request.POST)
    account = form.submit(lambda values: _add(request, values))
    if account is None:
        return show_form(request, "bank/new.html", form)
    request.session.pop(SESSION_TRIAL_BANK, None)
    messages.success(request, f"Le compte {account.iban_masked} est enregistré.")
    return redirect("ready")


def _add(request: MemberRequest, values: dict[str, Any]) -> BankAccount:
    return add_bank_account(
        organization_id=request.organization_id,
        actor=request.actor,
        draft=BankAccountDraft(**values),
        now=business_now(),
    )
