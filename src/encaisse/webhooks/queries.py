"""Reading what happened."""

from uuid import UUID

from django.db.models import QuerySet

from encaisse.webhooks.models import StoredEvent


def events(*, organization_id: UUID) -> QuerySet[StoredEvent]:
    """Return the organization's events, newest first."""
    return StoredEvent.objects.filter(organization_id=organization_id).order_by(
        "-created_at", "-id"
    )
