"""Payment requests: money asked for behind a link."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from encaisse.api.answers import ASKS_FOR_A_KEY, once
from encaisse.api.auth import Scope, caller_of
from encaisse.api.schemas import (
    LARGEST_PAGE,
    Amount,
    AmountOut,
    ListOut,
    Problem,
    ShortText,
    Strict,
    page_of,
)
from encaisse.counterparties.queries import customer
from encaisse.kernel.money import Currency, Money
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.ledger.core import Account
from encaisse.organizations.core import Permission
from encaisse.payments import queries
from encaisse.payments.models import PaymentRequest
from encaisse.payments.services import requests as services

router = Router()


class PaymentRequestIn(Strict):
    amount: Amount
    description: ShortText
    customer_id: UUID | None = None
    due_on: date | None = None


class PaymentRequestOut(Schema):
    id: UUID
    state: str
    amount: AmountOut
    received: AmountOut
    description: str
    customer_id: UUID | None
    reference_kind: str
    reference_id: UUID | None
    creditor_reference: str
    not_before: date | None
    due_on: date | None
    url: str
    created_at: datetime


def present(row: PaymentRequest) -> PaymentRequestOut:
    return PaymentRequestOut(
        id=row.id,
        state=row.state,
        amount=AmountOut.of(row.amount),
        received=AmountOut.of(Money(row.received_minor, Currency(row.currency))),
        description=row.description,
        customer_id=row.counterparty_id,
        reference_kind=row.reference_kind,
        reference_id=row.reference_id,
        creditor_reference=row.creditor_reference,
        not_before=row.not_before_date,
        due_on=row.due_date,
        url=f"{settings.PUBLIC_URL}/p/{services.link_token(row)}",
        created_at=row.created_at,
    )


@router.get(
    "",
    auth=Scope(Permission.PAYMENTS_READ),
    response={200: ListOut[PaymentRequestOut], 400: Problem},
)
def list_payment_requests(
    request: HttpRequest,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 20,
) -> ListOut[PaymentRequestOut]:
    organization_id = caller_of(request).organization_id
    with acting_for(organization_id):
        rows = queries.requests(organization_id=organization_id)
        return page_of(rows, cursor=cursor, limit=limit, present=present)


@router.get(
    "/{request_id}",
    auth=Scope(Permission.PAYMENTS_READ),
    response={200: PaymentRequestOut, 404: Problem},
)
def get_payment_request(request: HttpRequest, request_id: UUID) -> PaymentRequestOut:
    organization_id = caller_of(request).organization_id
    with acting_for(organization_id):
        return present(queries.request(organization_id=organization_id, request_id=request_id))


@router.post(
    "",
    auth=Scope(Permission.PAYMENTS_REQUEST),
    response={201: PaymentRequestOut, 404: Problem, 409: Problem, 422: Problem},
    openapi_extra=ASKS_FOR_A_KEY,
)
def create_payment_request(request: HttpRequest, body: PaymentRequestIn) -> HttpResponse:
    """Ask for money; what is received is an advance of the customer until it is invoiced."""
    return once(request, lambda: _create(request, body))


@router.post(
    "/{request_id}/close",
    auth=Scope(Permission.PAYMENTS_REQUEST),
    response={200: PaymentRequestOut, 404: Problem, 409: Problem},
    openapi_extra=ASKS_FOR_A_KEY,
)
def close_payment_request(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Close every way of paying this request."""
    caller = caller_of(request)
    organization_id = caller.organization_id

    def close() -> PaymentRequestOut:
        queries.request(organization_id=organization_id, request_id=request_id)
        services.close_request(
            organization_id=organization_id,
            actor=caller.actor,
            request_id=request_id,
            reason="canceled",
            now=business_now(),
        )
        return present(queries.request(organization_id=organization_id, request_id=request_id))

    return once(request, close, status=200)


def _create(request: HttpRequest, body: PaymentRequestIn) -> PaymentRequestOut:
    caller = caller_of(request)
    if body.customer_id is not None:
        customer(organization_id=caller.organization_id, customer_id=body.customer_id)
    row = services.create_request(
        organization_id=caller.organization_id,
        actor=caller.actor,
        draft=services.RequestDraft(
            amount=body.amount.money(),
            description=body.description,
            # Without an invoice it is an advance; without a customer nobody's account fits.
            credit_account=Account.DEPOSITS_RECEIVED if body.customer_id else Account.TO_ALLOCATE,
            counterparty_id=body.customer_id,
            due_date=body.due_on,
        ),
        now=business_now(),
    )
    return present(row)
