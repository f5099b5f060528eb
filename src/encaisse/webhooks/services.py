"""The only writer of stored events."""

from collections.abc import Sequence
from dataclasses import fields

from encaisse.kit.bulk import insert_all
from encaisse.kit.clock import business_now
from encaisse.kit.events import Event
from encaisse.kit.gathering import Gatherer, Rank
from encaisse.kit.identifiers import new_id
from encaisse.webhooks.core import ALERT, PUBLIC_NAMES
from encaisse.webhooks.endpoints import queue_events
from encaisse.webhooks.models import StoredEvent


def store_events(events: Sequence[Event]) -> None:
    """Keep public events, in the publisher's transaction: identifiers and amounts only."""
    for event in events:
        kind = PUBLIC_NAMES.get(type(event).__name__)
        if kind is not None:
            _rows.add(_row(event, kind))


def _row(event: Event, kind: str) -> StoredEvent:
    values = {field.name: getattr(event, field.name) for field in fields(event)}
    values.pop("organization_id")
    return StoredEvent(
        id=new_id(),
        organization_id=event.organization_id,
        kind=kind,
        data={name: _plain(value) for name, value in values.items()},
        created_at=business_now(),
    )


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, int | str) else str(value)


def _write(rows: Sequence[StoredEvent]) -> None:
    """Keep events, and queue each for the endpoints that want it."""
    insert_all(rows)
    # Alerts leave in words of their own (`endpoints.queue_alerts`).
    queue_events([row for row in rows if row.kind != ALERT])


_rows: Gatherer[StoredEvent] = Gatherer(Rank.STORED_EVENTS, _write)
