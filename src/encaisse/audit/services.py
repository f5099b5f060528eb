"""The only writer of the audit chain."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from encaisse.audit.core import GENESIS, Link, canonical, payload_digest
from encaisse.audit.models import AuditEntry, AuditHead, AuditPayload
from encaisse.kernel.actor import Actor
from encaisse.kit.bulk import insert_all
from encaisse.kit.gathering import Gatherer, Rank
from encaisse.kit.identifiers import new_id
from encaisse.kit.subjects import openers_of, sealer_of

GENERAL_SUBJECT = "audit"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """What is to be written, before its place in the chain is known."""

    organization_id: UUID
    actor: Actor
    action: str
    target: str
    facts: Mapping[str, object]
    now: datetime
    subject: str


def record(
    *,
    organization_id: UUID,
    actor: Actor,
    action: str,
    target: str = "",
    facts: Mapping[str, object],
    now: datetime,
    subject: str = GENERAL_SUBJECT,
) -> None:
    """
    Add an entry to the organization's chain, in the caller's transaction and after its locks.

    `subject` names whose key seals the facts, for instance "customer:<id>".
    """
    _lines.add(
        _Line(
            organization_id=organization_id,
            actor=actor,
            action=action,
            target=target,
            facts=facts,
            now=now,
            subject=subject,
        )
    )


def read_payloads(entries: Sequence[AuditEntry]) -> dict[UUID, Mapping[str, Any] | None]:
    """Return the facts of one organization's entries with their salt, None where erased."""
    if not entries:
        return {}
    organization_id = entries[0].organization_id
    payloads = AuditPayload.objects.filter(organization_id=organization_id, entry__in=entries)
    keys = openers_of(
        organization_id=organization_id, subjects={payload.subject for payload in payloads}
    )
    found: dict[UUID, Mapping[str, Any] | None] = {}
    for payload in payloads:
        key = keys.get(payload.subject)
        context = str(payload.entry_id).encode()
        found[payload.entry_id] = (
            json.loads(key.decrypt(bytes(payload.sealed), context)) if key else None
        )
    return found


def read_facts(entries: Sequence[AuditEntry]) -> dict[UUID, Mapping[str, Any] | None]:
    """Return the facts of one organization's entries by entry, None where they were erased."""
    return {
        entry_id: None if payload is None else payload["facts"]
        for entry_id, payload in read_payloads(entries).items()
    }


@transaction.atomic(savepoint=False)
def _write(lines: Sequence[_Line]) -> None:
    for organization_id in {line.organization_id: None for line in lines}:
        _extend(organization_id, [x for x in lines if x.organization_id == organization_id])


_lines: Gatherer[_Line] = Gatherer(Rank.AUDIT, _write)


def _extend(organization_id: UUID, lines: Sequence[_Line]) -> None:
    """Lock the head of one chain and hang the lines on it."""
    head = _lock_head(organization_id, lines[0].now)
    sealers = {
        subject: sealer_of(organization_id=organization_id, subject=subject, now=lines[0].now)
        for subject in {line.subject for line in lines}
    }
    entries, payloads = [], []
    for line in lines:
        salt = secrets.token_bytes(16)
        entry = _entry(line, head, salt)
        content = canonical({"facts": line.facts, "salt": salt.hex()})
        sealed = sealers[line.subject].encrypt(content, str(entry.id).encode())
        entries.append(entry)
        payloads.append(_payload(entry, line.subject, sealed))
        head.sequence, head.digest = entry.sequence, entry.digest
    insert_all(entries)
    insert_all(payloads)
    head.save(update_fields=["sequence", "digest"])


def _entry(line: _Line, head: AuditHead, salt: bytes) -> AuditEntry:
    link = Link(
        organization_id=line.organization_id,
        sequence=head.sequence + 1,
        at=line.now,
        actor=str(line.actor),
        action=line.action,
        target=line.target,
        payload_digest=payload_digest(line.facts, salt),
    )
    return AuditEntry(
        organization_id=line.organization_id,
        sequence=link.sequence,
        actor=link.actor,
        action=line.action,
        target=line.target,
        payload_digest=link.payload_digest,
        digest=link.digest(bytes(head.digest)),
        created_at=line.now,
    )


def _payload(entry: AuditEntry, subject: str, sealed: bytes) -> AuditPayload:
    return AuditPayload(
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
