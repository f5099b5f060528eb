"""Which programs may call, with what, from where and until when."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from encaisse.kit.clock import business_now
from encaisse.kit.places import country_words
from encaisse.organizations.api_keys import (
    NewApiKey,
    create_api_key,
    revoke_api_key,
    rotate_api_key,
)
from encaisse.organizations.core import PERMISSION_WORDS, Permission
from encaisse.organizations.errors import ApiKeyNotReplaceable
from encaisse.organizations.models import ApiKey
from encaisse.organizations.queries import api_key, api_keys
from encaisse.web.access import MemberRequest, member_page, proven_for
from encaisse.web.firm.people_forms import ApiKeyForm, ApiKeyRotationForm
from encaisse.web.forms import show_form

_ALL = "Tous les droits"


@dataclass(frozen=True, slots=True)
class Shown:
    """A key as its line says it."""

    key: ApiKey
    state: str
    rights: tuple[str, ...]
    networks: tuple[str, ...]
    last_place: str
    is_open: bool
    is_replaceable: bool


@require_GET
@member_page(Permission.API_KEYS_MANAGE)
def index(request: MemberRequest) -> HttpResponse:
    # A key expires on no demo clock.
    now = timezone.now()
    shown = [_shown(key, now) for key in api_keys(organization_id=request.organization_id)]
    context = {
        "open": [one for one in shown if one.is_open],
        "closed": [one for one in shown if not one.is_open],
    }
    return render(request, "people/keys.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@proven_for("api_key:create")
@member_page(Permission.API_KEYS_MANAGE)
def create(request: MemberRequest) -> HttpResponse:
    form = ApiKeyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        made = form.submit(lambda values: _make_key(request, values))
        if made is not None:
            return render(request, "people/key_made.html", {"made": made})
    return show_form(request, "people/key_form.html", form)


@require_http_methods(["GET", "HEAD", "POST"])
@proven_for("api_key:rotate")
@member_page(Permission.API_KEYS_MANAGE)
def rotate(request: MemberRequest, key_id: UUID) -> HttpResponse:
    old = api_key(organization_id=request.organization_id, key_id=key_id)
    form = ApiKeyRotationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        made = form.submit(lambda values: _replace_key(request, key_id, values["days"]))
        if made is not None:
            old.refresh_from_db()
            return render(request, "people/key_made.html", {"made": made, "old": old})
    elif not _shown(old, timezone.now()).is_replaceable:
        raise ApiKeyNotReplaceable
    return show_form(request, "people/key_rotate.html", form, key=old)


@require_POST
@member_page(Permission.API_KEYS_MANAGE)
def revoke(request: MemberRequest, key_id: UUID) -> HttpResponse:
    key = api_key(organization_id=request.organization_id, key_id=key_id)
    revoke_api_key(
        organization_id=request.organization_id,
        actor=request.actor,
        key_id=key_id,
        now=business_now(),
    )
    messages.success(request, f"La clé « {key.name} » n’ouvre plus rien.")
    return redirect("api_keys")


def _make_key(request: MemberRequest, values: dict[str, Any]) -> NewApiKey:
    days = values["days"]
    return create_api_key(
        organization_id=request.organization_id,
        actor=request.actor,
        name=values["name"],
        scopes=[Permission(scope) for scope in values["scopes"]],
        addresses=values["addresses"],
        expires_at=timezone.now() + timedelta(days=days) if days else None,
        now=business_now(),
    )


def _replace_key(request: MemberRequest, key_id: UUID, days: int) -> NewApiKey:
    return rotate_api_key(
        organization_id=request.organization_id,
        actor=request.actor,
        key_id=key_id,
        overlap=timedelta(days=days),
        real_now=timezone.now(),
        now=business_now(),
    )


def _shown(key: ApiKey, now: datetime) -> Shown:
    is_open = key.opens(now)
    return Shown(
        key=key,
        state=_state(key, is_open=is_open),
        rights=_rights(key),
        networks=key.networks,
        last_place=country_words(key.last_used_country) if key.last_used_at else "",
        is_open=is_open,
        is_replaceable=is_open and key.retires_at is None,
    )


def _rights(key: ApiKey) -> tuple[str, ...]:
    if len(key.scopes) == len(Permission):
        return (_ALL,)
    return tuple(PERMISSION_WORDS[Permission(scope)] for scope in key.scopes)


def _state(key: ApiKey, *, is_open: bool) -> str:
    if key.revoked_at is not None:
        return "revoked"
    if key.retires_at is not None:
        return "retiring" if is_open else "replaced"
    return "active" if is_open else "expired"
