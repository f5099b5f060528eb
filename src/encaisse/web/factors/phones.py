"""A telephone as a second factor: its number, then the code it receives."""

from typing import Any

from allauth.account.adapter import get_adapter as account_adapter
from allauth.mfa.recovery_codes.internal.flows import auto_generate_recovery_codes
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from encaisse.identity.core import Factor
from encaisse.identity.phones import (
    finish_enrolment,
    number_being_proven,
    phone_of,
    start_enrolment,
)
from encaisse.kernel.errors import DomainError
from encaisse.kernel.phones import PhoneInvalid, PhoneNumber
from encaisse.kit.clock import business_now
from encaisse.messaging.core import TextState
from encaisse.web.access import SignedInRequest, proven_for_factors, signed_in_page
from encaisse.web.forms import PageForm, show_form

_OWN = "each person gives their own number only"
_PERHAPS = (
    "Le réseau n’a pas répondu : le SMS arrive peut-être. Attendez une minute avant d’en "
    "redemander un."
)


class NumberForm(PageForm):
    number = forms.CharField(
        label="Numéro de mobile",
        max_length=30,
        help_text="Par exemple 06 12 34 56 78. Il ne sert qu’à vous envoyer des codes.",
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )
    fields_of_codes = {"text_not_sent": "number"}

    def clean_number(self) -> PhoneNumber:
        try:
            return PhoneNumber.parse(self.cleaned_data["number"])
        except PhoneInvalid as error:
            raise ValidationError(error.message, code=error.code) from error


class CodeForm(PageForm):
    code = forms.CharField(
        label="Code reçu par SMS",
        max_length=12,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
        ),
    )
    fields_of_codes = {"code_wrong": "code", "code_over": "code"}


@require_http_methods(["GET", "HEAD", "POST"])
@proven_for_factors
@signed_in_page(_OWN)
def add(request: SignedInRequest) -> HttpResponse:
    form = NumberForm(request.POST or None)
    if request.method == "POST":
        outcome = form.submit(lambda values: _start(request, values["number"]))
        if outcome is not None:
            return _sent(request, outcome)
    return show_form(request, "factors/phone_add.html", form, known=phone_of(request.user.id))


@require_http_methods(["GET", "HEAD", "POST"])
@proven_for_factors
@signed_in_page(_OWN)
def confirm(request: SignedInRequest) -> HttpResponse:
    number = number_being_proven(user_id=request.user.id, real_now=timezone.now())
    form = CodeForm(request.POST or None)
    if request.method == "POST":
        added = form.submit(lambda values: _finish(request, values))
        if added is not None:
            return _added(request)
    if number is None and request.method != "POST":
        return redirect("phone_add")
    return show_form(request, "factors/phone_confirm.html", form, number=number)


@require_POST
@proven_for_factors
@signed_in_page(_OWN)
def resend(request: SignedInRequest) -> HttpResponse:
    number = number_being_proven(user_id=request.user.id, real_now=timezone.now())
    if number is None:
        return redirect("phone_add")
    try:
        return _sent(request, _start(request, number))
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("phone_confirm")


def _start(request: SignedInRequest, number: PhoneNumber) -> TextState:
    return start_enrolment(user_id=request.user.id, number=number, real_now=timezone.now())


def _sent(request: SignedInRequest, outcome: TextState) -> HttpResponse:
    if outcome is TextState.UNKNOWN:
        messages.warning(request, _PERHAPS)
    return redirect("phone_confirm")


def _finish(request: SignedInRequest, values: dict[str, Any]) -> Factor:
    return finish_enrolment(
        user_id=request.user.id, code=values["code"], now=business_now(), real_now=timezone.now()
    )


def _added(request: SignedInRequest) -> HttpResponse:
    account_adapter(request).send_notification_mail("mfa/email/phone_added", request.user)
    if auto_generate_recovery_codes(request) is not None:
        return redirect("mfa_view_recovery_codes")
    messages.success(request, "Ce téléphone recevra vos codes.")
    return redirect("mfa_index")
