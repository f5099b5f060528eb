from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from encaisse.kit.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookReceived(Event):
    """A new provider event stands in the inbox."""

    connection_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderConnected(Event):
    connection_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRefused(Event):
    """A message came whose signature is false, or that is about somebody else's account."""

    connection_id: UUID
    code: str
    at: datetime
