from django.db import models

from encaisse.kit.crypto import Place
from encaisse.kit.models import TenantForeignKey, TenantRecord
from encaisse.kit.sealed import sealed_text
from encaisse.webhooks.core import ENDPOINT_STOPPED, DeliveryState, Hears


class StoredEvent(TenantRecord):
    """Something that happened, written in the transaction that made it so. Never changed."""

    kind = models.CharField(max_length=40)
    data = models.JSONField()

    class Meta:
        indexes = [
            models.Index(fields=["organization_id", "-created_at", "-id"], name="event_by_date")
        ]


class Endpoint(TenantRecord):
    """An address of the firm that is told what happens, and the secret that signs it."""

    url_sealed = models.BinaryField(null=True)
    secret_sealed = models.BinaryField(null=True)
    hears = models.CharField(max_length=6, default=Hears.ALERTS, db_default=Hears.ALERTS.value)
    closed_at = models.DateTimeField(null=True)
    # What it refused since it last took something; both empty while it answers.
    refused_since = models.DateTimeField(null=True)
    refused_count = models.PositiveIntegerField(default=0, db_default=0)
    # Closed by itself, having taken nothing for days: kept as it is, until somebody opens it again.
    stopped_at = models.DateTimeField(null=True)
    url = sealed_text("url")
    secret = sealed_text("secret")

    @property
    def is_open(self) -> bool:
        return self.closed_at is None and self.stopped_at is None

    def place(self, column: str) -> Place:
        return Place("webhooks_endpoint", column, self.id, self.organization_id)


class Delivery(TenantRecord):
    """One message to one endpoint: sent until it is taken, under one identifier."""

    endpoint = TenantForeignKey(Endpoint, related_name="+")
    message_id = models.UUIDField()
    kind = models.CharField(max_length=40)
    data = models.JSONField()
    state = models.CharField(
        max_length=7,
        choices=[(state, state) for state in DeliveryState],
        default=DeliveryState.QUEUED,
    )
    attempt_count = models.PositiveSmallIntegerField(default=0)
    # The status of the last answer, or why there was none.
    outcome = models.CharField(max_length=40, blank=True)
    tried_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "endpoint", "message_id"], name="webhook_delivery_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["organization_id", "-created_at", "-id"], name="webhook_delivery_by_date"
            ),
            models.Index(
                fields=["organization_id", "endpoint"],
                name="webhook_delivery_left",
                condition=models.Q(outcome=ENDPOINT_STOPPED),
            ),
        ]
