"""Reading the chain, and proving that nobody rewrote it."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from encaisse.audit.core import GENESIS, Link
from encaisse.audit.models import AuditEntry, AuditHead


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What a full recomputation found; `broken_at` is the first sequence that does not fit."""

    entries: int
    broken_at: int | None


def entries(*, organization_id: UUID) -> QuerySet[AuditEntry]:
    """Return every entry, newest first."""
    return AuditEntry.objects.filter(organization_id=organization_id).order_by("-sequence")


def entries_about(*, organization_id: UUID, target: str) -> QuerySet[AuditEntry]:
    """Return the entries about one object, oldest first."""
    return AuditEntry.objects.filter(organization_id=organization_id, target=target).order_by(
        "sequence"
    )


def verify_chain(*, organization_id: UUID) -> ChainReport:
    """Recompute every digest from the first entry on and compare the end with the head."""
    previous, sequence = GENESIS, 0
    entries = AuditEntry.objects.filter(organization_id=organization_id).order_by("sequence")
    for entry in entries.iterator(chunk_size=2000):
        digest = _link_of(entry).digest(previous)
        if entry.sequence != sequence + 1 or digest != bytes(entry.digest):
            return ChainReport(entries=sequence, broken_at=sequence + 1)
        previous, sequence = digest, entry.sequence
    head = AuditHead.objects.filter(organization_id=organization_id).first()
    if head is not None and (head.sequence, bytes(head.digest)) != (sequence, previous):
        return ChainReport(entries=sequence, broken_at=sequence + 1)
    return ChainReport(entries=sequence, broken_at=None)


def _link_of(entry: AuditEntry) -> Link:
    return Link(
        organization_id=entry.organization_id,
        sequence=entry.sequence,
        at=entry.created_at,
        actor=entry.actor,
        action=entry.action,
        target=entry.target,
        payload_digest=bytes(entry.payload_digest),
    )
