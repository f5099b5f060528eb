"""A first factor, then recovery codes: under two minutes, once."""

import time
from typing import Any

from allauth.core.internal.httpkit import authenticated_user
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET
from django.views.generic import FormView

from encaisse.identity.core import Standing
from encaisse.identity.factors import forget_lost_totp, recovery_codes_left
from encaisse.identity.models import User
from encaisse.identity.recovery_codes import show_once
from encaisse.kernel.errors import DomainError, NotFound
from encaisse.kit.clock import business_now
from encaisse.messaging.sms import is_set_up
from encaisse.web.access import (
    SignedInRequest,
    proven_for_factors,
    public,
    signed_in_page,
)
from encaisse.web.enrolment import SESSION_NEXT, what_is_missing
from encaisse.web.errors import error_page
from encaisse.web.factors.passkeys import passkey_place

_OWN = "each person enrols for themselves"
_SHOWN = "recovery_codes_shown"
_DOWNLOAD_SECONDS = 600


@require_GET
@signed_in_page(_OWN)
def enrol(request: SignedInRequest) -> HttpResponse:
    if what_is_missing(request) is not Standing.NO_FACTOR:
        return redirect("mfa_index")
    context = {"texts_work": is_set_up(), "has_lost": request.user.must_enrol}
    return render(request, "factors/enrol.html", context | passkey_place(request))


class _ActivateTotp(ActivateTOTPView):
    """allauth's page, which also replaces an application that was lost."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        has_lost = request.user.is_authenticated and request.user.must_enrol
        opened = FormView.dispatch if has_lost else ActivateTOTPView.dispatch
        answer: HttpResponseBase = opened(self, request, *args, **kwargs)
        return answer

    def form_valid(self, form: Any) -> HttpResponse:
        person = authenticated_user(self.request)
        if not isinstance(person, User):
            raise TypeError(type(person))
        with transaction.atomic():
            if person.must_enrol:
                forget_lost_totp(user_id=person.id, now=business_now())
            answer: HttpResponse = super().form_valid(form)
        return answer


activate_totp = public(_OWN)(proven_for_factors(_ActivateTotp.as_view()))
renew_codes = public(_OWN)(proven_for_factors(GenerateRecoveryCodesView.as_view()))


@require_GET
@proven_for_factors
@signed_in_page(_OWN)
def codes(request: SignedInRequest) -> HttpResponse:
    """Show recovery codes the first time, and how many are left ever after."""
    try:
        shown = show_once(user_id=request.user.id)
    except DomainError as error:
        return error_page(request, error)
    if shown:
        # Only here do they still stand, sealed as every session is, for the file.
        request.session[_SHOWN] = {"at": time.time(), "codes": shown}
    context = {
        "codes": shown,
        "left": recovery_codes_left(user_id=request.user.id),
        "next": request.session.pop(SESSION_NEXT, "/") if shown else "/",
    }
    answer = render(request, "mfa/recovery_codes/index.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


@require_GET
@proven_for_factors
@signed_in_page(_OWN)
def download(request: SignedInRequest) -> HttpResponse:
    """Give the codes as a file, in the session that has just shown them."""
    shown = request.session.get(_SHOWN)
    if shown is None or time.time() - shown["at"] > _DOWNLOAD_SECONDS:
        request.session.pop(_SHOWN, None)
        return error_page(request, NotFound())
    text = "\n".join(["Codes de secours d’Encaisse", request.user.email, "", *shown["codes"], ""])
    headers = {
        "Content-Disposition": 'attachment; filename="encaisse-codes-de-secours.txt"',
        "Cache-Control": "no-store",
    }
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=headers)
