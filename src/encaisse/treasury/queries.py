"""Reading the treasury, and proving that no money is missing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from encaisse.kernel.errors import NotFound
from encaisse.kernel.money import Currency, Money
from encaisse.kit.clock import paris_date
from encaisse.kit.crypto import unseal
from encaisse.payments.core import IntentState, Method
from encaisse.payments.models import PaymentAttempt, PaymentIntent, Payout, PayoutLine
from encaisse.treasury.errors import NoCollectingAccount
from encaisse.treasury.models import (
    BankAccount,
    BankTransaction,
    Match,
    MatchKind,
    UnmatchedTransaction,
)

# A captured card is settled the next day, a payout arrives the same day, an instant transfer in
# ten seconds; weekends and bank holidays may add three days.
_SETTLEMENT_DELAY = timedelta(days=4)
# A person works through the oldest first; the report says when there are more.
LARGEST_REPORT = 200


@dataclass(frozen=True, slots=True)
class CollectingAccount:
    """Where customers pay: the IBAN with the holder's name exactly as the bank has it."""

    iban: str = field(repr=False)
    holder_name: str
    masked: str
    bank_name: str


@dataclass(frozen=True, slots=True)
class Gap:
    """An amount that one of the three sides has and another has not, with its age."""

    kind: str
    target_id: UUID
    amount: Money
    age_days: int


@dataclass(frozen=True, slots=True)
class ThreeWayReport:
    """Provider ↔ ledger ↔ bank: what should have arrived, and what arrived unexplained."""

    missing: Sequence[Gap]
    unexplained: Sequence[Gap]

    @property
    def is_clean(self) -> bool:
        return not self.missing and not self.unexplained

    @property
    def is_cut(self) -> bool:
        """Whether there may be more gaps than those listed."""
        return max(len(self.missing), len(self.unexplained)) >= LARGEST_REPORT


def bank_accounts(*, organization_id: UUID) -> QuerySet[BankAccount]:
    return BankAccount.objects.filter(organization_id=organization_id).order_by("created_at")


def bank_account(*, organization_id: UUID, account_id: UUID) -> BankAccount:
    """:raises NotFound: no such account here"""
    row = bank_accounts(organization_id=organization_id).filter(id=account_id).first()
    if row is None:
        raise NotFound
    return row


def collecting_account(*, organization_id: UUID) -> CollectingAccount:
    """:raises NoCollectingAccount: the firm has not declared one"""
    row = bank_accounts(organization_id=organization_id).filter(is_collecting=True).first()
    if row is None:
        raise NoCollectingAccount
    return CollectingAccount(
        iban=unseal(row.iban_sealed, row.place("iban")),
        holder_name=unseal(row.holder_sealed, row.place("holder")),
        masked=row.iban_masked,
        bank_name=row.bank_name,
    )


def bank_transactions(*, organization_id: UUID) -> QuerySet[BankTransaction]:
    """Return the bank's lines, newest first."""
    return (
        BankTransaction.objects.filter(organization_id=organization_id)
        .select_related("account")
        .order_by("-booked_on", "-id")
    )


def matches(*, organization_id: UUID) -> QuerySet[Match]:
    return Match.objects.filter(organization_id=organization_id)


def unmatched(*, organization_id: UUID) -> QuerySet[UnmatchedTransaction]:
    """Return the bank lines nothing explains yet, oldest first."""
    return (
        UnmatchedTransaction.objects.filter(organization_id=organization_id)
        .select_related("transaction")
        .order_by("transaction__booked_on", "id")
    )


def three_way(*, organization_id: UUID, now: datetime) -> ThreeWayReport:
    """
    Compare what providers owe, what the ledger says and what the bank shows, oldest gaps first.

    At most `LARGEST_REPORT` gaps of each kind are listed.

    Debits that no provider caused are the firm's own spending: they are not part of the proof.
    """
    late = now - _SETTLEMENT_DELAY
    return ThreeWayReport(
        missing=[
            *_unpaid_captures(organization_id, late, now),
            *_absent_transfers(organization_id, late, now),
            *_absent_payouts(organization_id, late, now),
        ],
        unexplained=_unexplained(organization_id, now),
    )


def _unpaid_captures(organization_id: UUID, late: datetime, now: datetime) -> list[Gap]:
    """Card payments captured long ago that no payout holds."""
    paid_out = PayoutLine.objects.filter(
        organization_id=organization_id, kind="payment", provider_payment_id=OuterRef("provider_id")
    )
    attempts = PaymentAttempt.objects.select_related("intent").filter(
        ~Exists(paid_out),
        organization_id=organization_id,
        intent__state=IntentState.CAPTURED,
        intent__method=Method.CARD,
        intent__captured_at__lt=late,
        state="captured",
    )
    return [
        Gap("capture_not_paid_out", row.intent_id, row.intent.amount, _age(row.intent, now))
        for row in attempts.order_by("intent__captured_at")[:LARGEST_REPORT]
    ]


def _absent_transfers(organization_id: UUID, late: datetime, now: datetime) -> list[Gap]:
    """Initiated transfers that succeeded but that the bank does not show."""
    seen = Match.objects.filter(
        organization_id=organization_id,
        kind=MatchKind.INITIATED_TRANSFER,
        target_id=OuterRef("id"),
    )
    intents = PaymentIntent.objects.filter(
        ~Exists(seen),
        organization_id=organization_id,
        state=IntentState.CAPTURED,
        method=Method.INSTANT_TRANSFER,
        captured_at__lt=late,
    )
    return [
        Gap("transfer_not_at_bank", row.id, row.amount, _age(row, now))
        for row in intents.order_by("captured_at")[:LARGEST_REPORT]
    ]


def _absent_payouts(organization_id: UUID, late: datetime, now: datetime) -> list[Gap]:
    """Payouts announced that the bank does not show."""
    rows = Payout.objects.filter(
        organization_id=organization_id, matched_at__isnull=True, paid_at__lt=late
    ).exclude(net_minor=0)
    late_ones = rows.order_by("paid_at")[:LARGEST_REPORT]
    return [
        Gap(
            "payout_not_at_bank",
            row.id,
            Money(row.net_minor, Currency(row.currency)),
            (now - row.paid_at).days,
        )
        for row in late_ones
    ]


def _unexplained(organization_id: UUID, now: datetime) -> list[Gap]:
    today = paris_date(now)
    return [
        Gap(
            "bank_line_unexplained",
            row.transaction_id,
            row.transaction.amount,
            (today - row.transaction.booked_on).days,
        )
        for row in unmatched(organization_id=organization_id).filter(
            transaction__amount_minor__gt=0
        )[:LARGEST_REPORT]
    ]


def _age(intent: PaymentIntent, now: datetime) -> int:
    return (now - intent.captured_at).days if intent.captured_at else 0
