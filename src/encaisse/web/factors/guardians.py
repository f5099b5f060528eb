"""Guardians: naming one, being one, answering for somebody who lost everything."""

from collections.abc import Callable
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from encaisse.identity import guardians, recovery
from encaisse.identity.core import GuardianState, RecoveryState
from encaisse.identity.errors import RecoveryClosed
from encaisse.kernel.errors import DomainError, NotFound
from encaisse.kit.clock import business_now
from encaisse.web.access import (
    SignedInRequest,
    proven_for,
    proven_for_factors,
    signed_in_page,
)
from encaisse.web.errors import error_page
from encaisse.web.forms import PageForm, show_form

_OWN = "each person chooses their guardian and answers for their own wards only"


class GuardianForm(PageForm):
    email = forms.EmailField(
        label="Adresse électronique de votre garant",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    fields_of_codes = {"guardian_refused": "email"}


@require_http_methods(["GET", "HEAD", "POST"])
@proven_for_factors
@proven_for("guardian:name")
@signed_in_page(_OWN)
def guardian(request: SignedInRequest) -> HttpResponse:
    form = GuardianForm(request.POST or None)
    if request.method == "POST":
        named = form.submit(
            lambda values: guardians.name_guardian(
                user_id=request.user.id, email=values["email"], now=business_now()
            )
        )
        if named is not None:
            messages.success(request, "Nous lui écrivons. Sa réponse s’affichera ici.")
            return redirect("guardian")
    known = guardians.guardian_of(user_id=request.user.id)
    return show_form(
        request,
        "factors/guardian.html",
        form,
        known=known,
        address=guardians.address_of(known) if known else "",
        has_agreed=known is not None and known.state == GuardianState.ACCEPTED,
    )


@require_GET
@signed_in_page(_OWN)
def guardianships(request: SignedInRequest) -> HttpResponse:
    rows = guardians.guardianships_for(user_id=request.user.id)
    context = {
        "asked": [row for row in rows if row.state == GuardianState.PROPOSED],
        "wards": [row for row in rows if row.state == GuardianState.ACCEPTED],
        "requests": recovery.recoveries_to_answer(guardian_id=request.user.id),
    }
    return render(request, "factors/guardianships.html", context)


@require_POST
@signed_in_page(_OWN)
def accept(request: SignedInRequest, guardianship: UUID) -> HttpResponse:
    def act() -> HttpResponse:
        row = guardians.accept(
            user_id=request.user.id, guardianship_id=guardianship, now=business_now()
        )
        messages.success(request, f"Vous êtes maintenant garant de {row.ward}.")
        return redirect("guardianships")

    return _tried(request, act)


@require_POST
@proven_for("guardian:end")
@signed_in_page(_OWN)
def end(request: SignedInRequest, guardianship: UUID) -> HttpResponse:
    def act() -> HttpResponse:
        guardians.end(user_id=request.user.id, guardianship_id=guardianship, now=business_now())
        messages.success(request, "C’est terminé : cette garantie ne vaut plus.")
        return redirect("mfa_index")

    return _tried(request, act)


@require_http_methods(["GET", "HEAD", "POST"])
@proven_for_factors
@proven_for("recovery:approve")
@signed_in_page(_OWN)
def approve(request: SignedInRequest, case: UUID) -> HttpResponse:
    """Say what agreeing means, then give the code to read aloud: shown once."""

    def act() -> HttpResponse:
        row = _for_guardian(request, case)
        code = ""
        if request.method == "POST":
            code = recovery.approve(
                recovery_id=case,
                guardian_id=request.user.id,
                now=business_now(),
                real_now=timezone.now(),
            )
        answer = render(request, "factors/recovery_approve.html", {"case": row, "code": code})
        answer["Cache-Control"] = "no-store"
        return answer

    return _tried(request, act)


@require_POST
@signed_in_page(_OWN)
def refuse(request: SignedInRequest, case: UUID) -> HttpResponse:
    def act() -> HttpResponse:
        recovery.refuse(
            recovery_id=case,
            guardian_id=request.user.id,
            now=business_now(),
            real_now=timezone.now(),
        )
        messages.success(request, "C’est refusé : rien ne s’ouvrira.")
        return redirect("guardianships")

    return _tried(request, act)


def _for_guardian(request: SignedInRequest, case: UUID) -> object:
    row = recovery.recovery(recovery_id=case)
    if row.guardian_id != request.user.id:
        raise NotFound
    if request.method == "GET" and row.state != RecoveryState.REQUESTED:
        raise RecoveryClosed
    return row


def _tried(request: SignedInRequest, act: Callable[[], HttpResponse]) -> HttpResponse:
    try:
        return act()
    except DomainError as error:
        return error_page(request, error)
