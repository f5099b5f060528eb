"""The only writer of stored events."""

import json
from dataclasses import asdict

from encaisse.kit.clock import business_now
from encaisse.kit.events import Event
from encaisse.kit.identifiers import new_id
from encaisse.webhooks.core import PUBLIC_NAMES
from encaisse.webhooks.models import StoredEvent


def store_event(event: Event) -> None:
    """Keep a public event, in the publisher's transaction: identifiers and amounts only."""
    kind = PUBLIC_NAMES.get(type(event).__name__)
    if kind is None:
        return
    data = json.loads(json.dumps(asdict(event), default=str))
    data.pop("organization_id")
    StoredEvent.objects.create(
        id=new_id(),
        organization_id=event.organization_id,
        kind=kind,
        data=data,
        created_at=business_now(),
    )
