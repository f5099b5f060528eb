from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from encaisse.identity.core import FactorChange, FactorKind, RecoveryState
from encaisse.kit.events import PersonEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorChanged(PersonEvent):
    """A person gained, lost or renewed something that proves who they are."""

    change: FactorChange
    kind: FactorKind
    name: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyCodeIssued(PersonEvent):
    """An owner made a code that replaces this person's second factor once."""

    issued_by: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyCodeUsed(PersonEvent):
    """The person entered with the code an owner gave them: new factors are asked for."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardianChanged(PersonEvent):
    """A person named, lost or gained the agreement of somebody who vouches for them."""

    change: str
    by: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryMoved(PersonEvent):
    """The recovery of a person's access took a step; `by` is nobody when time did it."""

    recovery_id: UUID
    state: RecoveryState
    by: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn(PersonEvent):
    """Somebody showed everything that was asked, and is in."""

    access_id: UUID
    is_new_device: bool
    level: str
    country: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRefused(PersonEvent):
    """Somebody had the password and was kept out; the account takes no new device any more."""

    access_id: UUID
    action: str
    country: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRefused(PersonEvent):
    """The person refused on their telephone what somebody asked in their name."""

    approval_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessFailed(PersonEvent):
    """A wrong password or code; `user_id` is `NOBODY` where nobody has the address."""

    access_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFrozen(PersonEvent):
    """Nothing of this person opens any more; `by` is who said so."""

    by: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountReopened(PersonEvent):
    """The account opens again, new devices included; `by_user_id` is None on the machine itself."""

    by_user_id: UUID | None
    at: datetime
