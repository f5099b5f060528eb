"""Reading the journal: balances from running totals, entries for the accountant."""

from uuid import UUID

from django.db.models import F, QuerySet, Sum

from encaisse.kernel.money import Currency, Money
from encaisse.ledger.models import AccountTotal, JournalEntry


def balance(*, organization_id: UUID, account_prefix: str) -> Money:
    """Return debit − credit, in euros, over the accounts that start with the prefix."""
    total = AccountTotal.objects.filter(
        organization_id=organization_id,
        account__startswith=account_prefix,
        currency=Currency.EUR,
    ).aggregate(balance=Sum(F("debit_minor") - F("credit_minor")))
    return Money(int(total["balance"] or 0), Currency.EUR)


def journal(*, organization_id: UUID) -> QuerySet[JournalEntry]:
    """Return every entry with its lines, in the order of posting."""
    return (
        JournalEntry.objects.filter(organization_id=organization_id)
        .prefetch_related("lines")
        .order_by("validated_at", "id")
    )
