"""Reading the chain, and proving that nobody rewrote it."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

from django.db.models import Q, QuerySet
from tink import TinkError
from tink.aead import Aead

from encaisse.audit.checkpoints import checkpoint_of
from encaisse.audit.core import GENESIS, Link, payload_digest
from encaisse.audit.models import AuditCheckpoint, AuditEntry, AuditHead, AuditPayload
from encaisse.audit.signatures import is_signed
from encaisse.kit.crypto import public_keys
from encaisse.kit.subjects import openers_of

_CHUNK = 2000


@dataclass(frozen=True, slots=True)
class ChainReport:
    """
    What a full recomputation found; `broken_at` is the first sequence that does not fit.

    `head` is the digest of the last entry that fits: noted elsewhere, it also proves that nobody
    wrote the whole chain anew.
    """

    entries: int
    head: bytes
    broken_at: int | None
    entry: AuditEntry | None = None


def entries(*, organization_id: UUID) -> QuerySet[AuditEntry]:
    """Return every entry, newest first."""
    return AuditEntry.objects.filter(organization_id=organization_id).order_by("-sequence")


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What a person looks for; what is left empty does not narrow."""

    actor: str = ""
    action: str = ""
    target: str = ""
    since: datetime | None = None
    until: datetime | None = None


def search(*, organization_id: UUID, wanted: Search) -> QuerySet[AuditEntry]:
    """Return the entries that fit, newest first. An actor without an identifier is a whole kind."""
    rows = entries(organization_id=organization_id)
    if wanted.actor:
        is_kind = ":" not in wanted.actor
        rows = rows.filter(
            Q(actor=wanted.actor) | Q(actor__startswith=f"{wanted.actor}:")
            if is_kind
            else Q(actor=wanted.actor)
        )
    exact = {"action": wanted.action, "target": wanted.target}
    bounds = {"created_at__gte": wanted.since, "created_at__lt": wanted.until}
    return rows.filter(
        **{name: value for name, value in exact.items() if value},
        **{name: value for name, value in bounds.items() if value is not None},
    )


def entries_about(*, organization_id: UUID, target: str) -> QuerySet[AuditEntry]:
    """Return the entries about one object, oldest first."""
    return AuditEntry.objects.filter(organization_id=organization_id, target=target).order_by(
        "sequence"
    )


def verify_chain(*, organization_id: UUID) -> ChainReport:
    """
    Recompute every digest from the first entry on, and compare the end with the head.

    Facts that were erased with their subject's key are passed over; those that were changed or
    taken away are not.
    """
    previous, sequence = GENESIS, 0
    # Read first: the entries written while we walk are for another time.
    last, seal = _head(organization_id)
    rows = AuditEntry.objects.filter(organization_id=organization_id).order_by("sequence")
    for chunk in _chunks(rows.filter(sequence__lte=last).iterator(chunk_size=_CHUNK)):
        payloads = _payloads(organization_id, chunk)
        subjects = {payload.subject for payload in payloads.values()}
        openers = openers_of(organization_id=organization_id, subjects=subjects)
        for entry in chunk:
            digest = _link_of(entry).digest(previous)
            is_next = entry.sequence == sequence + 1 and digest == bytes(entry.digest)
            if not is_next or not _holds(entry, payloads.get(entry.id), openers):
                return ChainReport(sequence, previous, sequence + 1, entry)
            previous, sequence = digest, entry.sequence
    forged = _first_false_checkpoint(organization_id, sequence)
    if forged is not None:
        return ChainReport(sequence, previous, forged)
    is_whole = (last, seal) == (sequence, previous) and not _has_strays(rows)
    return ChainReport(sequence, previous, None if is_whole else sequence + 1)


def _first_false_checkpoint(organization_id: UUID, last: int) -> int | None:
    """Return the line of the first signed checkpoint that does not fit the chain."""
    known = public_keys()
    rows = AuditCheckpoint.objects.filter(organization_id=organization_id).order_by("sequence")
    digests = dict(
        AuditEntry.objects.filter(
            organization_id=organization_id, sequence__in=rows.values("sequence")
        ).values_list("sequence", "digest")
    )
    for row in rows:
        message = checkpoint_of(row).message()
        is_ours = is_signed(message, bytes(row.signature), public_keys=known)
        if row.sequence > last:
            continue  # signed since we began
        if not is_ours or bytes(digests.get(row.sequence, GENESIS)) != bytes(row.head):
            return row.sequence
    return None


def _head(organization_id: UUID) -> tuple[int, bytes]:
    head = AuditHead.objects.filter(organization_id=organization_id).first()
    return (head.sequence, bytes(head.digest)) if head else (0, GENESIS)


def _has_strays(rows: QuerySet[AuditEntry]) -> bool:
    """Tell whether entries stand beyond the head: it is always written along with them."""
    newest = rows.last()
    return newest is not None and newest.sequence > _head(newest.organization_id)[0]


def _chunks(rows: Iterable[AuditEntry]) -> Iterator[list[AuditEntry]]:
    ordered = iter(rows)
    while chunk := list(islice(ordered, _CHUNK)):
        yield chunk


def _payloads(organization_id: UUID, chunk: Sequence[AuditEntry]) -> dict[UUID, AuditPayload]:
    ids = [entry.id for entry in chunk]
    rows = AuditPayload.objects.filter(organization_id=organization_id, entry_id__in=ids)
    return {row.entry_id: row for row in rows}


def _holds(entry: AuditEntry, payload: AuditPayload | None, openers: Mapping[str, Aead]) -> bool:
    """Tell whether the facts beside an entry are those it committed to."""
    if payload is None:
        return False
    opener = openers.get(payload.subject)
    if opener is None:  # erased with its subject's key
        return True
    try:
        content = opener.decrypt(bytes(payload.sealed), str(entry.id).encode())
    except TinkError:  # not what was sealed
        return False
    opened = json.loads(content)
    digest = payload_digest(opened["facts"], bytes.fromhex(opened["salt"]))
    return digest == bytes(entry.payload_digest)


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
