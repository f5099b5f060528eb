"""A first payment to oneself: one euro, from the link to the money that moves."""

from dataclasses import dataclass
from datetime import datetime

import segno
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from encaisse.kernel.money import Money
from encaisse.kit.clock import business_now
from encaisse.kit.turns import take_turn
from encaisse.ledger.core import Account
from encaisse.organizations.core import Permission, allows
from encaisse.payments.core import RequestState
from encaisse.payments.models import PaymentIntent, PaymentRequest
from encaisse.payments.queries import payments, requests_about
from encaisse.payments.services.requests import RequestDraft, create_request, link_token
from encaisse.web.access import MemberRequest, member_page
from encaisse.web.welcome.readiness import readiness

REFERENCE = "trial"
_AMOUNT = Money(100)
_DESCRIPTION = "Premier paiement, à moi-même"


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happens to the money; `at` is None while it has not."""

    title: str
    text: str
    at: datetime | None


@require_GET
@member_page(Permission.PAYMENTS_READ)
def show(request: MemberRequest) -> HttpResponse:
    """Show the link, then what became of it; asked again every two seconds until it is paid."""
    asked = _asked(request)
    intent = _paid_by(request, asked)
    link = f"{settings.PUBLIC_URL}/p/{link_token(asked)}" if asked and intent is None else ""
    context = {
        "asked": asked,
        "intent": intent,
        "link": link,
        "qr": segno.make(link).svg_data_uri(scale=5, border=2) if link else "",
        "moments": _moments(asked, intent),
        # Asked again every two seconds: what is still to do is read only before there is a link.
        "is_ready": asked is not None or _is_ready(request),
        "can_ask": allows(request.role, Permission.PAYMENTS_REQUEST),
        "can_refund": allows(request.role, Permission.PAYMENTS_REFUND),
    }
    is_fragment = request.headers.get("HX-Target") == "premier-paiement"
    template = "welcome/_first_payment.html" if is_fragment else "welcome/first_payment.html"
    response = render(request, template, context)
    if is_fragment and intent is not None:
        response["HX-Refresh"] = "true"  # the link beside it is of no use any more
    return response


@require_POST
@member_page(Permission.PAYMENTS_REQUEST)
def begin(request: MemberRequest) -> HttpResponse:
    """Open the link once: asked again while it is open, it is the same one."""
    take_turn(request.organization_id, "web.first_payment")
    asked = _asked(request)
    if asked is None or asked.state != RequestState.OPEN:
        draft = RequestDraft(
            amount=_AMOUNT,
            description=_DESCRIPTION,
            credit_account=Account.TO_ALLOCATE,
            reference_kind=REFERENCE,
            reference_id=request.organization_id,
        )
        create_request(
            organization_id=request.organization_id,
            actor=request.actor,
            draft=draft,
            now=business_now(),
        )
    return redirect("first_payment")


def _is_ready(request: MemberRequest) -> bool:
    return readiness(organization_id=request.organization_id, user_id=request.user.id).is_ready


def _asked(request: MemberRequest) -> PaymentRequest | None:
    return requests_about(
        organization_id=request.organization_id,
        reference_kind=REFERENCE,
        reference_id=request.organization_id,
    ).first()


def _paid_by(request: MemberRequest, asked: PaymentRequest | None) -> PaymentIntent | None:
    if asked is None:
        return None
    rows = payments(organization_id=request.organization_id).filter(request=asked)
    return rows.filter(captured_at__isnull=False).first()


def _moments(asked: PaymentRequest | None, intent: PaymentIntent | None) -> list[Moment]:
    """Tell the way of the money, done or still to come."""
    return [
        Moment("Le lien existe", "Une adresse que personne ne devine.", _at(asked, "created_at")),
        Moment(
            "Vous payez, comme un client",
            "Depuis votre téléphone ou un autre onglet ; la banque demande qui vous êtes.",
            _at(intent, "created_at"),
        ),
        Moment(
            "L’argent est parti",
            "Encaisse l’a appris du prestataire et l’a écrit dans vos comptes.",
            _at(intent, "captured_at"),
        ),
    ]


def _at(row: PaymentRequest | PaymentIntent | None, name: str) -> datetime | None:
    return getattr(row, name) if row is not None else None
