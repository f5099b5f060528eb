"""What a journey proves, read back from the books: the document that contracts pin."""

from collections import Counter
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from encaisse.invoicing.models import Invoice
from encaisse.invoicing.queries import invoices, quotes
from encaisse.kernel.money import Currency, Money
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.ledger.models import JournalEntry
from encaisse.ledger.queries import balance, journal
from encaisse.messaging.queries import mails
from encaisse.payments.core import IntentState, Method
from encaisse.payments.models import PaymentIntent, Payout, PayoutLine
from encaisse.payments.queries import payments, payouts
from encaisse.treasury.queries import Gap, bank_transactions, matches, three_way

ACCOUNTS = ("411", "4191", "511", "512", "627", "706", "4458", "44571")


class Proof:
    """One organization's books, as JSON values."""

    def __init__(self, organization_id: UUID) -> None:
        self._organization_id = organization_id

    def document(self) -> dict[str, Any]:
        with acting_for(self._organization_id):
            report = three_way(organization_id=self._organization_id, now=business_now())
            return {
                "quote": self._quote(),
                "invoices": [_invoice(row) for row in self._invoices()],
                "payments": [_payment(row) for row in self._payments()],
                "payouts": [_payout(row) for row in payouts(organization_id=self._organization_id)],
                "bank_transactions": self._bank_transactions(),
                "journal": [_entry(row) for row in journal(organization_id=self._organization_id)],
                "balances": {
                    account: money(
                        balance(organization_id=self._organization_id, account_prefix=account)
                    )
                    for account in ACCOUNTS
                },
                "three_way": {
                    "missing": [_gap(gap) for gap in report.missing],
                    "unexplained": [_gap(gap) for gap in report.unexplained],
                },
                "messages": self._messages(),
            }

    def is_all_paid_out(self) -> bool:
        """Tell whether every captured card payment stands in a payout."""
        with acting_for(self._organization_id):
            paid_out = set(
                PayoutLine.objects.filter(organization_id=self._organization_id).values_list(
                    "provider_payment_id", flat=True
                )
            )
            provider_ids = {
                attempt.provider_id
                for row in self._payments()
                if row.method == Method.CARD and row.state == IntentState.CAPTURED
                for attempt in row.attempts.all()
            }
        return provider_ids <= paid_out

    def _messages(self) -> list[dict[str, Any]]:
        """Count the mails written, by kind: one receipt per payment, whatever was repeated."""
        kinds = Counter(mail.kind for mail in mails(organization_id=self._organization_id))
        return [{"kind": kind, "count": count} for kind, count in sorted(kinds.items())]

    def _quote(self) -> dict[str, Any]:
        row = quotes(organization_id=self._organization_id)[0]
        if row.document is None:
            return {"id": str(row.id), "state": row.state}
        snapshot = row.document.read()
        return {
            "id": str(row.id),
            "number": snapshot.number,
            "state": row.state,
            "total": money(Money(snapshot.gross_minor)),
            "deposit": money(Money(snapshot.deposit_minor)),
            "document_sha256": row.document.sha256,
        }

    def _invoices(self) -> Iterable[Invoice]:
        return invoices(organization_id=self._organization_id).order_by("created_at", "id")

    def _payments(self) -> Iterable[PaymentIntent]:
        return payments(organization_id=self._organization_id).order_by("created_at", "id")

    def _bank_transactions(self) -> list[dict[str, Any]]:
        explained = {
            match.transaction_id: f"{match.kind}:{match.target_id}"
            for match in matches(organization_id=self._organization_id)
        }
        return [
            {
                "id": str(row.id),
                "amount": money(row.amount),
                "matched_to": explained.get(row.id),
            }
            for row in bank_transactions(organization_id=self._organization_id)
        ]


def money(amount: Money) -> dict[str, Any]:
    return {"amount": amount.minor, "currency": amount.currency.value}


def _invoice(row: Invoice) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "number": row.number,
        "kind": row.kind,
        "state": row.state,
        "total": money(Money(row.gross_minor)),
    }


def _payment(row: PaymentIntent) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "method": row.method,
        "state": row.state,
        "amount": money(row.amount),
        "attempts": [
            {
                "id": str(attempt.id),
                "state": attempt.state,
                "provider_id": attempt.provider_id,
                "authentication": attempt.authentication,
            }
            for attempt in row.attempts.all()
        ],
    }


def _payout(row: Payout) -> dict[str, Any]:
    currency = Currency(row.currency)
    return {
        "id": str(row.id),
        "gross": money(Money(row.gross_minor, currency)),
        "fee": money(Money(row.fee_minor, currency)),
        "net": money(Money(row.net_minor, currency)),
    }


def _entry(row: JournalEntry) -> dict[str, Any]:
    return {
        "number": row.number,
        "date": row.entry_date.isoformat(),
        "journal": row.journal,
        "source": row.source,
        "reason": row.reason,
        "lines": [
            {
                "account": line.account,
                "debit": line.amount_minor if line.side == "debit" else 0,
                "credit": line.amount_minor if line.side == "credit" else 0,
            }
            for line in sorted(row.lines.all(), key=lambda line: line.position)
        ],
    }


def _gap(gap: Gap) -> dict[str, Any]:
    return {
        "kind": gap.kind,
        "target_id": str(gap.target_id),
        "amount": money(gap.amount),
        "age_days": gap.age_days,
    }
