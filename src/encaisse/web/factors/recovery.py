"""The way back in of somebody who lost everything: asked, stopped, used."""

from uuid import UUID

from allauth.account.adapter import get_adapter as account_adapter
from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from encaisse.identity import recovery
from encaisse.identity.core import RECOVERY_DELAY, RECOVERY_OPEN, RecoveryState
from encaisse.identity.models import Recovery
from encaisse.kernel.errors import DomainError, NotFound
from encaisse.kit.clock import business_now
from encaisse.organizations.emergency import may_stop_recovery
from encaisse.web.access import SignedInRequest, public, signed_in_page
from encaisse.web.errors import error_page
from encaisse.web.forms import PageForm, show_form


class AskForm(PageForm):
    email = forms.EmailField(
        label="Adresse électronique de votre compte",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )


class CodeForm(PageForm):
    code = forms.CharField(
        label="Code donné par votre garant",
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    fields_of_codes = {"recovery_wrong": "code"}


@public("whoever lost everything cannot sign in")
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Take an address and answer the same for any."""
    form = AskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        if ratelimit.consume(request, action="reset_password", key=email.lower()):
            recovery.ask(email=email)
        return render(request, "factors/recovery_asked.html")
    return show_form(request, "factors/recovery_ask.html", form)


@public("the mailed link and the guardian's code are the proof")
@require_http_methods(["GET", "HEAD", "POST"])
def use(request: HttpRequest, token: str) -> HttpResponse:
    """Open with the link and the code together, then ask for new factors."""
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = recovery.redeem(
                token=token,
                code=form.cleaned_data["code"],
                now=business_now(),
                real_now=timezone.now(),
            )
        except DomainError as error:
            if error.code not in form.fields_of_codes:
                return error_page(request, error)
            form.refuse(error)
        else:
            account_adapter(request).login(request, user)
            return redirect("enrol")
    return show_form(request, "factors/recovery_use.html", form)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_page("the person themselves, or an owner of their firms")
def show(request: SignedInRequest, case: UUID) -> HttpResponse:
    """Show where a recovery stands, and stop it in one click."""
    try:
        row = _concerned(request, case)
        if request.method == "POST":
            recovery.cancel(
                recovery_id=case,
                by=request.user.id,
                now=business_now(),
                real_now=timezone.now(),
            )
            messages.success(request, "C’est arrêté. Rien n’a été ouvert.")
            return redirect("recovery", case)
    except DomainError as error:
        return error_page(request, error)
    context = {
        "case": row,
        "is_open": row.state in RECOVERY_OPEN,
        "is_own": row.user_id == request.user.id,
        "opens_at": row.state_since + RECOVERY_DELAY
        if row.state == RecoveryState.APPROVED
        else None,
    }
    return render(request, "factors/recovery.html", context)


def _concerned(request: SignedInRequest, case: UUID) -> Recovery:
    row = recovery.recovery(recovery_id=case)
    if not may_stop_recovery(stopper_id=request.user.id, user_id=row.user_id):
        raise NotFound
    return row
