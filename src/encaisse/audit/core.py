"""The chain of digests: each entry commits to all before it. Pure."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

GENESIS = bytes(32)


@dataclass(frozen=True, slots=True)
class Link:
    """What one audit entry commits to, besides the entry before it."""

    organization_id: UUID
    sequence: int
    at: datetime
    actor: str
    action: str
    target: str
    payload_digest: bytes

    def digest(self, previous: bytes) -> bytes:
        """Return the SHA-256 over the previous digest and every field, in a fixed order."""
        fields = [
            str(self.organization_id),
            self.sequence,
            self.at.astimezone(UTC).isoformat(),
            self.actor,
            self.action,
            self.target,
            self.payload_digest.hex(),
        ]
        return hashlib.sha256(previous + canonical(fields)).digest()


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The end of a chain at one moment, as the instance signs it."""

    organization_id: UUID
    sequence: int
    head: bytes
    at: datetime

    def message(self) -> bytes:
        """Return what is signed: nothing else can be read in it."""
        return canonical(
            [
                "encaisse.audit.checkpoint/1",
                str(self.organization_id),
                self.sequence,
                self.head.hex(),
                self.at.astimezone(UTC).isoformat(),
            ]
        )


def canonical(value: object) -> bytes:
    """Return JSON with sorted keys and no spaces: equal values give equal bytes."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str
    ).encode()


def payload_digest(facts: Mapping[str, object], salt: bytes) -> bytes:
    """Commit to the facts without revealing them, even where few values are possible."""
    return hashlib.sha256(salt + canonical(facts)).digest()
