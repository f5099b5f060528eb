"""Refunds: money given back the way it came."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

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
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Permission
from encaisse.payments import queries
from encaisse.payments.models import Refund
from encaisse.payments.services import refunds as services

router = Router()


class RefundIn(Strict):
    payment_id: UUID
    amount: Amount
    reason: ShortText = ""


class RefundOut(Schema):
    id: UUID
    payment_id: UUID
    amount: AmountOut
    state: str
    reason: str
    created_at: datetime


def present(row: Refund) -> RefundOut:
    return RefundOut(
        id=row.id,
        payment_id=row.intent_id,
        amount=AmountOut.of(row.amount),
        state=row.state,
        reason=row.reason,
        created_at=row.created_at,
    )


@router.get(
    "", auth=Scope(Permission.PAYMENTS_READ), response={200: ListOut[RefundOut], 400: Problem}
)
def list_refunds(
    request: HttpRequest,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 20,
) -> ListOut[RefundOut]:
    organization_id = caller_of(request).organization_id
    with acting_for(organization_id):
        rows = queries.refunds(organization_id=organization_id)
        return page_of(rows, cursor=cursor, limit=limit, present=present)


@router.get(
    "/{refund_id}", auth=Scope(Permission.PAYMENTS_READ), response={200: RefundOut, 404: Problem}
)
def get_refund(request: HttpRequest, refund_id: UUID) -> RefundOut:
    organization_id = caller_of(request).organization_id
    with acting_for(organization_id):
        return present(queries.refund(organization_id=organization_id, refund_id=refund_id))


@router.post(
    "",
    auth=Scope(Permission.PAYMENTS_REFUND),
    response={201: RefundOut, 404: Problem, 409: Problem, 422: Problem},
    openapi_extra=ASKS_FOR_A_KEY,
)
def create_refund(request: HttpRequest, body: RefundIn) -> HttpResponse:
    """Reserve the amount and queue the refund; its state tells when the provider has done it."""
    caller = caller_of(request)
    return once(
        request,
        lambda: present(
            services.request_refund(
                organization_id=caller.organization_id,
                actor=caller.actor,
                intent_id=body.payment_id,
                amount=body.amount.money(),
                reason=body.reason,
                now=business_now(),
            )
        ),
    )
