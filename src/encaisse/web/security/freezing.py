"""Freezing an account: from a message, one's own, or a member's."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from encaisse.identity.freezing import freeze
from encaisse.kernel.errors import NotFound
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Permission
from encaisse.organizations.queries import members
from encaisse.security.errors import FreezeLinkInvalid
from encaisse.security.freezing import freeze_other, may_freeze
from encaisse.security.links import open_link, use_link
from encaisse.web.access import (
    MemberRequest,
    SignedInRequest,
    asking_page,
    public,
    signed_in_page,
)
from encaisse.web.errors import error_page

_METHODS = ["GET", "HEAD", "POST"]


@public("the link of the message is the proof: whoever was robbed may be signed out")
@require_http_methods(_METHODS)
def use(request: HttpRequest, token: str) -> HttpResponse:
    """Show one button; only pressing it freezes, since scanners of mail follow links."""
    act = use_link if request.method == "POST" else open_link
    try:
        opened = act(token=token, real_now=timezone.now())
    except FreezeLinkInvalid as error:
        answer = error_page(request, error)
    else:
        name = "frozen" if opened.is_frozen else "freeze"
        answer = render(request, f"security/{name}.html", {"person": opened.user})
    answer["Cache-Control"] = "no-store"  # the address is a secret
    return answer


@require_http_methods(_METHODS)
@signed_in_page("each person freezes their own account")
def freeze_mine(request: SignedInRequest) -> HttpResponse:
    person = request.user
    if request.method != "POST":
        return render(request, "security/freeze.html", {"person": person, "is_own": True})
    freeze(user_id=person.id, by=person.id, real_now=timezone.now())
    logout(request)
    return render(request, "security/frozen.html", {"person": person})


@require_http_methods(_METHODS)
@asking_page(Permission.MEMBERS_MANAGE)
def freeze_member(request: MemberRequest, membership_id: UUID) -> HttpResponse:
    """Freeze a member in every firm of theirs, where one answers for all that it closes."""
    with acting_for(request.organization_id):
        row = members(organization_id=request.organization_id).filter(id=membership_id).first()
    if row is None:
        raise NotFound
    if row.user_id == request.user.id:
        return redirect("freeze_mine")
    if request.method != "POST":
        allowed = may_freeze(by=request.user.id, user_id=row.user_id, real_now=timezone.now())
        return render(request, "people/freeze.html", {"member": row, "may_freeze": allowed})
    freeze_other(user_id=row.user_id, by=request.user.id, real_now=timezone.now())
    messages.success(request, f"Le compte de {row.user} est gelé : plus rien ne s’ouvre avec lui.")
    return redirect("members")
