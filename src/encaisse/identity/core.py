"""What proves who somebody is, and what may happen to such proofs. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FactorKind(StrEnum):
    """What a person shows beside a password, strongest first."""

    PASSKEY = "passkey"
    TOTP = "totp"
    PHONE = "phone"
    RECOVERY_CODES = "recovery_codes"


class FactorChange(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    RENEWED = "renewed"
    # A passkey whose counter went back: somebody may hold a copy of it.
    COPY_SUSPECTED = "copy_suspected"


@dataclass(frozen=True, slots=True)
class Factor:
    """One of the things a person can prove themselves with."""

    kind: FactorKind
    id: str
    name: str
    created_at: datetime
    last_used_at: datetime | None


def went_back(*, known: int, shown: int) -> bool:
    """
    Tell whether a signature counter shows that a copy of the key is in use.

    Zero on both sides means that the device counts nothing, as synchronised passkeys do
    (WebAuthn level 3, 6.1.1).
    """
    return (known > 0 or shown > 0) and shown <= known


def device_name(user_agent: str, *, first_name: str) -> str:
    """Return what a person would call this device: « Téléphone d’Anne »."""
    device = next(
        (name for mark, name in _DEVICES if mark.lower() in user_agent.lower()), "Appareil"
    )
    if not first_name:
        return device
    of = "d’" if first_name[0].lower() in _VOWELS else "de "
    return f"{device} {of}{first_name}"[:60]


_VOWELS = frozenset("aeiouyhàâéèêëîïôöùûü")
_DEVICES = (
    ("iPad", "Tablette"),
    ("iPhone", "Téléphone"),
    ("Android", "Téléphone"),
    ("Windows", "Ordinateur"),
    ("Macintosh", "Ordinateur"),
    ("Linux", "Ordinateur"),
)
