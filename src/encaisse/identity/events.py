"""What happened to a person at the door of their account."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from encaisse.kit.events import PersonEvent


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
class AccountReopened(PersonEvent):
    """An owner let new devices in again."""

    by_user_id: UUID
    at: datetime
