"""What money received or returned changes in invoices, in the transaction that records it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from encaisse.invoicing.core.states import DocumentKind, InvoiceState
from encaisse.invoicing.events import InvoiceIssued, InvoicePaid, InvoiceReopened
from encaisse.invoicing.models import Invoice
from encaisse.invoicing.posting import post_vat_on_receipt
from encaisse.invoicing.services.deposits import (
    Return,
    ask_again_what_went_back,
    give_deposit_back,
    issue_deposit_invoice,
    returned_of,
)
from encaisse.kernel.money import Currency, Money
from encaisse.kit.clock import business_now
from encaisse.kit.events import publish
from encaisse.kit.gathering import gathered
from encaisse.payments.events import PaymentCaptured, PaymentReversed, RefundSucceeded

_Invoices = Mapping[UUID, Invoice]


@gathered()
def on_captured(events: Sequence[PaymentCaptured]) -> None:
    """Issue the deposit's invoice, or count the money on the invoice it pays."""
    now, invoices = business_now(), _lock_invoices(events)
    for event in events:
        _on_captured(event, invoices, now)


def _on_captured(event: PaymentCaptured, invoices: _Invoices, now: datetime) -> None:
    amount = Money(event.amount_minor, Currency(event.currency))
    if event.reference_kind == "quote" and event.reference_id is not None:
        issue_deposit_invoice(
            organization_id=event.organization_id,
            quote_id=event.reference_id,
            intent_id=event.intent_id,
            amount=amount,
            now=now,
        )
    if event.reference_kind == "invoice" and event.reference_id is not None:
        _count(
            invoices[event.reference_id],
            amount,
            source=f"payment:{event.intent_id}",
            on=event.occurred_on,
            now=now,
        )


@gathered()
def on_returned(events: Sequence[RefundSucceeded | PaymentReversed]) -> None:
    """Take returned money off again: `paid` is reversible."""
    now, invoices = business_now(), _lock_invoices(events)
    for event in events:
        _on_returned(event, invoices, now)


@gathered()
def on_issued(events: Sequence[InvoiceIssued]) -> None:
    """Ask for the part of a deposit that went back before the final invoice took it off."""
    now = business_now()
    for event in events:
        if event.kind == DocumentKind.FINAL:
            ask_again_what_went_back(
                organization_id=event.organization_id, invoice_id=event.invoice_id, now=now
            )


def _on_returned(
    event: RefundSucceeded | PaymentReversed, invoices: _Invoices, now: datetime
) -> None:
    amount = Money(event.amount_minor, Currency(event.currency))
    if event.reference_kind == "quote" and event.reference_id is not None:
        _return_deposit(event, now)
    if event.reference_kind == "invoice" and event.reference_id is not None:
        _count(
            invoices[event.reference_id],
            -amount,
            source=_source_of(event),
            on=event.occurred_on,
            now=now,
        )


def _count(invoice: Invoice, amount: Money, *, source: str, on: date, now: datetime) -> None:
    before = Money(invoice.paid_minor)
    # A payer may be refunded and win a dispute too: an invoice only gives back what it received.
    invoice.paid_minor = max(0, invoice.paid_minor + amount.minor)
    if invoice.state != InvoiceState.CREDITED:
        # The VAT of a credited one was undone by the credit note; only its money still moves.
        _settle(invoice, before, source=source, on=on, now=now)
    invoice.save(update_fields=["paid_minor", "state", "paid_at"])


def _settle(invoice: Invoice, before: Money, *, source: str, on: date, now: datetime) -> None:
    post_vat_on_receipt(
        invoice=invoice,
        snapshot=invoice.document.read(),
        before=before,
        source=source,
        on=on,
        now=now,
    )
    is_paid = not invoice.outstanding
    if is_paid and invoice.state == InvoiceState.ISSUED:
        invoice.state, invoice.paid_at = InvoiceState.PAID, now
        publish(InvoicePaid(organization_id=invoice.organization_id, invoice_id=invoice.id))
    if not is_paid and invoice.state == InvoiceState.PAID:
        invoice.state, invoice.paid_at = InvoiceState.ISSUED, None
        publish(InvoiceReopened(organization_id=invoice.organization_id, invoice_id=invoice.id))


def _return_deposit(event: RefundSucceeded | PaymentReversed, now: datetime) -> None:
    deposit = (
        Invoice.objects.select_for_update(of=("self",))
        .select_related("document", "customer", "quote")
        .filter(
            organization_id=event.organization_id,
            intent_id=event.intent_id,
            kind=DocumentKind.DEPOSIT,
        )
        .first()
    )
    if deposit is None or deposit.state == InvoiceState.CREDITED:
        return
    returned = Return(
        amount_minor=event.amount_minor,
        so_far_minor=returned_of(event.organization_id, event.intent_id),
        source=_source_of(event),
        on=event.occurred_on,
    )
    give_deposit_back(deposit, returned, now=now)


def _source_of(event: RefundSucceeded | PaymentReversed) -> str:
    if isinstance(event, RefundSucceeded):
        return f"refund:{event.refund_id}"
    return f"dispute:{event.dispute_id}"


def _lock_invoices(
    events: Sequence[PaymentCaptured | RefundSucceeded | PaymentReversed],
) -> _Invoices:
    """Lock the invoices that events are about, in one order; each is read once for the batch."""
    ids = {
        event.reference_id
        for event in events
        if event.reference_kind == "invoice" and event.reference_id is not None
    }
    if not ids:
        return {}
    rows = (
        Invoice.objects.select_for_update(of=("self",))
        .select_related("document")
        .filter(organization_id=events[0].organization_id, id__in=ids)
        .order_by("id")
    )
    return {invoice.id: invoice for invoice in rows}
