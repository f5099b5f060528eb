"""Which entries documents make, and the VAT that receipts make due."""

from datetime import date, datetime

from encaisse.invoicing.core.amounts import VatGroup, vat_received
from encaisse.invoicing.core.snapshot import Snapshot, totals_from
from encaisse.invoicing.core.states import InvoiceState
from encaisse.invoicing.models import Invoice
from encaisse.kernel.money import Money
from encaisse.ledger.core import (
    Account,
    Auxiliary,
    Entry,
    Journal,
    Line,
    Voucher,
    credit,
    debit,
    entry_of,
)
from encaisse.ledger.services import Posting, post_entry


def post_final(*, invoice: Invoice, snapshot: Snapshot, now: datetime) -> None:
    """D 411 what remains, D 4191 the deposits / C 706 net, C VAT."""
    entry = _final_entry(snapshot)
    _post(invoice, entry, f"Facture {invoice.number} {snapshot.buyer.name}", now)


def post_credit_note(
    *, credit_note: Invoice, cancelled: Invoice, snapshot: Snapshot, now: datetime
) -> None:
    """Undo the cancelled document's entry, and the VAT its receipts had made due."""
    if snapshot.kind == "deposit":
        lines = _vat_due(totals_from(snapshot.vat).groups, Money(0), Money(cancelled.gross_minor))
    else:
        received = Money(cancelled.paid_minor)
        lost = _lost_deposits(cancelled, snapshot)
        lines = _vat_due_on_final(snapshot, lost, Money(0), received)
        again = Money(cancelled.to_pay_minor - snapshot.to_pay_minor)
        lines = [*_final_entry(snapshot).lines, *_owed_again(snapshot, again), *lines]
    if not lines:  # a deposit without VAT: its money was posted when it was received
        return
    entry = entry_of("issued", lines).reversed(reason="issued")
    label = f"Avoir {credit_note.number} sur {cancelled.number}"
    _post(credit_note, entry, label, now)


def post_deposit_vat(*, invoice: Invoice, snapshot: Snapshot, now: datetime) -> None:
    """D 4458 / C 44571: VAT on a deposit is due on receipt (CGI art. 269-2)."""
    lines = _vat_due(totals_from(snapshot.vat).groups, Money(0), Money(snapshot.gross_minor))
    if lines:
        _post(invoice, entry_of("issued", lines), f"TVA sur acompte {invoice.number}", now)


def post_vat_on_receipt(
    *, invoice: Invoice, snapshot: Snapshot, before: Money, source: str, on: date, now: datetime
) -> None:
    """D 4458 / C 44571 for the VAT that passing from `before` to the present receipts makes due."""
    lost = _lost_deposits(invoice, snapshot)
    lines = _vat_due_on_final(snapshot, lost, before, Money(invoice.paid_minor))
    if lines:
        entry = entry_of("vat_due", lines)
        label = f"TVA exigible, facture {invoice.number}"
        _post(invoice, entry, label, now, source=source, on=on)


def post_deposit_owed_again(
    *, invoice: Invoice, snapshot: Snapshot, amount: Money, source: str, on: date, now: datetime
) -> None:
    """D 411 / C 4191: a deposit this invoice took off went back, and is owed once more."""
    entry = entry_of("deposit_owed", _owed_again(snapshot, amount))
    label = f"Acompte rendu, facture {invoice.number}"
    _post(invoice, entry, label, now, source=source, on=on)


def post_vat_of_lost_deposit(
    *,
    invoice: Invoice,
    snapshot: Snapshot,
    deposit_number: str,
    source: str,
    on: date,
    now: datetime,
) -> None:
    """
    D 4458 / C 44571: the credit note of a lost deposit undid its VAT.

    What was received again for a part of it, before the rest went back, makes its share due anew.
    """
    received = Money(invoice.paid_minor)
    vat = _vat_on_final(snapshot, _lost_deposits(invoice, snapshot), received)
    others = _lost_deposits(invoice, snapshot, but=deposit_number)
    lines = _vat_lines(vat - _vat_on_final(snapshot, others, received))
    if lines:
        label = f"TVA exigible, facture {invoice.number}"
        _post(invoice, entry_of("vat_due", lines), label, now, source=source, on=on)


def _owed_again(snapshot: Snapshot, amount: Money) -> list[Line]:
    auxiliary = Auxiliary(snapshot.buyer.code, snapshot.buyer.name)
    return [
        *debit(Account.CUSTOMERS, amount, auxiliary),
        *credit(Account.DEPOSITS_RECEIVED, amount, auxiliary),
    ]


def _lost_deposits(invoice: Invoice, snapshot: Snapshot, *, but: str = "") -> tuple[VatGroup, ...]:
    """Return the amounts of deposits taken off this invoice and given back whole since."""
    if invoice.to_pay_minor == snapshot.to_pay_minor:
        return ()
    lost = set(
        Invoice.objects.filter(
            organization_id=invoice.organization_id,
            number__in=[earlier.number for earlier in snapshot.earlier if earlier.number != but],
            state=InvoiceState.CREDITED,
        ).values_list("number", flat=True)
    )
    gone = [earlier for earlier in snapshot.earlier if earlier.number in lost]
    return tuple(group for earlier in gone for group in totals_from(earlier.vat).groups)


def _final_entry(snapshot: Snapshot) -> Entry:
    auxiliary = Auxiliary(snapshot.buyer.code, snapshot.buyer.name)
    deposits = Money(sum(earlier.gross_minor for earlier in snapshot.earlier))
    goods = Money.total(snapshot.goods.values())
    return entry_of(
        "issued",
        debit(Account.CUSTOMERS, Money(snapshot.to_pay_minor), auxiliary),
        debit(Account.DEPOSITS_RECEIVED, deposits, auxiliary),
        credit(Account.SERVICES, Money(snapshot.net_minor) - goods),
        credit(Account.GOODS, goods),
        _vat_credit(snapshot),
        _vat_left(snapshot),
    )


def _vat_left(snapshot: Snapshot) -> list[Line]:
    """Make due the cents that rounding left after deposits that paid all: no receipt ever will."""
    if snapshot.to_pay_minor:
        return []
    return _vat_lines(Money.total(group.vat for group in snapshot.pending))


def _vat_credit(snapshot: Snapshot) -> list[Line]:
    """What waits for the money is in 4458, deposits included: theirs became due as they came."""
    on_deposits = Money(sum(g.vat_minor for earlier in snapshot.earlier for g in earlier.vat))
    pending = on_deposits + Money.total(group.vat for group in snapshot.pending)
    return [
        *credit(Account.VAT_PENDING, pending),
        *credit(Account.VAT_COLLECTED, Money(snapshot.vat_minor) - pending),
    ]


def _vat_due_on_final(
    snapshot: Snapshot, lost: tuple[VatGroup, ...], before: Money, after: Money
) -> list[Line]:
    return _vat_lines(_vat_on_final(snapshot, lost, after) - _vat_on_final(snapshot, lost, before))


def _vat_on_final(snapshot: Snapshot, lost: tuple[VatGroup, ...], received: Money) -> Money:
    """
    Return the VAT that so much money makes due: on what was asked first, then on lost deposits.

    A part of a deposit that went back kept its VAT due: only deposits lost whole count here.
    """
    asked, whole = Money(snapshot.to_pay_minor), Money.total(group.total for group in lost)
    return _vat_on(snapshot.pending, min(received, asked)) + _vat_on(
        lost, _between(received - asked, whole)
    )


def _between(amount: Money, most: Money) -> Money:
    return min(max(amount, Money(0)), most)


def _vat_due(groups: tuple[VatGroup, ...], before: Money, after: Money) -> list[Line]:
    return _vat_lines(_vat_on(groups, after) - _vat_on(groups, before))


def _vat_on(groups: tuple[VatGroup, ...], received: Money) -> Money:
    return Money.total(vat_received(groups, received=received).values())


def _vat_lines(vat: Money) -> list[Line]:
    return [*debit(Account.VAT_PENDING, vat), *credit(Account.VAT_COLLECTED, vat)]


def _post(
    invoice: Invoice,
    entry: Entry,
    label: str,
    now: datetime,
    *,
    source: str = "",
    on: date | None = None,
) -> None:
    voucher = Voucher(
        journal=Journal.GENERAL if source else Journal.SALES,
        entry_date=on or invoice.issued_on,
        piece_reference=invoice.number,
        piece_date=invoice.issued_on,
        label=label,
    )
    posting = Posting(entry=entry, voucher=voucher, source=source or f"invoice:{invoice.id}")
    post_entry(organization_id=invoice.organization_id, posting=posting, now=now)
