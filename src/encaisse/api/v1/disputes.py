"""Contested payments: what a bank withholds, why, and until when it may be answered."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema

from encaisse.api.auth import Scope, caller_of
from encaisse.api.schemas import LARGEST_PAGE, AmountOut, ListOut, Problem, page_of
from encaisse.kernel.money import Currency, Money
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Permission
from encaisse.payments import queries
from encaisse.payments.models import Dispute

router = Router()


class DisputeOut(Schema):
    """`reason` is the provider's own word; `evidence_due_at` is the last moment to answer."""

    id: UUID
    payment_id: UUID
    provider_id: str
    state: str
    reason: str
    amount: AmountOut
    evidence_due_at: datetime | None
    closed_at: datetime | None
    created_at: datetime


def present(row: Dispute) -> DisputeOut:
    return DisputeOut(
        id=row.id,
        payment_id=row.intent_id,
        provider_id=row.provider_id,
        state=row.state,
        reason=row.reason,
        amount=AmountOut.of(Money(row.amount_minor, Currency(row.currency))),
        evidence_due_at=row.evidence_due_at,
        closed_at=row.closed_at,
        created_at=row.created_at,
    )


@router.get(
    "", auth=Scope(Permission.PAYMENTS_READ), response={200: ListOut[DisputeOut], 400: Problem}
)
def list_disputes(
    request: HttpRequest,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 20,
) -> ListOut[DisputeOut]:
    organization_id = caller_of(request).organization_id
    with acting_for(organization_id):
        rows = queries.disputes(organization_id=organization_id)
        return page_of(rows, cursor=cursor, limit=limit, present=present)


@router.get(
    "/{dispute_id}", auth=Scope(Permission.PAYMENTS_READ), response={200: DisputeOut, 404: Problem}
)
def get_dispute(request: HttpRequest, dispute_id: UUID) -> DisputeOut:
    organization_id = caller_of(request).organization_id
    with acting_for(organization_id):
        return present(
            queries.dispute_by_id(organization_id=organization_id, dispute_id=dispute_id)
        )
