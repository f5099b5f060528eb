"""Reading quotes and invoices."""

from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from encaisse.invoicing.core.amounts import VatRate
from encaisse.invoicing.core.states import InvoiceState
from encaisse.invoicing.models import Invoice, Quote
from encaisse.kernel.errors import NotFound
from encaisse.organizations.queries import profile


def offered_rates(*, organization_id: UUID) -> tuple[VatRate, ...]:
    """Return the rates a firm may charge, highest first: none but zero under the franchise."""
    if profile(organization_id=organization_id).is_vat_franchise:
        return (VatRate.ZERO,)
    return tuple(sorted(VatRate, reverse=True))


def quotes(*, organization_id: UUID) -> QuerySet[Quote]:
    """Return every quote, newest first."""
    return (
        Quote.objects.filter(organization_id=organization_id)
        .select_related("customer", "document")
        .order_by("-created_at", "-id")
    )


def quote(*, organization_id: UUID, quote_id: UUID) -> Quote:
    """:raises NotFound: no such quote here"""
    try:
        return quotes(organization_id=organization_id).get(id=quote_id)
    except Quote.DoesNotExist as error:
        raise NotFound from error


def invoices(*, organization_id: UUID) -> QuerySet[Invoice]:
    """Return every invoice and credit note, newest first."""
    return (
        Invoice.objects.filter(organization_id=organization_id)
        .select_related("customer", "document", "quote", "cancels")
        .order_by("-issued_on", "-id")
    )


def invoice(*, organization_id: UUID, invoice_id: UUID) -> Invoice:
    """:raises NotFound: no such invoice here"""
    try:
        return invoices(organization_id=organization_id).get(id=invoice_id)
    except Invoice.DoesNotExist as error:
        raise NotFound from error


def open_invoices(*, organization_id: UUID, due_before: date) -> QuerySet[Invoice]:
    """Return issued, unpaid invoices due before the date, oldest first."""
    return (
        invoices(organization_id=organization_id)
        .filter(state=InvoiceState.ISSUED, due_on__lt=due_before)
        .exclude(kind="credit_note")
        .order_by("due_on", "id")
    )
