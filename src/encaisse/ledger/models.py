from django.db import models
from django.db.models import Q

from encaisse.kit.models import TenantForeignKey, TenantRecord
from encaisse.ledger.core import Account, Journal, Side


class JournalEntry(TenantRecord):
    """
    One balanced movement. Rows are only ever added; a mistake is corrected by a reversal.

    The columns are those of the FEC (LPF art. A47 A-1), present from the first row because an
    append-only journal can never be given them later.
    """

    journal = models.CharField(max_length=2, choices=[(code, code) for code in Journal])
    fiscal_year = models.PositiveSmallIntegerField()
    number = models.PositiveBigIntegerField()
    entry_date = models.DateField()
    piece_reference = models.CharField(max_length=60)
    piece_date = models.DateField()
    label = models.CharField(max_length=160)
    validated_at = models.DateTimeField()
    source = models.CharField(max_length=80, help_text="What caused it, as 'refund:<id>'.")
    reason = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "source", "reason"], name="journal_entry_posted_once"
            ),
            models.UniqueConstraint(
                fields=["organization_id", "journal", "fiscal_year", "number"],
                name="journal_entry_numbered_once",
            ),
            models.CheckConstraint(
                condition=~Q(piece_reference="") & ~Q(label=""), name="journal_entry_justified"
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization_id", "entry_date", "id"], name="journal_entry_by_date"
            )
        ]


class JournalLine(TenantRecord):
    """One side of an entry."""

    entry = TenantForeignKey(JournalEntry, related_name="lines", db_index=False)
    position = models.PositiveSmallIntegerField()
    account = models.CharField(max_length=12, choices=[(code, code) for code in Account])
    side = models.CharField(max_length=6, choices=[(side, side) for side in Side])
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    auxiliary_code = models.CharField(max_length=20, blank=True)
    auxiliary_name = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="line_amount_positive"),
            models.CheckConstraint(condition=Q(side__in=["debit", "credit"]), name="line_has_side"),
            models.UniqueConstraint(
                fields=["organization_id", "entry", "position"], name="line_position_once"
            ),
        ]


class EntryCounter(TenantRecord):
    """The last number given in a journal and fiscal year; locked while an entry takes the next."""

    journal = models.CharField(max_length=2)
    fiscal_year = models.PositiveSmallIntegerField()
    last_number = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "journal", "fiscal_year"], name="entry_counter_once"
            )
        ]


class AccountTotal(TenantRecord):
    """Running totals of an account in a month: pages read these, never the history."""

    account = models.CharField(max_length=12)
    month = models.DateField()
    currency = models.CharField(max_length=3)
    debit_minor = models.BigIntegerField()
    credit_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "account", "month", "currency"],
                name="account_total_once",
            )
        ]
