"""Issuing invoices and cancelling them by credit notes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from encaisse.audit import services as audit
from encaisse.counterparties.models import Counterparty
from encaisse.counterparties.queries import customer as customer_by_id
from encaisse.invoicing.core.amounts import Line, totals_of
from encaisse.invoicing.core.snapshot import totals_from
from encaisse.invoicing.core.states import DocumentKind, InvoiceState, QuoteState
from encaisse.invoicing.errors import (
    DepositTakenOff,
    InvoiceAlreadyCredited,
    QuoteNotInvoiceable,
)
from encaisse.invoicing.events import InvoiceIssued, InvoicePaid
from encaisse.invoicing.models import Document, Invoice, Quote
from encaisse.invoicing.posting import (
    post_credit_note,
    post_final,
)
from encaisse.invoicing.services.documents import (
    Content,
    checked_lines,
    earlier_of,
    freeze,
    read_lines,
)
from encaisse.kernel.actor import SYSTEM, Actor
from encaisse.kernel.errors import Invalid, NotFound
from encaisse.kernel.money import Money
from encaisse.kernel.sentences import Sentence
from encaisse.kernel.text import required_text
from encaisse.kit.clock import paris_date
from encaisse.kit.events import publish
from encaisse.kit.gathering import gathered
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for
from encaisse.ledger.core import Account
from encaisse.payments.services.requests import (
    RequestDraft,
    close_requests,
    create_request,
    lock_requests,
    record_closings,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDraft:
    """What is to be invoiced without a quote."""

    customer_id: UUID
    subject: str
    lines: tuple[Line, ...]
    due_on: date
    supply_on: date | None = None


def invoice_quote(
    *,
    organization_id: UUID,
    actor: Actor,
    quote_id: UUID,
    due_on: date,
    supply_on: date | None,
    now: datetime,
) -> Invoice:
    """
    Issue the invoice of an accepted quote, its deposits taken off, with its payment link.

    :raises NotFound: no such quote here
    :raises QuoteNotInvoiceable: not accepted, or invoiced already
    :raises Invalid: the due date is before today
    """
    with acting_for(organization_id):
        requests = lock_requests(
            organization_id=organization_id, reference_kind="quote", reference_id=quote_id
        )
        quote = lock_quote(organization_id, quote_id)
        if quote.state != QuoteState.ACCEPTED:
            raise QuoteNotInvoiceable
        # The deposit's link closes with the job: what remains is asked by the invoice's own.
        closed = close_requests(requests, reason="invoiced")
        invoice = _issue(
            organization_id=organization_id,
            actor=actor,
            customer=quote.customer,
            subject=quote.subject,
            lines=read_lines(quote.lines),
            deposits=_deposits_of(quote),
            due_on=due_on,
            supply_on=supply_on,
            quote=quote,
            now=now,
        )
        quote.state = QuoteState.INVOICED
        quote.save(update_fields=["state"])
        record_closings(closed, actor=actor, now=now)
    return invoice


def issue_invoice(
    *, organization_id: UUID, actor: Actor, draft: InvoiceDraft, now: datetime
) -> Invoice:
    """
    Issue an invoice without a quote, with its payment link.

    :raises NotFound: no such customer here
    :raises DocumentWithoutLines: no line
    :raises DocumentAmountInvalid: the total is not positive, or absurd
    :raises Invalid: a text is missing or too long, or the due date is before today
    """
    lines = checked_lines(draft.lines)
    with acting_for(organization_id):
        return _issue(
            organization_id=organization_id,
            actor=actor,
            customer=customer_by_id(organization_id=organization_id, customer_id=draft.customer_id),
            subject=required_text(draft.subject, largest=140, field="Objet"),
            lines=lines,
            deposits=[],
            due_on=draft.due_on,
            supply_on=draft.supply_on,
            quote=None,
            now=now,
        )


def credit_invoice(
    *, organization_id: UUID, actor: Actor, invoice_id: UUID, now: datetime
) -> Invoice:
    """
    Cancel an invoice by a credit note. Its link, QR and open checkout close with it.

    :raises NotFound: no such invoice here
    :raises InvoiceAlreadyCredited: it is cancelled already, or is itself a credit note
    :raises DepositTakenOff: it is a deposit that a final invoice in force took off
    """
    with acting_for(organization_id), gathered():
        requests = lock_requests(
            organization_id=organization_id, reference_kind="invoice", reference_id=invoice_id
        )
        try:
            invoice = (
                Invoice.objects.select_for_update(of=("self",))
                .select_related("document", "customer", "quote")
                .get(organization_id=organization_id, id=invoice_id)
            )
        except Invoice.DoesNotExist as error:
            raise NotFound from error
        if invoice.state == InvoiceState.CREDITED or invoice.kind == DocumentKind.CREDIT_NOTE:
            raise InvoiceAlreadyCredited
        _refuse_taken_off(invoice)
        closed = close_requests(requests, reason="credited")
        credit_note = credit_locked(invoice, now, actor=actor)
        record_closings(closed, actor=actor, now=now)
    return credit_note


def credit_locked(invoice: Invoice, now: datetime, *, actor: Actor = SYSTEM) -> Invoice:
    """Cancel an invoice the caller has locked."""
    snapshot = invoice.document.read()
    document = freeze(
        organization_id=invoice.organization_id,
        content=Content(
            kind="credit_note",
            customer=invoice.customer,
            subject=Sentence.CANCELS.about(invoice.number),
            lines=read_lines(invoice.document.snapshot["lines"]),
            totals=totals_from(snapshot.vat),
            issued_on=paris_date(now),
            earlier=(earlier_of(invoice),),
            to_pay=Money(0),
        ),
        now=now,
    )
    credit_note = new_invoice(
        document,
        kind=DocumentKind.CREDIT_NOTE,
        customer=invoice.customer,
        quote=invoice.quote,
        now=now,
    )
    credit_note.cancels = invoice
    credit_note.save(force_insert=True)
    post_credit_note(credit_note=credit_note, cancelled=invoice, snapshot=snapshot, now=now)
    invoice.state = InvoiceState.CREDITED
    invoice.save(update_fields=["state"])
    _free_quote(invoice)
    announce(credit_note, actor, now)
    return credit_note


@gathered()
def _issue(
    *,
    organization_id: UUID,
    actor: Actor,
    customer: Counterparty,
    subject: str,
    lines: tuple[Line, ...],
    deposits: Sequence[Invoice],
    due_on: date,
    supply_on: date | None,
    quote: Quote | None,
    now: datetime,
) -> Invoice:
    totals = totals_of(lines)
    today = paris_date(now)
    if not today <= due_on <= today.replace(year=today.year + 1, day=1):
        raise Invalid(reason="l’échéance doit être entre aujourd’hui et un an")
    paid = Money.total(Money(deposit.gross_minor) for deposit in deposits)
    document = freeze(
        organization_id=organization_id,
        content=Content(
            kind="final",
            customer=customer,
            subject=subject,
            lines=lines,
            totals=totals,
            issued_on=today,
            due_on=due_on,
            supply_on=supply_on or today,
            earlier=tuple(earlier_of(deposit) for deposit in deposits),
            to_pay=totals.gross - paid,
        ),
        now=now,
    )
    invoice = new_invoice(
        document, kind=DocumentKind.FINAL, customer=customer, quote=quote, now=now
    )
    if not invoice.to_pay_minor:
        invoice.state, invoice.paid_at = InvoiceState.PAID, now
    invoice.save(force_insert=True)
    post_final(invoice=invoice, snapshot=document.read(), now=now)
    _ask_for_payment(invoice, actor, now)
    announce(invoice, actor, now)
    return invoice


def new_invoice(
    document: Document,
    *,
    kind: DocumentKind,
    customer: Counterparty,
    quote: Quote | None,
    now: datetime,
) -> Invoice:
    """Build the row of an issued document, not saved yet."""
    snapshot = document.read()
    issued_on = date.fromisoformat(snapshot.issued_on)
    return Invoice(
        id=new_id(),
        organization_id=document.organization_id,
        kind=kind,
        number=document.number,
        document=document,
        customer=customer,
        quote=quote,
        state=InvoiceState.ISSUED,
        issued_on=issued_on,
        due_on=date.fromisoformat(snapshot.due_on) if snapshot.due_on else issued_on,
        supply_on=date.fromisoformat(snapshot.supply_on) if snapshot.supply_on else None,
        gross_minor=snapshot.gross_minor,
        to_pay_minor=snapshot.to_pay_minor,
        created_at=now,
    )


def _ask_for_payment(invoice: Invoice, actor: Actor, now: datetime) -> None:
    if not invoice.to_pay_minor:
        publish(InvoicePaid(organization_id=invoice.organization_id, invoice_id=invoice.id))
        return
    amount = Money(invoice.to_pay_minor)
    ask_for(invoice, amount, Sentence.INVOICE.about(invoice.number), actor, now)


def ask_for(invoice: Invoice, amount: Money, description: str, actor: Actor, now: datetime) -> None:
    create_request(
        organization_id=invoice.organization_id,
        actor=actor,
        draft=RequestDraft(
            amount=amount,
            description=description,
            credit_account=Account.CUSTOMERS,
            reference_kind="invoice",
            reference_id=invoice.id,
            counterparty_id=invoice.customer_id,
            due_date=invoice.due_on,
        ),
        now=now,
    )


def announce(invoice: Invoice, actor: Actor, now: datetime) -> None:
    publish(
        InvoiceIssued(
            organization_id=invoice.organization_id, invoice_id=invoice.id, kind=invoice.kind
        )
    )
    audit.record(
        organization_id=invoice.organization_id,
        actor=actor,
        action=f"invoice:{invoice.kind}:issued",
        target=f"invoice:{invoice.id}",
        facts={"number": invoice.number, "sha256": invoice.document.sha256},
        now=now,
    )


def lock_quote(organization_id: UUID, quote_id: UUID) -> Quote:
    try:
        return (
            Quote.objects.select_for_update(of=("self",))
            .select_related("customer", "document")
            .get(organization_id=organization_id, id=quote_id)
        )
    except Quote.DoesNotExist as error:
        raise NotFound from error


def _deposits_of(quote: Quote) -> list[Invoice]:
    """Return the deposit invoices that a final invoice takes off, oldest first."""
    return list(
        Invoice.objects.select_related("document")
        .filter(
            organization_id=quote.organization_id,
            quote_id=quote.id,
            kind=DocumentKind.DEPOSIT,
            state=InvoiceState.PAID,
        )
        .order_by("created_at")
    )


def final_taking_off(deposit: Invoice) -> Invoice | None:
    """Lock the final invoice in force that took a deposit off, if there is one."""
    if deposit.kind != DocumentKind.DEPOSIT or deposit.quote_id is None:
        return None
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
        return None
    taken_off = {earlier.number for earlier in invoice.document.read().earlier}
    return invoice if deposit.number in taken_off else None


def _refuse_taken_off(deposit: Invoice) -> None:
    final = final_taking_off(deposit)
    if final is not None:
        raise DepositTakenOff(number=final.number)


def _free_quote(invoice: Invoice) -> None:
    """Let the job be invoiced again, rightly this time."""
    if invoice.kind == DocumentKind.FINAL and invoice.quote_id is not None:
        Quote.objects.filter(
            organization_id=invoice.organization_id,
            id=invoice.quote_id,
            state=QuoteState.INVOICED,
        ).update(state=QuoteState.ACCEPTED)
