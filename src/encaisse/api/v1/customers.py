"""Customers."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field, StringConstraints

from encaisse.api.auth import Scope, caller_of
from encaisse.api.schemas import LARGEST_PAGE, ListOut, Problem, Strict, page_of
from encaisse.counterparties import queries, services
from encaisse.counterparties.models import Counterparty
from encaisse.counterparties.services import CustomerDraft
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Permission

router = Router()
_Text = Annotated[str, StringConstraints(max_length=254)]


class CustomerIn(Strict):
    name: _Text
    is_professional: bool = False
    siren: _Text = ""
    email: _Text = ""
    phone: _Text = ""
    street: _Text = ""
    postal_code: _Text = ""
    city: _Text = ""
    language: Literal["fr", "en"] | None = Field(
        default=None, description="Of the messages they get; unchanged when left out."
    )


class CustomerOut(Schema):
    id: UUID
    code: str
    name: str
    is_professional: bool
    siren: str
    email: str
    phone: str
    street: str
    postal_code: str
    city: str
    language: str
    created_at: datetime


def present(row: Counterparty) -> CustomerOut:
    return CustomerOut(
        id=row.id,
        code=row.code,
        name=row.name,
        is_professional=row.is_professional,
        siren=row.siren,
        email=row.email,
        phone=queries.phone_of(row),
        street=row.street,
        postal_code=row.postal_code,
        city=row.city,
        language=row.language,
        created_at=row.created_at,
    )


@router.get(
    "", auth=Scope(Permission.CUSTOMERS_READ), response={200: ListOut[CustomerOut], 400: Problem}
)
def list_customers(
    request: HttpRequest,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 20,
    name: Annotated[str, Field(max_length=120)] = "",
) -> ListOut[CustomerOut]:
    organization_id = caller_of(request).organization_id
    with acting_for(organization_id):
        rows = queries.customers(organization_id=organization_id, text=name)
        return page_of(rows, cursor=cursor, limit=limit, present=present)


@router.get(
    "/{customer_id}",
    auth=Scope(Permission.CUSTOMERS_READ),
    response={200: CustomerOut, 404: Problem},
)
def get_customer(request: HttpRequest, customer_id: UUID) -> CustomerOut:
    organization_id = caller_of(request).organization_id
    with acting_for(organization_id):
        return present(queries.customer(organization_id=organization_id, customer_id=customer_id))


@router.post("", auth=Scope(Permission.CUSTOMERS_WRITE), response={201: CustomerOut, 422: Problem})
def create_customer(request: HttpRequest, body: CustomerIn) -> Status[CustomerOut]:
    caller = caller_of(request)
    row = services.create_customer(
        organization_id=caller.organization_id,
        actor=caller.actor,
        draft=CustomerDraft(**body.model_dump()),
        now=business_now(),
    )
    return Status(201, present(row))
