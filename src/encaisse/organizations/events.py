from dataclasses import dataclass
from uuid import UUID

from encaisse.kit.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberInvited(Event):
    """Somebody was asked to join the organization."""

    invitation_id: UUID
