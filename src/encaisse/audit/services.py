"""The only writer of the audit chain."""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from encaisse.audit.core import GENESIS, Link, canonical, payload_digest
from encaisse.audit.models import AuditEntry, AuditHead, AuditPayload
from encaisse.kernel.actor import Actor
from encaisse.kit.identifiers import new_id
from encaisse.kit.subjects import seal_for, unseal_for

GENERAL_SUBJECT = "audit"


@transaction.atomic
def record(
    *,
    organization_id: UUID,
    actor: Actor,
    action: str,
    target: str = "",
    facts: Mapping[str, object],
    now: datetime,
    subject: str = GENERAL_SUBJECT,
) -> AuditEntry:
    """
    Add an entry to the organization's chain, in the caller's transaction and after its locks.

    `subject` names whose key seals the facts, for instance "customer:<id>".
    """
    head = _lock_head(organization_id, now)
    salt = secrets.token_bytes(16)
    link = Link(
        organization_id=organization_id,
        sequence=head.sequence + 1,
        at=now,
        actor=str(actor),
        action=action,
        target=target,
        payload_digest=payload_digest(facts, salt),
    )
    entry = AuditEntry.objects.create(
        organization_id=organization_id,
        sequence=link.sequence,
        actor=link.actor,
        action=action,
        target=target,
        payload_digest=link.payload_digest,
        digest=link.digest(bytes(head.digest)),
        created_at=now,
    )
    _store_payload(entry, facts=facts, salt=salt, subject=subject)
    head.sequence, head.digest = entry.sequence, entry.digest
    head.save(update_fields=["sequence", "digest"])
    return entry


def read_facts(entry: AuditEntry) -> Mapping[str, object] | None:
    """Return an entry's facts, or None where they were erased."""
    payload = AuditPayload.objects.get(organization_id=entry.organization_id, entry_id=entry.id)
    content = unseal_for(
        organization_id=entry.organization_id,
        subject=payload.subject,
        sealed=payload.sealed,
        context=str(entry.id),
    )
    if content is None:
        return None
    facts: Mapping[str, object] = json.loads(content)["facts"]
    return facts


def _store_payload(
    entry: AuditEntry, *, facts: Mapping[str, object], salt: bytes, subject: str
) -> None:
    sealed = seal_for(
        organization_id=entry.organization_id,
        subject=subject,
        content=canonical({"facts": facts, "salt": salt.hex()}),
        context=str(entry.id),
        now=entry.created_at,
    )
    AuditPayload.objects.create(
        organization_id=entry.organization_id,
        entry_id=entry.id,
        subject=subject,
        sealed=sealed,
        created_at=entry.created_at,
    )


def _lock_head(organization_id: UUID, now: datetime) -> AuditHead:
    heads = AuditHead.objects.select_for_update().filter(organization_id=organization_id)
    head = heads.first()
    if head is None:
        first = AuditHead(
            id=new_id(), organization_id=organization_id, sequence=0, digest=GENESIS, created_at=now
        )
        AuditHead.objects.bulk_create([first], ignore_conflicts=True)
        head = heads.get()
    return head
