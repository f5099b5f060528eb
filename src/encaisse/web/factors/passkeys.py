"""Passkeys: made, named, used again as a proof, taken away."""

from typing import Any

from allauth.core.internal.httpkit import authenticated_user
from allauth.mfa.webauthn.internal import auth
from allauth.mfa.webauthn.views import AddWebAuthnView, ReauthenticateWebAuthnView
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from encaisse.identity.core import FactorKind
from encaisse.identity.factors import factors_of, rename_passkey
from encaisse.identity.passkeys import relying_party, usable_address
from encaisse.kernel.errors import DomainError, NotFound
from encaisse.web.access import SignedInRequest, proven_for_factors, public, signed_in_page
from encaisse.web.errors import error_page
from encaisse.web.forms import PageForm, show_form

_OWN = "each person sees and changes their own passkeys only"


def passkey_place(request: HttpRequest) -> dict[str, object]:
    """Tell a page whether passkeys work at the address it was asked at, and where they do."""
    address = usable_address()
    here = request.get_host().partition(":")[0]
    return {"passkeys_work": bool(address) and here == relying_party(), "passkeys_at": address}


class _Add(AddWebAuthnView):
    template_name = "factors/passkey_add.html"

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**more)
        # Kept by the device and opened by its owner only: it also signs in without a password.
        person = authenticated_user(self.request)
        context["js_data"] = {
            "creation_options": auth.begin_registration(person, passwordless=True)
        }
        return context | passkey_place(self.request)

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class _Prove(ReauthenticateWebAuthnView):
    template_name = "factors/passkey_prove.html"

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**more)
        return context | {"form": more.get("form")} | passkey_place(self.request)

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


add = public(_OWN)(proven_for_factors(_Add.as_view()))
prove = public(_OWN)(_Prove.as_view())


class NameForm(PageForm):
    name = forms.CharField(
        label="Nom de cette clé",
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@proven_for_factors
@signed_in_page(_OWN)
def rename(request: SignedInRequest, pk: int) -> HttpResponse:
    names = {
        one.id: one.name
        for one in factors_of(user_id=request.user.id)
        if one.kind is FactorKind.PASSKEY
    }
    if str(pk) not in names:
        return error_page(request, NotFound())
    form = NameForm(request.POST or None, initial={"name": names[str(pk)]})
    if request.method == "POST" and form.is_valid():
        return _renamed(request, pk, form.cleaned_data["name"])
    return show_form(request, "factors/passkey_rename.html", form)


@require_GET
@signed_in_page(_OWN)
def remove(request: SignedInRequest, pk: int) -> HttpResponse:  # noqa: ARG001  Django's shape
    """Lead the address that allauth knows to our page."""
    return redirect("factor_remove", FactorKind.PASSKEY, str(pk))


def _renamed(request: SignedInRequest, pk: int, name: str) -> HttpResponse:
    try:
        rename_passkey(user_id=request.user.id, factor_id=str(pk), name=name)
    except DomainError as error:
        return error_page(request, error)
    messages.success(request, f"Cette clé s’appelle maintenant « {name} ».")
    return redirect("mfa_index")
