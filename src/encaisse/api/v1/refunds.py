"""Refunds: money given back the way it came."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router, Schema

from encaisse.api.answers import ASKS_FOR_A_KEY, once_told
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
from encaisse.api.v1.operations import OperationOut
from encaisse.api.v1.operations import present as present_operation
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.api_keys import ApiCaller
from encaisse.organizations.at_once import do_now, must_be_signed, weighed
from encaisse.organizations.core import Permission
from encaisse.organizations.errors import OperationChanged
from encaisse.organizations.operations import ask
from encaisse.payments import queries
from encaisse.payments.models import Refund
from encaisse.payments.services.signed import refund_draft

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
    response={201: RefundOut, 202: OperationOut, 404: Problem, 409: Problem, 422: Problem},
    openapi_extra=ASKS_FOR_A_KEY,
)
def create_refund(request: HttpRequest, body: RefundIn) -> HttpResponse:
    """
    Reserve the amount and queue the refund; its state tells when the provider has done it.

    Above the firm's ceiling (of this payment, or of all that the key gave back within 24 hours),
    where it asks for two people, or where the refund astonishes (a payment that was a fraud, many
    refunds in an hour), the answer is 202: a person signs the operation first, and
    `GET /operations/{id}` tells what became of it.
    """
    caller = caller_of(request)
    return once_told(request, lambda: _refund(caller, body))


def _refund(caller: ApiCaller, body: RefundIn) -> tuple[int, Schema]:
    draft = refund_draft(
        organization_id=caller.organization_id,
        intent_id=body.payment_id,
        amount=body.amount.money(),
        reason=body.reason,
    )
    asked: dict[str, Any] = {
        "organization_id": caller.organization_id,
        "actor": caller.actor,
        "real_now": timezone.now(),
    }
    now = business_now()
    draft = weighed(**asked, draft=draft, now=now)
    if must_be_signed(**asked, draft=draft):
        return 202, present_operation(ask(**asked, draft=draft, now=now))
    try:
        refund_id = do_now(**asked, draft=draft, now=now)
    except OperationChanged:  # others of this key were done meanwhile: together they are much
        draft = weighed(**asked, draft=draft, now=now)
        return 202, present_operation(ask(**asked, draft=draft, now=now))
    return 201, present(queries.refund(organization_id=caller.organization_id, refund_id=refund_id))
