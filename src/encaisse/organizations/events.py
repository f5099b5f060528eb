from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from encaisse.kit.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberInvited(Event):
    """Somebody was asked to join the organization."""

    invitation_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationAsked(Event):
    """An operation waits for the signature of somebody who did not ask it."""

    operation_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationRefused(Event):
    """An operation was refused: by somebody who may sign it, or after five wrong proofs."""

    operation_id: UUID
    action: str
    user_id: UUID | None
    at: datetime
