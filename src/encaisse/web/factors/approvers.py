"""A telephone that answers: added from the telephone itself, taken away from anywhere."""

from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter as account_adapter
from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from encaisse.identity.approvers import (
    Browser,
    add_approver,
    approvers_of,
    as_factor,
    remove_approver,
)
from encaisse.identity.core import FactorKind
from encaisse.identity.factors import has_factor
from encaisse.identity.models import Approver
from encaisse.identity.proofs import device_name
from encaisse.kernel.errors import DomainError
from encaisse.kit.clock import business_now
from encaisse.messaging.push import application_key
from encaisse.web.access import SignedInRequest, proven_for_factors, signed_in_page
from encaisse.web.entrance.origin import origin_of
from encaisse.web.errors import error_page
from encaisse.web.factors.words import REMOVED_MAILS, WORDS
from encaisse.web.forms import PageForm, show_form

_OWN = "each person adds and removes their own telephones only"


class ApproverForm(PageForm):
    name = forms.CharField(
        label="Nom de ce téléphone",
        max_length=60,
        help_text="Pour le reconnaître dans votre liste.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    public_key = forms.CharField(required=False, max_length=120, widget=forms.HiddenInput)
    endpoint = forms.CharField(required=False, max_length=500, widget=forms.HiddenInput)
    p256dh = forms.CharField(required=False, max_length=120, widget=forms.HiddenInput)
    auth = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)


@require_http_methods(["GET", "HEAD", "POST"])
@proven_for_factors
@signed_in_page(_OWN)
def add(request: SignedInRequest) -> HttpResponse:
    if not has_factor(user_id=request.user.id):
        return redirect("enrol")
    agent, first_name = request.headers.get("User-Agent", ""), request.user.full_name.split(" ")[0]
    named = {"name": device_name(agent, first_name=first_name)}
    form = ApproverForm(request.POST or None, initial=named)
    if form.is_bound:
        added = form.submit(lambda values: _add(request, values))
        if added is not None:
            return _added(request, added)
    return show_form(request, "factors/approver_add.html", form, application_key=application_key())


@require_http_methods(["GET", "HEAD", "POST"])
@proven_for_factors
@signed_in_page(_OWN)
def remove(request: SignedInRequest, approver_id: UUID) -> HttpResponse:
    row = approvers_of(user_id=request.user.id).filter(id=approver_id).first()
    try:
        if row is None or request.method == "POST":
            return _remove(request, approver_id)
    except DomainError as error:
        return error_page(request, error)
    factor = as_factor(row)
    context = {"factor": factor, "words": WORDS[factor.kind], "is_last": False, "is_kept": False}
    return render(request, "factors/remove.html", context)


def _add(request: SignedInRequest, values: dict[str, Any]) -> Approver:
    origin = origin_of(request, user_id=request.user.id)
    name = values.pop("name")
    return add_approver(
        user_id=request.user.id,
        device_id=origin.device_id,
        name=name,
        browser=Browser(**values),
        now=business_now(),
        real_now=timezone.now(),
    )


def _added(request: SignedInRequest, row: Approver) -> HttpResponse:
    account_adapter(request).send_notification_mail(
        "mfa/email/approver_added", request.user, {"name": row.name}
    )
    how = (
        "Il sonnera à chaque demande."
        if row.subscription_sealed
        else "Il ne sonne pas : à chaque demande, ouvrez-y « Demandes d’accord »."
    )
    messages.success(request, f"« {row.name} » peut donner votre accord. {how}")
    return redirect("mfa_index")


def _remove(request: SignedInRequest, approver_id: UUID) -> HttpResponse:
    name = remove_approver(user_id=request.user.id, approver_id=approver_id, now=business_now())
    account_adapter(request).send_notification_mail(
        REMOVED_MAILS[FactorKind.APPROVER], request.user, {"name": name}
    )
    messages.success(request, f"« {name} » ne répond plus pour vous.")
    return redirect("mfa_index")
