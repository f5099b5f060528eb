"""What a bank line means in the books."""

from datetime import datetime

from encaisse.kernel.money import Currency, Money
from encaisse.ledger.core import Account, Entry, Journal, Voucher, credit, debit, entry_of
from encaisse.ledger.services import Posting, post_entry
from encaisse.payments.models import PaymentIntent, Payout, Refund
from encaisse.treasury.models import BankTransaction


def post_payout(*, payout: Payout, transaction: BankTransaction, now: datetime) -> None:
    """D 512 net, D 627 fees / C 511 gross: what was being collected has arrived."""
    currency = Currency(payout.currency)
    entry = entry_of(
        "paid_out",
        debit(Account.BANK, Money(payout.net_minor, currency)),
        debit(Account.BANK_FEES, Money(payout.fee_minor, currency)),
        credit(Account.COLLECTING, Money(payout.gross_minor, currency)),
    )
    label = f"Versement {payout.bank_reference}"
    _post(transaction, entry, f"payout:{payout.id}", payout.bank_reference, label, now)


def post_initiated_transfer(
    *, intent: PaymentIntent, transaction: BankTransaction, now: datetime
) -> None:
    """D 512 / C 511: the initiated transfer is on the account."""
    entry = entry_of(
        "arrived",
        debit(Account.BANK, intent.amount),
        credit(Account.COLLECTING, intent.amount),
    )
    source, piece = f"payment:{intent.id}", f"VIR-{str(intent.id)[-12:]}"
    _post(transaction, entry, source, piece, "Virement instantané reçu", now)


def post_refund_debit(*, refund: Refund, transaction: BankTransaction, now: datetime) -> None:
    """D 511 / C 512: the refund left the account."""
    entry = entry_of(
        "left",
        debit(Account.COLLECTING, refund.amount),
        credit(Account.BANK, refund.amount),
    )
    source, piece = f"refund:{refund.id}", refund.provider_id
    _post(transaction, entry, source, piece, "Remboursement par virement", now)


def _post(
    transaction: BankTransaction, entry: Entry, source: str, piece: str, label: str, now: datetime
) -> None:
    voucher = Voucher(
        journal=Journal.BANK,
        entry_date=transaction.booked_on,
        piece_reference=piece,
        piece_date=transaction.booked_on,
        label=label,
    )
    posting = Posting(entry=entry, voucher=voucher, source=source)
    post_entry(organization_id=transaction.organization_id, posting=posting, now=now)
