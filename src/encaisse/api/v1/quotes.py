"""Quotes: create one already sent, read them, invoice an accepted one."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from encaisse.api.answers import ASKS_FOR_A_KEY, once
from encaisse.api.auth import Scope, caller_of
from encaisse.api.schemas import (
    LARGEST_PAGE,
    AmountOut,
    ListOut,
    Problem,
    ShortText,
    Strict,
    page_of,
)
from encaisse.api.v1.invoices import InvoiceOut
from encaisse.api.v1.invoices import present as present_invoice
from encaisse.api.v1.lines import LineIn, LineOut, VatOut, lines_of, vat_of
from encaisse.invoicing import queries
from encaisse.invoicing.core.states import AgreementPlace
from encaisse.invoicing.models import Quote
from encaisse.invoicing.services import invoices as invoice_services
from encaisse.invoicing.services import quotes as services
from encaisse.kernel.money import Money
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Permission

router = Router()


class QuoteIn(Strict):
    customer_id: UUID
    subject: ShortText
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=200)]
    valid_until: date
    deposit_percent: Annotated[int, Field(ge=0, le=100, strict=True)] = 0
    agreement_place: Literal["distance", "home", "urgent_home", "premises"] = "distance"


class InvoiceQuoteIn(Strict):
    due_on: date
    supply_on: date | None = None


class QuoteOut(Schema):
    id: UUID
    number: str | None
    state: str
    customer_id: UUID
    subject: str
    lines: list[LineOut]
    vat: list[VatOut]
    total: AmountOut | None
    deposit: AmountOut | None
    document_sha256: str | None
    valid_until: date
    payable_from: date | None
    withdrawal_until: date | None
    url: str | None
    created_at: datetime


def present(row: Quote) -> QuoteOut:
    snapshot = row.document.read() if row.document else None
    token = services.quote_token(row)
    return QuoteOut(
        id=row.id,
        number=snapshot.number if snapshot else None,
        state=row.state,
        customer_id=row.customer_id,
        subject=row.subject,
        lines=lines_of(snapshot) if snapshot else [],
        vat=vat_of(snapshot) if snapshot else [],
        total=AmountOut.of(Money(snapshot.gross_minor)) if snapshot else None,
        deposit=AmountOut.of(Money(snapshot.deposit_minor)) if snapshot else None,
        document_sha256=row.document.sha256 if row.document else None,
        valid_until=row.valid_until,
        payable_from=row.payable_from,
        withdrawal_until=row.withdrawal_until,
        url=f"{settings.PUBLIC_URL}/q/{token}" if token else None,
        created_at=row.created_at,
    )


@router.get("", auth=Scope(Permission.QUOTES_READ), response={200: ListOut[QuoteOut], 400: Problem})
def list_quotes(
    request: HttpRequest,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 20,
) -> ListOut[QuoteOut]:
    organization_id = caller_of(request).organization_id
    with acting_for(organization_id):
        rows = queries.quotes(organization_id=organization_id)
        return page_of(rows, cursor=cursor, limit=limit, present=present)


@router.get(
    "/{quote_id}", auth=Scope(Permission.QUOTES_READ), response={200: QuoteOut, 404: Problem}
)
def get_quote(request: HttpRequest, quote_id: UUID) -> QuoteOut:
    organization_id = caller_of(request).organization_id
    with acting_for(organization_id):
        return present(queries.quote(organization_id=organization_id, quote_id=quote_id))


@router.post(
    "",
    auth=Scope(Permission.QUOTES_WRITE),
    response={201: QuoteOut, 404: Problem, 409: Problem, 422: Problem},
    openapi_extra=ASKS_FOR_A_KEY,
)
def create_quote(request: HttpRequest, body: QuoteIn) -> HttpResponse:
    """Draft a quote and send it: it takes its number and its private link."""
    return once(request, lambda: _create(request, body))


@router.post(
    "/{quote_id}/invoice",
    auth=Scope(Permission.INVOICES_ISSUE),
    response={201: InvoiceOut, 404: Problem, 409: Problem, 422: Problem},
    openapi_extra=ASKS_FOR_A_KEY,
)
def invoice_quote(request: HttpRequest, quote_id: UUID, body: InvoiceQuoteIn) -> HttpResponse:
    """Issue the invoice of an accepted quote, its deposits taken off."""
    caller = caller_of(request)
    return once(
        request,
        lambda: present_invoice(
            invoice_services.invoice_quote(
                organization_id=caller.organization_id,
                actor=caller.actor,
                quote_id=quote_id,
                due_on=body.due_on,
                supply_on=body.supply_on,
                now=business_now(),
            )
        ),
    )


def _create(request: HttpRequest, body: QuoteIn) -> QuoteOut:
    caller, now = caller_of(request), business_now()
    draft = services.draft_quote(
        organization_id=caller.organization_id,
        actor=caller.actor,
        draft=services.QuoteDraft(
            customer_id=body.customer_id,
            subject=body.subject,
            lines=tuple(line.line() for line in body.lines),
            valid_until=body.valid_until,
            deposit_basis_points=body.deposit_percent * 100,
            agreement_place=AgreementPlace(body.agreement_place),
        ),
        now=now,
    )
    return present(
        services.send_quote(
            organization_id=caller.organization_id,
            actor=caller.actor,
            quote_id=draft.id,
            now=now,
        )
    )
