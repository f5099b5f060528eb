from django.db import models

from encaisse.kernel.money import Currency, Money
from encaisse.kit.crypto import Place
from encaisse.kit.models import TenantForeignKey, TenantRecord
from encaisse.kit.sealed import sealed_text


class BankAccount(TenantRecord):
    """An account of the firm. Its IBAN, names and holder are sealed; the mask is shown."""

    label_sealed = models.BinaryField(null=True)
    iban_sealed = models.BinaryField()
    iban_index = models.BinaryField()
    iban_masked = models.CharField(max_length=20)
    holder_sealed = models.BinaryField()
    bank_name_sealed = models.BinaryField(null=True)
    currency = models.CharField(max_length=3, default=Currency.EUR)
    is_collecting = models.BooleanField(default=False)
    synced_until = models.DateField(null=True)
    label = sealed_text("label")
    bank_name = sealed_text("bank_name")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "iban_index"], name="bank_account_once"
            ),
            models.UniqueConstraint(
                fields=["organization_id"],
                condition=models.Q(is_collecting=True),
                name="bank_account_one_collecting",
            ),
        ]

    def place(self, column: str) -> Place:
        return Place("treasury_bankaccount", column, self.id, self.organization_id)


class BankStatement(TenantRecord):
    """A statement imported, and the file it came from."""

    account = TenantForeignKey(BankAccount, related_name="+")
    file_id = models.UUIDField()
    statement_id = models.CharField(max_length=70)
    first_day = models.DateField()
    last_day = models.DateField()
    opening_minor = models.BigIntegerField()
    closing_minor = models.BigIntegerField()
    new_lines = models.PositiveIntegerField()


class BankTransaction(TenantRecord):
    """A line of the bank, written once whatever file it comes in, and never changed."""

    account = TenantForeignKey(BankAccount, related_name="+")
    statement = TenantForeignKey(BankStatement, related_name="+")
    booked_on = models.DateField()
    value_on = models.DateField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    bank_reference = models.CharField(max_length=60, blank=True)
    end_to_end_id = models.CharField(max_length=35, blank=True)
    details_sealed = models.BinaryField()
    bank_code = models.CharField(max_length=20, blank=True)
    fingerprint = models.CharField(max_length=64)
    occurrence = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "account", "fingerprint", "occurrence"],
                name="bank_transaction_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["organization_id", "-booked_on", "id"], name="bank_transaction_by_date"
            )
        ]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, Currency(self.currency))

    def place(self, column: str) -> Place:
        return Place("treasury_banktransaction", column, self.id, self.organization_id)


class BankTransactionTwin(TenantRecord):
    """The same line as another kind of file showed it, with or without the bank's reference."""

    transaction = TenantForeignKey(BankTransaction, related_name="+")
    account = TenantForeignKey(BankAccount, related_name="+")
    fingerprint = models.CharField(max_length=64)
    occurrence = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "transaction"], name="bank_twin_one_per_transaction"
            ),
            models.UniqueConstraint(
                fields=["organization_id", "account", "fingerprint", "occurrence"],
                name="bank_twin_once",
            ),
        ]


class UnmatchedTransaction(TenantRecord):
    """A bank line that still waits for its explanation; the row goes when it is matched."""

    transaction = TenantForeignKey(BankTransaction, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "transaction"], name="unmatched_transaction_once"
            )
        ]


class MatchKind(models.TextChoices):
    PAYOUT = "payout"
    INITIATED_TRANSFER = "initiated_transfer"
    TRANSFER = "transfer"
    TO_ALLOCATE = "to_allocate"
    REFUND = "refund"


class Match(TenantRecord):
    """What explains a bank line, and why we think so."""

    transaction = TenantForeignKey(BankTransaction, related_name="+")
    kind = models.CharField(max_length=20, choices=MatchKind)
    target_id = models.UUIDField()
    reason = models.CharField(max_length=160)
    is_automatic = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "transaction"], name="match_one_per_transaction"
            ),
            models.UniqueConstraint(
                fields=["organization_id", "kind", "target_id"], name="match_one_per_target"
            ),
        ]
