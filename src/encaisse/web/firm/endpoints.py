"""Addresses that are told of alerts, and what became of each message."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from encaisse.kit.clock import business_now
from encaisse.kit.outside import LARGEST_URL
from encaisse.organizations.core import Permission
from encaisse.web.access import MemberRequest, asking_page, member_page, recently_proven
from encaisse.web.forms import PageForm, show_form
from encaisse.webhooks import endpoints
from encaisse.webhooks.core import Hears
from encaisse.webhooks.queries import deliveries

_SHOWN = 20
HEARS_WORDS = {
    Hears.ALL: "Tout : ce qui arrive, et les alertes",
    Hears.EVENTS: "Ce qui arrive : paiements, factures, devis, versements",
    Hears.ALERTS: "Les alertes de sécurité seulement",
}


class EndpointForm(PageForm):
    fields_of_codes = {"address_refused": "url"}

    url = forms.CharField(
        label="Adresse à prévenir",
        max_length=LARGEST_URL,
        help_text="En https:// ; chaque message est signé selon Standard Webhooks.",
        widget=forms.URLInput(attrs={"placeholder": "https://exemple.fr/encaisse", "wide": True}),
    )
    hears = forms.TypedChoiceField(
        label="Ce qu’elle reçoit",
        coerce=Hears,
        choices=[(one.value, word) for one, word in HEARS_WORDS.items()],
        initial=Hears.ALL.value,
    )


@require_GET
@member_page(Permission.API_KEYS_MANAGE)
def index(request: MemberRequest) -> HttpResponse:
    organization_id = request.organization_id
    context = {
        "endpoints": [
            (one, HEARS_WORDS[Hears(one.hears)])
            for one in endpoints.open_endpoints(organization_id=organization_id)
        ],
        "deliveries": deliveries(organization_id=organization_id)[:_SHOWN],
    }
    return render(request, "people/endpoints.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@recently_proven
@asking_page(Permission.API_KEYS_MANAGE)
def add(request: MemberRequest) -> HttpResponse:
    form = EndpointForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        made = form.submit(lambda values: _add(request, values))
        if made is not None:
            return render(request, "people/endpoint_made.html", {"made": made})
    return show_form(request, "people/endpoint_form.html", form)


@require_POST
@member_page(Permission.API_KEYS_MANAGE)
def close(request: MemberRequest, endpoint_id: UUID) -> HttpResponse:
    endpoints.close_endpoint(
        organization_id=request.organization_id,
        actor=request.actor,
        endpoint_id=endpoint_id,
        now=business_now(),
    )
    messages.success(request, "Cette adresse n’est plus prévenue.")
    return redirect("endpoints")


@require_POST
@member_page(Permission.API_KEYS_MANAGE)
def attempt(request: MemberRequest, endpoint_id: UUID) -> HttpResponse:
    endpoints.try_endpoint(
        organization_id=request.organization_id, endpoint_id=endpoint_id, now=timezone.now()
    )
    messages.success(request, "Un message d’essai part : son état s’affiche ci-dessous.")
    return redirect("endpoints")


@require_POST
@member_page(Permission.API_KEYS_MANAGE)
def send_again(request: MemberRequest, delivery_id: UUID) -> HttpResponse:
    endpoints.replay(organization_id=request.organization_id, delivery_id=delivery_id)
    messages.success(request, "Ce message repart, sous le même identifiant.")
    return redirect("endpoints")


def _add(request: MemberRequest, values: dict[str, Any]) -> endpoints.NewEndpoint:
    return endpoints.add_endpoint(
        organization_id=request.organization_id,
        actor=request.actor,
        url=values["url"],
        hears=values["hears"],
        now=business_now(),
    )
