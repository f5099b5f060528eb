"""Invoices and credit notes."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

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
from encaisse.api.v1.lines import LineIn, LineOut, VatOut, lines_of, vat_of
from encaisse.invoicing import queries
from encaisse.invoicing.models import Invoice
from encaisse.invoicing.services import invoices as services
from encaisse.kernel.money import Money
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Permission

router = Router()


class InvoiceIn(Strict):
    customer_id: UUID
    subject: ShortText
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=200)]
    due_on: date
    supply_on: date | None = None


class InvoiceOut(Schema):
    id: UUID
    kind: str
    number: str
    state: str
    customer_id: UUID
    quote_id: UUID | None
    cancels_id: UUID | None
    issued_on: date
    due_on: date
    lines: list[LineOut]
    vat: list[VatOut]
    total: AmountOut
    to_pay: AmountOut
    paid: AmountOut
    document_sha256: str
    created_at: datetime


def present(row: Invoice) -> InvoiceOut:
    snapshot = row.document.read()
    return InvoiceOut(
        id=row.id,
        kind=row.kind,
        number=row.number,
        state=row.state,
        customer_id=row.customer_id,
        quote_id=row.quote_id,
        cancels_id=row.cancels_id,
        issued_on=row.issued_on,
        due_on=row.due_on,
        lines=lines_of(snapshot),
        vat=vat_of(snapshot),
        total=AmountOut.of(Money(row.gross_minor)),
        to_pay=AmountOut.of(Money(row.to_pay_minor)),
        paid=AmountOut.of(Money(row.paid_minor)),
        document_sha256=row.document.sha256,
        created_at=row.created_at,
    )


@router.get(
    "", auth=Scope(Permission.INVOICES_READ), response={200: ListOut[InvoiceOut], 400: Problem}
)
def list_invoices(
    request: HttpRequest,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 20,
) -> ListOut[InvoiceOut]:
    organization_id = caller_of(request).organization_id
    with acting_for(organization_id):
        rows = queries.invoices(organization_id=organization_id)
        return page_of(rows, cursor=cursor, limit=limit, present=present)


@router.get(
    "/{invoice_id}", auth=Scope(Permission.INVOICES_READ), response={200: InvoiceOut, 404: Problem}
)
def get_invoice(request: HttpRequest, invoice_id: UUID) -> InvoiceOut:
    organization_id = caller_of(request).organization_id
    with acting_for(organization_id):
        return present(queries.invoice(organization_id=organization_id, invoice_id=invoice_id))


@router.post(
    "",
    auth=Scope(Permission.INVOICES_ISSUE),
    response={201: InvoiceOut, 404: Problem, 409: Problem, 422: Problem},
    openapi_extra=ASKS_FOR_A_KEY,
)
def issue_invoice(request: HttpRequest, body: InvoiceIn) -> HttpResponse:
    """Issue an invoice without a quote; it takes its number and its payment link."""
    caller = caller_of(request)
    draft = services.InvoiceDraft(
        customer_id=body.customer_id,
        subject=body.subject,
        lines=tuple(line.line() for line in body.lines),
        due_on=body.due_on,
        supply_on=body.supply_on,
    )
    return once(
        request,
        lambda: present(
            services.issue_invoice(
                organization_id=caller.organization_id,
                actor=caller.actor,
                draft=draft,
                now=business_now(),
            )
        ),
    )


@router.post(
    "/{invoice_id}/credit-note",
    auth=Scope(Permission.INVOICES_CREDIT),
    response={201: InvoiceOut, 404: Problem, 409: Problem},
    openapi_extra=ASKS_FOR_A_KEY,
)
def credit_invoice(request: HttpRequest, invoice_id: UUID) -> HttpResponse:
    """Cancel an invoice by a credit note; every way of paying it closes."""
    caller = caller_of(request)
    return once(
        request,
        lambda: present(
            services.credit_invoice(
                organization_id=caller.organization_id,
                actor=caller.actor,
                invoice_id=invoice_id,
                now=business_now(),
            )
        ),
    )
