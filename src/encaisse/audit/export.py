"""The journal of organizations as lines of JSON, to be kept and verified elsewhere."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from uuid import UUID

from django.db.models import Max

from encaisse.audit.models import AuditCheckpoint, AuditEntry
from encaisse.audit.offline import SCHEMA
from encaisse.audit.services import read_payloads
from encaisse.kit.crypto import public_keys
from encaisse.kit.tenancy import acting_for

_CHUNK = 2000


def header_line(now: datetime) -> str:
    keys = [key.hex() for key in public_keys()]
    return _line({"schema": SCHEMA, "made_at": now.isoformat(), "public_keys": keys})


def lines_of(*, organization_id: UUID, name: str, has_facts: bool) -> Iterator[str]:
    """Return the lines of one organization: its name, its entries, its signed checkpoints."""
    with acting_for(organization_id):
        yield _line({"kind": "organization", "id": str(organization_id), "name": name})
        signed = AuditCheckpoint.objects.filter(organization_id=organization_id)
        # What was written since the last signature is for another export.
        last = signed.aggregate(last=Max("sequence"))["last"] or 0
        rows = AuditEntry.objects.filter(organization_id=organization_id, sequence__lte=last)
        found = iter(rows.order_by("sequence").iterator(chunk_size=_CHUNK))
        while chunk := list(islice(found, _CHUNK)):
            facts = read_payloads(chunk) if has_facts else {}
            yield from (_entry_line(entry, facts) for entry in chunk)
        yield from _checkpoint_lines(organization_id)


def _entry_line(entry: AuditEntry, facts: Mapping[UUID, Mapping[str, object] | None]) -> str:
    content: dict[str, object] = {
        "kind": "entry",
        "sequence": entry.sequence,
        "at": entry.created_at.astimezone(UTC).isoformat(),
        "actor": entry.actor,
        "action": entry.action,
        "target": entry.target,
        "payload_digest": bytes(entry.payload_digest).hex(),
        "digest": bytes(entry.digest).hex(),
    }
    # Facts erased with their subject's key are told as such: the chain holds without them.
    if entry.id in facts:
        content["payload"] = facts[entry.id]
    return _line(content)


def _checkpoint_lines(organization_id: UUID) -> Iterator[str]:
    rows: Sequence[AuditCheckpoint] = list(
        AuditCheckpoint.objects.filter(organization_id=organization_id).order_by("sequence", "id")
    )
    for row in rows:
        yield _line(
            {
                "kind": "checkpoint",
                "sequence": row.sequence,
                "head": bytes(row.head).hex(),
                "at": row.created_at.astimezone(UTC).isoformat(),
                "public_key": bytes(row.public_key).hex(),
                "signature": bytes(row.signature).hex(),
            }
        )


def _line(content: Mapping[str, object]) -> str:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
