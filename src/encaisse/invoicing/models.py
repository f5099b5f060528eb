from django.db import models
from django.db.models import Q

from encaisse.counterparties.models import Counterparty
from encaisse.invoicing.core.snapshot import Snapshot, snapshot_from
from encaisse.invoicing.core.states import (
    AgreementPlace,
    DocumentKind,
    InvoiceState,
    QuoteState,
)
from encaisse.kernel.money import Money
from encaisse.kit.crypto import Place
from encaisse.kit.models import TenantForeignKey, TenantRecord
from encaisse.kit.sealed import sealed_json


class Document(TenantRecord):
    """What was said, for good: the snapshot and its hash. Never changed, never deleted."""

    kind = models.CharField(max_length=12)
    number = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64)
    snapshot_sealed = models.BinaryField()
    snapshot = sealed_json("snapshot")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "number"], name="document_number_once"
            )
        ]

    def place(self, column: str) -> Place:
        return Place("invoicing_document", column, self.id, self.organization_id)

    def read(self) -> Snapshot:
        return snapshot_from(self.snapshot)


class DocumentFile(TenantRecord):
    """The PDF made from a document in one language: made again only if it is thrown away."""

    document = TenantForeignKey(Document, related_name="+")
    language = models.CharField(max_length=2, default="fr", db_default="fr")
    file_id = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "document", "language"],
                name="document_file_once_each",
            )
        ]


class NumberCounter(TenantRecord):
    """The last number of a series in a year; locked while a document takes the next."""

    series = models.CharField(max_length=4)
    year = models.PositiveSmallIntegerField()
    last_number = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "series", "year"], name="number_counter_once"
            )
        ]


class Quote(TenantRecord):
    """A devis: drafted, frozen when sent, answered once by its private link."""

    customer = TenantForeignKey(Counterparty, related_name="+")
    state = models.CharField(max_length=10, choices=[(s, s) for s in QuoteState])
    subject = models.CharField(max_length=140)
    lines_sealed = models.BinaryField()
    lines = sealed_json("lines")
    deposit_basis_points = models.PositiveSmallIntegerField(default=0)
    agreement_place = models.CharField(max_length=12, choices=[(p, p) for p in AgreementPlace])
    valid_until = models.DateField()
    document = TenantForeignKey(Document, related_name="+", null=True)
    token_sealed = models.BinaryField(null=True)
    sent_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answer_sealed = models.BinaryField(null=True)
    accepted_sha256 = models.CharField(max_length=64, blank=True)
    payable_from = models.DateField(null=True)
    withdrawal_until = models.DateField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(deposit_basis_points__lte=10_000), name="quote_deposit_within_total"
            )
        ]
        indexes = [models.Index(fields=["organization_id", "-created_at"], name="quote_by_date")]

    def place(self, column: str) -> Place:
        return Place("invoicing_quote", column, self.id, self.organization_id)


class Invoice(TenantRecord):
    """The life of an issued invoice or credit note; what it says is its document."""

    kind = models.CharField(max_length=12, choices=[(k, k) for k in DocumentKind])
    number = models.CharField(max_length=20)
    document = TenantForeignKey(Document, related_name="+")
    customer = TenantForeignKey(Counterparty, related_name="+")
    quote = TenantForeignKey(Quote, related_name="invoices", null=True)
    cancels = TenantForeignKey("self", related_name="+", null=True)
    intent_id = models.UUIDField(null=True)
    state = models.CharField(max_length=10, choices=[(s, s) for s in InvoiceState])
    issued_on = models.DateField()
    due_on = models.DateField()
    supply_on = models.DateField(null=True)
    gross_minor = models.BigIntegerField()
    to_pay_minor = models.BigIntegerField()
    paid_minor = models.BigIntegerField(default=0)
    paid_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "number"], name="invoice_number_once"
            ),
            models.CheckConstraint(
                condition=Q(gross_minor__gt=0) & Q(to_pay_minor__gte=0) & Q(paid_minor__gte=0),
                name="invoice_amounts_sane",
            ),
            models.UniqueConstraint(
                fields=["organization_id", "cancels"], name="invoice_credited_once"
            ),
            models.UniqueConstraint(
                fields=["organization_id", "intent_id"], name="deposit_invoice_once_per_payment"
            ),
        ]
        indexes = [
            models.Index(fields=["organization_id", "-issued_on", "id"], name="invoice_by_date"),
            models.Index(
                fields=["organization_id", "due_on"],
                condition=Q(state=InvoiceState.ISSUED),
                name="invoice_open_by_due_date",
            ),
        ]

    @property
    def outstanding(self) -> Money:
        return Money(self.to_pay_minor - self.paid_minor)
