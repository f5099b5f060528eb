from dataclasses import dataclass
from uuid import UUID

from encaisse.kit.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookReceived(Event):
    """A new provider event stands in the inbox."""

    connection_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderConnected(Event):
    connection_id: UUID
