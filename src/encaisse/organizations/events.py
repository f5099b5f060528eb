from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from encaisse.kit.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberInvited(Event):
    """Somebody was asked to join the organization."""

    invitation_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyUsedFromNewAddress(Event):
    """A key opened the API from a network where it had never been seen."""

    key_id: UUID
    # Empty for an address of the local network.
    country: str
    # The first use of all teaches nothing.
    is_first_use: bool
    at: datetime


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


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationEnded(Event):
    """An operation was done, or will never be."""

    operation_id: UUID
    kind: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGiven(Event):
    """Somebody has a role they did not have; `by` is nobody's where a program gave it."""

    user_id: UUID
    role: str
    by: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DataExported(Event):
    """A member took a table away."""

    user_id: UUID
    what: str
    lines: int
    at: datetime
