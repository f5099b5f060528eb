"""On the telephone that answers: what is asked, from where, yes or no."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from encaisse.identity.approvals import Asked, agree, refuse, waiting_for
from encaisse.identity.approvers import approver_at
from encaisse.identity.core import APPROVAL_DIGITS
from encaisse.identity.errors import ApprovalOver
from encaisse.identity.models import Approver
from encaisse.web.access import public
from encaisse.web.entrance.origin import device_token
from encaisse.web.forms import PageForm, show_form

_Arguments = ParamSpec("_Arguments")
_View = Callable[Concatenate[HttpRequest, Approver, _Arguments], HttpResponse]
_OWN = "the telephone is known by its own cookie, and agrees with its own key"


class AnswerForm(PageForm):
    number = forms.CharField(
        label="Nombre affiché sur l’autre appareil",
        max_length=8,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "size": 4}),
    )
    signature = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)
    fields_of_codes = {"number_wrong": "number"}

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"].strip()
        if len(number) != APPROVAL_DIGITS or not number.isascii() or not number.isdigit():
            raise forms.ValidationError(
                f"Tapez les {APPROVAL_DIGITS} chiffres affichés sur l’autre appareil.",
                code="number_missing",
            )
        return number


def _answering(view: _View[_Arguments]) -> Callable[..., HttpResponse]:
    """Open a page to the browser that answers for somebody, signed in or not."""

    @wraps(view)
    def wrapped(
        request: HttpRequest, *args: _Arguments.args, **kwargs: _Arguments.kwargs
    ) -> HttpResponse:
        approver = approver_at(token=device_token(request))
        if approver is None:
            return render(request, "approvals/nobody.html", status=404)
        return view(request, approver, *args, **kwargs)

    return public(_OWN)(never_cache(wrapped))


@require_GET
@_answering
def index(request: HttpRequest, approver: Approver) -> HttpResponse:
    asked = waiting_for(approver, real_now=timezone.now())
    return render(request, "approvals/index.html", {"approver": approver, "asked": asked})


@require_http_methods(["GET", "HEAD", "POST"])
@_answering
def answer(request: HttpRequest, approver: Approver, approval_id: UUID) -> HttpResponse:
    waiting = waiting_for(approver, real_now=timezone.now())
    asked = next((one for one in waiting if one.id == approval_id), None)
    if asked is None:
        return _over(request, approver)
    try:
        if request.POST.get("decision") == "non":
            refuse(approver=approver, approval_id=approval_id, real_now=timezone.now())
            return render(request, "approvals/refused.html", {"asked": asked})
        return _agree(request, approver, asked)
    except ApprovalOver:
        return _over(request, approver)


def _agree(request: HttpRequest, approver: Approver, asked: Asked) -> HttpResponse:
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.submit(lambda values: _signed(approver, asked, values)):
        return render(request, "approvals/agreed.html", {"asked": asked})
    return show_form(request, "approvals/answer.html", form, approver=approver, asked=asked)


def _signed(approver: Approver, asked: Asked, values: dict[str, Any]) -> bool:
    agree(
        approver=approver,
        approval_id=asked.id,
        number=values["number"],
        signature=values["signature"],
        real_now=timezone.now(),
    )
    return True


def _over(request: HttpRequest, approver: Approver) -> HttpResponse:
    return render(request, "approvals/over.html", {"approver": approver}, status=410)
