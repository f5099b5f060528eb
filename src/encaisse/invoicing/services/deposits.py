"""Deposits: the invoice of one received, and asking again for one that went back."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Sum

from encaisse.invoicing.core.amounts import Line, Totals, part_of, totals_of
from encaisse.invoicing.core.states import DocumentKind, InvoiceState
from encaisse.invoicing.events import InvoiceReopened
from encaisse.invoicing.models import Invoice
from encaisse.invoicing.posting import (
    post_deposit_owed_again,
    post_deposit_vat,
    post_vat_of_lost_deposit,
)
from encaisse.invoicing.services.documents import Content, freeze, read_lines
from encaisse.invoicing.services.invoices import (
    announce,
    ask_for,
    credit_locked,
    final_taking_off,
    lock_quote,
    new_invoice,
)
from encaisse.kernel.actor import SYSTEM
from encaisse.kernel.money import Money
from encaisse.kernel.sentences import Sentence
from encaisse.kit.clock import paris_date
from encaisse.kit.events import publish
from encaisse.payments.core import DisputeState, RefundState
from encaisse.payments.models import Dispute, Refund


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """A part of a payment that went back, and all that went back of it so far, this included."""

    amount_minor: int
    so_far_minor: int
    source: str
    on: date


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
    label = Sentence.DEPOSIT_LINE.about(quote.document.number) if quote.document else "Acompte"
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


def give_deposit_back(deposit: Invoice, returned: Return, *, now: datetime) -> None:
    """
    Follow a deposit that went back, in whole or in part.

    In whole, it no longer justifies its invoice: a credit note cancels it. Whatever went back is
    owed again to the final invoice that took the deposit off.
    """
    gross = deposit.gross_minor
    known = returned.so_far_minor - returned.amount_minor
    is_gone = returned.so_far_minor >= gross
    if is_gone:
        credit_locked(deposit, now)
    final = final_taking_off(deposit)
    owed_again = min(returned.amount_minor, gross - known)
    if final is None or owed_again <= 0:
        return
    _owe_again(final, Money(owed_again), source=returned.source, on=returned.on, now=now)
    if is_gone:
        post_vat_of_lost_deposit(
            invoice=final,
            snapshot=final.document.read(),
            deposit_number=deposit.number,
            source=returned.source,
            on=returned.on,
            now=now,
        )


def ask_again_what_went_back(*, organization_id: UUID, invoice_id: UUID, now: datetime) -> None:
    """Have a final invoice just issued ask for the part of its deposits that went back before."""
    invoice = (
        Invoice.objects.select_for_update(of=("self",))
        .select_related("document")
        .get(organization_id=organization_id, id=invoice_id)
    )
    taken_off = Invoice.objects.filter(
        organization_id=organization_id,
        number__in=[earlier.number for earlier in invoice.document.read().earlier],
        kind=DocumentKind.DEPOSIT,
    )
    back = sum(
        min(returned_of(organization_id, deposit.intent_id), deposit.gross_minor)
        for deposit in taken_off
        if deposit.intent_id is not None
    )
    if back:
        source = f"invoice:{invoice.id}"
        _owe_again(invoice, Money(back), source=source, on=invoice.issued_on, now=now)


def returned_of(organization_id: UUID, intent_id: UUID) -> int:
    """Add up what really went back: neither a refund under way nor a dispute still open."""
    about = {"organization_id": organization_id, "intent_id": intent_id}
    refunds = Refund.objects.filter(**about, state=RefundState.SUCCEEDED)
    disputes = Dispute.objects.filter(**about, state=DisputeState.LOST)
    return sum(
        rows.aggregate(total=Sum("amount_minor"))["total"] or 0 for rows in (refunds, disputes)
    )


def _owe_again(invoice: Invoice, amount: Money, *, source: str, on: date, now: datetime) -> None:
    """
    Have an invoice ask once more for a deposit it took off: the money went back.

    The document stays as it was issued; what it asks grows, behind a payment link of its own.
    """
    invoice.to_pay_minor += amount.minor
    was_paid = invoice.state == InvoiceState.PAID
    invoice.state, invoice.paid_at = InvoiceState.ISSUED, None
    invoice.save(update_fields=["to_pay_minor", "state", "paid_at"])
    post_deposit_owed_again(
        invoice=invoice,
        snapshot=invoice.document.read(),
        amount=amount,
        source=source,
        on=on,
        now=now,
    )
    description = Sentence.DEPOSIT_AGAIN.about(invoice.number)
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
