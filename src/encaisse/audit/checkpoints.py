"""Signing the end of the chain now and then, so that not even the owner can rewrite it unseen."""

from datetime import datetime
from uuid import UUID

from encaisse.audit.core import Checkpoint
from encaisse.audit.models import AuditCheckpoint, AuditHead
from encaisse.kit.crypto import public_keys, sign
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for


def sign_checkpoint(*, organization_id: UUID, now: datetime) -> AuditCheckpoint | None:
    """
    Sign the end of an organization's chain, unless it is signed already.

    :raises KeysUnreadable: the keyset holds no signing key
    """
    with acting_for(organization_id):
        head = AuditHead.objects.filter(organization_id=organization_id).first()
        key = next(iter(public_keys()), b"")
        if head is None or _is_signed_already(head, key):
            return None
        signed = Checkpoint(organization_id, head.sequence, bytes(head.digest), now)
        row = AuditCheckpoint(
            id=new_id(),
            organization_id=organization_id,
            sequence=head.sequence,
            head=signed.head,
            public_key=key,
            signature=sign(signed.message()),
            created_at=now,
        )
        # Two that sign at once sign the same end: the first is enough.
        AuditCheckpoint.objects.bulk_create([row], ignore_conflicts=True)
    return row


def checkpoint_of(row: AuditCheckpoint) -> Checkpoint:
    return Checkpoint(row.organization_id, row.sequence, bytes(row.head), row.created_at)


def _is_signed_already(head: AuditHead, key: bytes) -> bool:
    rows = AuditCheckpoint.objects.filter(organization_id=head.organization_id, public_key=key)
    return rows.filter(sequence=head.sequence).exists()
