from dataclasses import dataclass
from uuid import UUID

from encaisse.kit.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRaised(Event):
    """Something happened that the firm should know, or goes on."""

    alert_id: UUID
    kind: str
    severity: str
    round: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertDue(Event):
    """One person is to be told of an alert, in one way."""

    delivery_id: UUID
    channel: str
