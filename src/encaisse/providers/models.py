from django.db import models

from encaisse.kernel.money import Currency
from encaisse.kit.crypto import Place
from encaisse.kit.models import TenantForeignKey, TenantRecord


class ConnectionState(models.TextChoices):
    ACTIVE = "active"
    DISCONNECTED = "disconnected"
    # Waits for a signature: used for nothing yet.
    PROPOSED = "proposed"


class Connection(TenantRecord):
    """A firm's link to a provider. Its keys are sealed; its proofs are dated."""

    provider = models.CharField(max_length=20)
    state = models.CharField(max_length=12, choices=ConnectionState, default=ConnectionState.ACTIVE)
    account_id = models.CharField(max_length=80)
    display_name = models.CharField(max_length=80)
    checkout_host = models.CharField(max_length=120)
    currency = models.CharField(max_length=3, default=Currency.EUR)
    credentials_sealed = models.BinaryField()
    webhook_endpoint_id = models.CharField(max_length=80, blank=True)
    webhook_secret_sealed = models.BinaryField(null=True)
    webhook_tested_at = models.DateTimeField(null=True)
    pci_attested_on = models.DateField(null=True)
    pci_expires_on = models.DateField(null=True)
    pci_certificate_url = models.URLField(max_length=300, blank=True)
    swept_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "provider"],
                condition=models.Q(state=ConnectionState.ACTIVE),
                name="connection_one_active_per_provider",
            )
        ]

    def place(self, column: str) -> Place:
        return Place("providers_connection", column, self.id, self.organization_id)


class InboundEvent(TenantRecord):
    """A webhook as it arrived, sealed and never changed."""

    connection = TenantForeignKey(Connection, related_name="+")
    external_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=60)
    object_kind = models.CharField(max_length=12)
    object_id = models.CharField(max_length=80)
    body_sealed = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "connection", "external_id"], name="inbound_event_once"
            )
        ]
        indexes = [
            models.Index(fields=["organization_id", "object_id"], name="inbound_event_by_object")
        ]


class PendingEvent(TenantRecord):
    """An inbound event not yet processed with success: the row goes when it is."""

    event = TenantForeignKey(InboundEvent, related_name="+")
    connection = TenantForeignKey(Connection, related_name="+")
    tries = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization_id", "event"], name="pending_event_once")
        ]
