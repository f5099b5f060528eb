from django.db import models

from encaisse.kit.models import TenantRecord


class StoredEvent(TenantRecord):
    """Something that happened, written in the transaction that made it so. Never changed."""

    kind = models.CharField(max_length=40)
    data = models.JSONField()

    class Meta:
        indexes = [
            models.Index(fields=["organization_id", "-created_at", "-id"], name="event_by_date")
        ]
