"""Requests for money: list, make, follow, close."""

from typing import Any
from uuid import UUID

import segno
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from encaisse.counterparties.queries import customer as customer_by_id
from encaisse.kernel.errors import Invalid
from encaisse.kit.clock import business_now
from encaisse.ledger.core import Account
from encaisse.organizations.core import Permission, allows
from encaisse.payments.core import RequestState
from encaisse.payments.models import PaymentRequest
from encaisse.payments.queries import payments
from encaisse.payments.queries import request as request_by_id
from encaisse.payments.queries import requests as all_requests
from encaisse.payments.services.requests import (
    RequestDraft,
    close_request,
    create_request,
    link_token,
)
from encaisse.web.access import MemberRequest, member_page
from encaisse.web.forms import show_form
from encaisse.web.money.forms import RequestForm
from encaisse.web.paging import slice_of
from encaisse.web.welcome.first_payment import REFERENCE as FIRST_PAYMENT


@require_GET
@member_page(Permission.PAYMENTS_READ)
def index(request: MemberRequest) -> HttpResponse:
    rows = all_requests(organization_id=request.organization_id)
    state = request.GET.get("etat", "")
    if state in set(RequestState):
        rows = rows.filter(state=state)
    context = {
        "slice": slice_of(request, rows),
        "state": state,
        "can_ask": allows(request.role, Permission.PAYMENTS_REQUEST),
    }
    return render(request, "money/requests.html", context)


@require_GET
@member_page(Permission.PAYMENTS_READ)
def show(request: MemberRequest, request_id: UUID) -> HttpResponse:
    organization_id = request.organization_id
    row = request_by_id(organization_id=organization_id, request_id=request_id)
    is_open = row.state == RequestState.OPEN
    link = f"{settings.PUBLIC_URL}/p/{link_token(row)}" if is_open else ""
    context = {
        "asked": row,
        "link": link,
        "qr": segno.make(link).svg_data_uri(scale=5, border=2) if link else "",
        "payments": payments(organization_id=organization_id).filter(request=row),
        "can_close": is_open
        and _is_about_nothing(row)
        and allows(request.role, Permission.PAYMENTS_REQUEST),
    }
    return render(request, "money/request.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_page(Permission.PAYMENTS_REQUEST)
def create(request: MemberRequest) -> HttpResponse:
    is_searching = "find" in request.POST
    if is_searching:
        form = RequestForm(initial=request.POST.dict())
    else:
        form = RequestForm(request.POST if request.method == "POST" else None)
    form.offer_customers(request.organization_id)
    if request.method == "POST" and not is_searching:
        row = form.submit(lambda values: _create(request, values))
        if row is not None:
            messages.success(request, "La demande est ouverte. Donnez son lien à votre client.")
            return redirect("request", request_id=row.id)
    return show_form(request, "money/request_form.html", form)


@require_POST
@member_page(Permission.PAYMENTS_REQUEST)
def close(request: MemberRequest, request_id: UUID) -> HttpResponse:
    row = request_by_id(organization_id=request.organization_id, request_id=request_id)
    if not _is_about_nothing(row):
        raise Invalid(reason="cette demande suit son devis ou sa facture")
    close_request(
        organization_id=request.organization_id,
        actor=request.actor,
        request_id=request_id,
        reason="closed_by_member",
        now=business_now(),
    )
    messages.success(request, "La demande est fermée : son lien ne permet plus de payer.")
    return redirect("request", request_id=request_id)


def _is_about_nothing(row: PaymentRequest) -> bool:
    """Tell whether a request follows no quote nor invoice, which would ask for it again."""
    return row.reference_kind in {"", FIRST_PAYMENT}


def _create(request: MemberRequest, values: dict[str, Any]) -> PaymentRequest:
    customer_id = values["customer"]
    if customer_id is not None:
        customer_by_id(organization_id=request.organization_id, customer_id=customer_id)
    draft = RequestDraft(
        amount=values["amount"],
        description=values["description"],
        # Money asked before any invoice is an advance; from nobody in particular, it waits.
        credit_account=Account.DEPOSITS_RECEIVED if customer_id else Account.TO_ALLOCATE,
        counterparty_id=customer_id,
        due_date=values["due_date"],
    )
    return create_request(
        organization_id=request.organization_id,
        actor=request.actor,
        draft=draft,
        now=business_now(),
    )
