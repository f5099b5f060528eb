"""Who was told: taken by one job, written once."""

from datetime import datetime, timedelta
from uuid import UUID

from encaisse.security.models import AlertDelivery
from encaisse.security.tallies import tally

TEXTS_A_DAY = 5


def claim(*, organization_id: UUID, delivery_id: UUID) -> AlertDelivery | None:
    """Return the delivery, locked for this transaction; None where it was told already."""
    rows = AlertDelivery.objects.select_for_update(of=("self",)).select_related(
        "alert__about", "user"
    )
    queued = rows.filter(organization_id=organization_id, state=AlertDelivery.State.QUEUED)
    return queued.filter(id=delivery_id).first()


def record(row: AlertDelivery, state: AlertDelivery.State, *, real_now: datetime) -> None:
    row.state = state
    row.sent_at = real_now if state == AlertDelivery.State.SENT else None
    row.save(update_fields=["state", "sent_at"])


def may_text(*, user_id: UUID, delivery_id: UUID, real_now: datetime) -> bool:
    """Count one more text message to a person; tell whether it is within those of a day."""
    counted = tally(
        key=f"texts:{user_id}", cause_id=delivery_id, span=timedelta(days=1), real_now=real_now
    )
    return counted.number <= TEXTS_A_DAY
