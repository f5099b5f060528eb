"""The page an invitation leads to: whoever proves the invited address joins, once."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from encaisse.identity.queries import proven_addresses
from encaisse.kernel.actor import Actor, ActorKind
from encaisse.kernel.errors import DomainError
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import ROLE_WORDS, Role
from encaisse.organizations.errors import InvitationForSomeoneElse
from encaisse.organizations.handles import Destination, HandleKind, resolve_handle
from encaisse.organizations.invitations import (
    accept_invitation,
    check_invited,
    check_open,
    invited_address,
)
from encaisse.organizations.queries import invitation as invitation_by_id
from encaisse.organizations.queries import profile
from encaisse.web.access import public, work_in
from encaisse.web.errors import error_page


@require_http_methods(["GET", "HEAD", "POST"])
@public("opened by an unguessable token, and accepted by the invited address only")
def show(request: HttpRequest, token: str) -> HttpResponse:
    try:
        place = resolve_handle(kind=HandleKind.INVITATION, token=token)
        if request.method == "POST" and request.user.is_authenticated:
            response = _join(request, request.user.id, place)
        else:
            response = _offer(request, place)
    except DomainError as error:
        response = error_page(request, error)
    response.setdefault("Cache-Control", "no-store")
    response["X-Robots-Tag"] = "noindex"
    return response


def _offer(request: HttpRequest, place: Destination) -> HttpResponse:
    with acting_for(place.organization_id):
        row = invitation_by_id(organization_id=place.organization_id, invitation_id=place.target_id)
        check_open(row, real_now=timezone.now())
        context: dict[str, Any] = {
            "firm": profile(organization_id=place.organization_id).name,
            "inviter": row.invited_by,
            "role": ROLE_WORDS[Role(row.role)],
            "until": row.expires_at,
            "address": invited_address(row),
            "next": urlencode({"next": request.path}),
        }
        if request.user.is_authenticated:
            try:
                check_invited(row, addresses=proven_addresses(user_id=request.user.id))
            except InvitationForSomeoneElse as error:
                context["refusal"] = error
    return render(
        request, "people/invitation.html", context, status=403 if "refusal" in context else 200
    )


def _join(request: HttpRequest, user_id: UUID, place: Destination) -> HttpResponse:
    accept_invitation(
        organization_id=place.organization_id,
        invitation_id=place.target_id,
        actor=Actor(ActorKind.MEMBER, user_id),
        user_id=user_id,
        addresses=proven_addresses(user_id=user_id),
        real_now=timezone.now(),
        now=business_now(),
    )
    work_in(request, place.organization_id)
    messages.success(request, "Bienvenue : vous faites partie de l’équipe.")
    return redirect("home")
