"""Deposits: the invoice of one received, and asking again for one that went back."""

from datetime import date, datetime
from uuid import UUID

from encaisse.invoicing.core.amounts import Line, Totals, part_of, totals_of
from encaisse.invoicing.core.states import DocumentKind, InvoiceState
from encaisse.invoicing.events import InvoiceReopened
from encaisse.invoicing.models import Invoice
from encaisse.invoicing.posting import post_deposit_owed_again, post_deposit_vat
from encaisse.invoicing.services.documents import Content, freeze, read_lines
from encaisse.invoicing.services.invoices import announce, ask_for, lock_quote, new_invoice
from encaisse.kernel.actor import SYSTEM
from encaisse.kernel.money import Money
from encaisse.kit.clock import paris_date
from encaisse.kit.events import publish


def issue_deposit_invoice(
    *, organization_id: UUID, quote_id: UUID, intent_id: UUID, amount: Money, now: datetime
) -> Invoice:
    """Issue the invoice of a deposit received (386), in the transaction that records it."""
    quote = lock_quote(organization_id, quote_id)
    known = Invoice.objects.filter(organization_id=organization_id, intent_id=intent_id).first()
    if known is not None:
        return known
    totals = part_of(totals_of(read_lines(quote.lines)), amount)
    today = paris_date(now)
    label = f"Acompte sur devis {quote.document.number}" if quote.document else "Acompte"
    document = freeze(
        organization_id=organization_id,
        content=Content(
            kind="deposit",
            customer=quote.customer,
            subject=quote.subject,
            lines=_lines(label, totals),
            totals=totals,
            issued_on=today,
            due_on=today,
            to_pay=Money(0),
        ),
        now=now,
    )
    invoice = new_invoice(
        document, kind=DocumentKind.DEPOSIT, customer=quote.customer, quote=quote, now=now
    )
    invoice.intent_id = intent_id
    invoice.state, invoice.paid_at = InvoiceState.PAID, now
    invoice.save(force_insert=True)
    post_deposit_vat(invoice=invoice, snapshot=document.read(), now=now)
    announce(invoice, SYSTEM, now)
    return invoice


def ask_deposit_again(deposit: Invoice, *, source: str, on: date, now: datetime) -> None:
    """
    Have the final invoice that took a deposit off ask for it once more: the money went back.

    The document stays as it was issued; what it asks grows, behind a payment link of its own.
    """
    if deposit.quote_id is None:
        return
    invoice = (
        Invoice.objects.select_for_update(of=("self",))
        .select_related("document")
        .filter(
            organization_id=deposit.organization_id,
            quote_id=deposit.quote_id,
            kind=DocumentKind.FINAL,
        )
        .exclude(state=InvoiceState.CREDITED)
        .first()
    )
    if invoice is None:
        return
    amount, snapshot = Money(deposit.gross_minor), invoice.document.read()
    if deposit.number not in {earlier.number for earlier in snapshot.earlier}:
        return
    invoice.to_pay_minor += amount.minor
    was_paid = invoice.state == InvoiceState.PAID
    invoice.state, invoice.paid_at = InvoiceState.ISSUED, None
    invoice.save(update_fields=["to_pay_minor", "state", "paid_at"])
    post_deposit_owed_again(
        invoice=invoice, snapshot=snapshot, amount=amount, source=source, on=on, now=now
    )
    description = f"Acompte à régler de nouveau, facture {invoice.number}"
    ask_for(invoice, amount, description, SYSTEM, now)
    if was_paid:
        publish(InvoiceReopened(organization_id=invoice.organization_id, invoice_id=invoice.id))


def _lines(label: str, totals: Totals) -> tuple[Line, ...]:
    return tuple(
        Line(
            label=label,
            quantity_thousandths=1000,
            unit="forfait",
            unit_price=group.base,
            rate=group.rate,
        )
        for group in totals.groups
    )
