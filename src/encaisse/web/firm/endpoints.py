"""Addresses that are told of alerts, and what became of each message."""

from dataclasses import dataclass
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
from encaisse.web.french import plural
from encaisse.webhooks import endpoints
from encaisse.webhooks.core import Hears
from encaisse.webhooks.models import Endpoint
from encaisse.webhooks.queries import deliveries
from encaisse.webhooks.stopping import left_by_endpoint

_SHOWN = 20
HEARS_WORDS = {
    Hears.ALL: "Tout : ce qui arrive, et les alertes",
    Hears.EVENTS: "Ce qui arrive : paiements, factures, devis, versements",
    Hears.ALERTS: "Les alertes de sécurité seulement",
}


@dataclass(frozen=True, slots=True)
class _Line:
    """One endpoint as the page shows it; `left` messages did not leave when it closed by itself."""

    row: Endpoint
    hears: str
    left: int

    @property
    def state(self) -> str:
        if self.row.stopped_at is not None:
            return "stopped"
        return "failing" if self.row.refused_since is not None else "open"


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
        "endpoints": _lines(organization_id),
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
@recently_proven
@member_page(Permission.API_KEYS_MANAGE)
def reopen(request: MemberRequest, endpoint_id: UUID) -> HttpResponse:
    endpoints.open_again(
        organization_id=request.organization_id,
        actor=request.actor,
        endpoint_id=endpoint_id,
        now=business_now(),
    )
    messages.success(request, "Cette adresse est de nouveau prévenue de ce qui arrive.")
    return redirect("endpoints")


@require_POST
@member_page(Permission.API_KEYS_MANAGE)
def send_left(request: MemberRequest, endpoint_id: UUID) -> HttpResponse:
    number = endpoints.replay_left(organization_id=request.organization_id, endpoint_id=endpoint_id)
    messages.success(
        request, f"{plural(number, 'message part', 'messages partent')}, dans l’ordre."
    )
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


def _lines(organization_id: UUID) -> list[_Line]:
    left = left_by_endpoint(organization_id=organization_id)
    return [
        _Line(one, HEARS_WORDS[Hears(one.hears)], left.get(one.id, 0))
        for one in endpoints.endpoints_of(organization_id=organization_id)
    ]


def _add(request: MemberRequest, values: dict[str, Any]) -> endpoints.NewEndpoint:
    return endpoints.add_endpoint(
        organization_id=request.organization_id,
        actor=request.actor,
        url=values["url"],
        hears=values["hears"],
        now=business_now(),
    )
