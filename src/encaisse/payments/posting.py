"""Which entries money movements make. The asker named the account to credit; we know 511."""

from datetime import datetime
from uuid import UUID

from encaisse.counterparties.models import Counterparty
from encaisse.kernel.money import Money
from encaisse.kit.clock import paris_date
from encaisse.ledger.core import (
    Account,
    Auxiliary,
    Entry,
    Journal,
    Voucher,
    credit,
    debit,
    entry_of,
)
from encaisse.ledger.services import Posting, post_entry
from encaisse.payments.models import Dispute, PaymentIntent, Refund

# Accounts kept per customer: their lines carry the customer's auxiliary code.
_PER_CUSTOMER = {Account.CUSTOMERS, Account.DOUBTFUL_CUSTOMERS, Account.DEPOSITS_RECEIVED}


def post_capture(
    *, intent: PaymentIntent, source: str, piece: str, occurred_at: datetime, now: datetime
) -> None:
    """D 511 / C the account the asker named (or 471 when nobody waits for the money)."""
    account = Account(intent.credited_account)
    entry = entry_of(
        "captured",
        debit(Account.COLLECTING, intent.amount),
        credit(account, intent.amount, auxiliary_of(intent, account)),
    )
    _post(intent.organization_id, entry, source, piece, "Paiement reçu", occurred_at, now)


def post_refund(*, refund: Refund, now: datetime) -> None:
    """Reverse of the capture for the refunded part: D the credited account / C 511."""
    intent = refund.intent
    account = Account(intent.credited_account)
    entry = entry_of(
        "refunded",
        debit(account, refund.amount, auxiliary_of(intent, account)),
        credit(Account.COLLECTING, refund.amount),
    )
    source = f"refund:{refund.id}"
    piece = refund.provider_id or str(refund.id)
    _post(intent.organization_id, entry, source, piece, "Remboursement", now, now)


def post_dispute(*, dispute: Dispute, reason: str, now: datetime) -> None:
    """
    Follow a contested amount.

    opened: the provider withholds it, D 416 / C 511; won: it comes back, the reverse; lost: the
    customer owes it again, D the credited account / C 416.
    """
    intent = dispute.intent
    amount = Money(dispute.amount_minor, intent.amount.currency)
    credited = Account(intent.credited_account)
    doubtful = auxiliary_of(intent, Account.DOUBTFUL_CUSTOMERS)
    opened = entry_of(
        "opened",
        debit(Account.DOUBTFUL_CUSTOMERS, amount, doubtful),
        credit(Account.COLLECTING, amount),
    )
    lost = entry_of(
        "lost",
        debit(credited, amount, auxiliary_of(intent, credited)),
        credit(Account.DOUBTFUL_CUSTOMERS, amount, doubtful),
    )
    entry = {"opened": opened, "won": opened.reversed(reason="won"), "lost": lost}[reason]
    source = f"dispute:{dispute.id}"
    _post(intent.organization_id, entry, source, dispute.provider_id, "Contestation", now, now)


def auxiliary_of(intent: PaymentIntent, account: Account) -> Auxiliary | None:
    """Return whose line it is, on accounts that are kept per customer."""
    request = intent.request
    if account not in _PER_CUSTOMER or request is None or request.counterparty_id is None:
        return None
    counterparty: Counterparty = request.counterparty
    return counterparty.auxiliary


def _post(
    organization_id: UUID,
    entry: Entry,
    source: str,
    piece: str,
    label: str,
    occurred_at: datetime,
    now: datetime,
) -> None:
    day = paris_date(occurred_at)
    voucher = Voucher(
        journal=Journal.COLLECTING,
        entry_date=day,
        piece_reference=piece,
        piece_date=day,
        label=f"{label} {piece}",
    )
    posting = Posting(entry=entry, voucher=voucher, source=source)
    post_entry(organization_id=organization_id, posting=posting, now=now)
