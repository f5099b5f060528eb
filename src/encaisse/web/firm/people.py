"""Which programs may call."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from encaisse.kernel.errors import NotFound
from encaisse.kit.clock import business_now
from encaisse.organizations.core import Permission
from encaisse.organizations.queries import api_keys
from encaisse.organizations.services import NewApiKey, create_api_key, revoke_api_key
from encaisse.web.access import MemberRequest, member_page, proven_for
from encaisse.web.firm.people_forms import ApiKeyForm
from encaisse.web.forms import show_form


@require_GET
@member_page(Permission.API_KEYS_MANAGE)
def keys(request: MemberRequest) -> HttpResponse:
    context = {
        "keys": api_keys(organization_id=request.organization_id),
        # A key expires on no demo clock.
        "now": timezone.now(),
    }
    return render(request, "people/keys.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@proven_for("api_key:create")
@member_page(Permission.API_KEYS_MANAGE)
def key_new(request: MemberRequest) -> HttpResponse:
    form = ApiKeyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        made = form.submit(lambda values: _make_key(request, values))
        if made is not None:
            return render(request, "people/key_made.html", {"made": made})
    return show_form(request, "people/key_form.html", form)


@require_POST
@member_page(Permission.API_KEYS_MANAGE)
def key_revoke(request: MemberRequest, key_id: UUID) -> HttpResponse:
    key = api_keys(organization_id=request.organization_id).filter(id=key_id).first()
    if key is None:
        raise NotFound
    revoke_api_key(
        organization_id=request.organization_id,
        actor=request.actor,
        key_id=key_id,
        now=business_now(),
    )
    messages.success(request, f"La clé « {key.name} » n’ouvre plus rien.")
    return redirect("api_keys")


def _make_key(request: MemberRequest, values: dict[str, Any]) -> NewApiKey:
    days = values["days"]
    return create_api_key(
        organization_id=request.organization_id,
        actor=request.actor,
        name=values["name"],
        scopes=[Permission(scope) for scope in values["scopes"]],
        expires_at=timezone.now() + timedelta(days=days) if days else None,
        now=business_now(),
    )
