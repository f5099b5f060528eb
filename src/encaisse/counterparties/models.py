from django.db import models

from encaisse.kit.crypto import Place
from encaisse.kit.models import TenantRecord
from encaisse.ledger.core import Auxiliary


class Counterparty(TenantRecord):
    """A customer of the firm. `code` is their auxiliary account in the books."""

    code = models.CharField(max_length=12)
    name = models.CharField(max_length=120)
    search_key = models.CharField(max_length=240)
    is_professional = models.BooleanField()
    siren = models.CharField(max_length=9, blank=True)
    email = models.EmailField(max_length=254, blank=True)
    phone_sealed = models.BinaryField(null=True)
    street = models.CharField(max_length=120, blank=True)
    postal_code = models.CharField(max_length=10, blank=True)
    city = models.CharField(max_length=60, blank=True)
    country = models.CharField(max_length=2, default="FR")
    # What they read: said by the firm, or chosen by themselves on their page.
    language = models.CharField(
        max_length=2, choices=[("fr", "Français"), ("en", "English")], default="fr"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "code"], name="counterparty_code_once"
            ),
            models.CheckConstraint(
                condition=models.Q(language__in=["fr", "en"]), name="counterparty_language_known"
            ),
        ]
        indexes = [
            models.Index(fields=["organization_id", "search_key"], name="counterparty_by_name")
        ]

    @property
    def auxiliary(self) -> Auxiliary:
        return Auxiliary(code=self.code, name=self.name)

    def place(self, column: str) -> Place:
        return Place("counterparties_counterparty", column, self.id, self.organization_id)


class CounterpartyCounter(TenantRecord):
    """The last customer code given; locked while a customer takes the next."""

    last_number = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization_id"], name="counterparty_counter_once")
        ]
