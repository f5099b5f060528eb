"""Where a firm sees what it could prove, and shows it to everybody or to nobody."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from encaisse.kernel.language import Language
from encaisse.kit.clock import business_now
from encaisse.organizations.core import Permission, allows
from encaisse.organizations.proofs import publish_proofs, withdraw_proofs
from encaisse.organizations.queries import profile
from encaisse.reporting.proofs import proofs
from encaisse.web.access import MemberRequest, member_page
from encaisse.web.payer.proof_words import proof_words
from encaisse.web.payer.proofs_told import tell
from encaisse.web.payer.words import words_for


@require_GET
@member_page(Permission.SETTINGS_READ)
def show(request: MemberRequest) -> HttpResponse:
    row = profile(organization_id=request.organization_id)
    found = proofs(
        organization_id=request.organization_id, now=business_now(), real_now=timezone.now()
    )
    said = proof_words(Language.FRENCH)
    context = {
        "address": _address(row.proofs_token) if row.proofs_token else "",
        "can_write": allows(request.role, Permission.SETTINGS_WRITE),
        "said": said,
        "proofs": tell(found, firm=row.name, words=words_for(Language.FRENCH), said=said),
        "is_missing": None in (found.tls, found.restore, found.cards, found.funds),
    }
    return render(request, "firm/proofs.html", context)


def _address(token: str) -> str:
    return settings.PUBLIC_URL + reverse("payer_proofs", args=[token])


@require_POST
@member_page(Permission.SETTINGS_WRITE)
def publish(request: MemberRequest) -> HttpResponse:
    publish_proofs(organization_id=request.organization_id, actor=request.actor, now=business_now())
    messages.success(request, "La page est ouverte à qui en connaît l’adresse.")
    return redirect("proofs")


@require_POST
@member_page(Permission.SETTINGS_WRITE)
def withdraw(request: MemberRequest) -> HttpResponse:
    withdraw_proofs(
        organization_id=request.organization_id, actor=request.actor, now=business_now()
    )
    messages.success(request, "La page est fermée. Son adresse ne mènera plus jamais à rien.")
    return redirect("proofs")
