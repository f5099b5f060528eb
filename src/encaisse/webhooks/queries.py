"""Reading what happened."""

from uuid import UUID

from django.db.models import QuerySet

from encaisse.webhooks.models import Delivery, StoredEvent


def events(*, organization_id: UUID) -> QuerySet[StoredEvent]:
    """Return the organization's events, newest first."""
    return StoredEvent.objects.filter(organization_id=organization_id).order_by(
        "-created_at", "-id"
    )


def deliveries(*, organization_id: UUID) -> QuerySet[Delivery]:
    """Return the messages to endpoints, newest first."""
    rows = Delivery.objects.filter(organization_id=organization_id).select_related("endpoint")
    return rows.order_by("-created_at", "-id")
