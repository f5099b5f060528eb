"""A request that moves money is carried out once, however often it is sent."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from encaisse.kernel.errors import DomainError
from encaisse.kit.crypto import Place, seal, unseal
from encaisse.kit.identifiers import new_id
from encaisse.kit.models import IdempotentAnswer
from encaisse.kit.tenancy import acting_for

# Whoever repeats a request does so within minutes; the rows it made say the rest for ever.
ANSWERS_KEPT = timedelta(hours=24)
_LONGEST_KEY = 255


class IdempotencyKeyMissing(DomainError):
    """This request needs an Idempotency-Key header of 1 to 255 characters."""

    code = "idempotency_key_missing"
    status = 400
    french = "Cette requête demande un en-tête Idempotency-Key de 1 à 255 caractères."


class IdempotencyKeyReused(DomainError):
    """This Idempotency-Key was used for another request."""

    code = "idempotency_key_reused"
    status = 422
    french = "Cette clé Idempotency-Key a déjà servi pour une autre requête."


class IdempotencyInFlight(DomainError):
    """The same request is being carried out; ask again in a moment."""

    code = "idempotency_in_flight"
    status = 409
    french = "La même requête est en cours. Réessayez dans un instant."


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What was answered, and whether it was answered before."""

    status: int
    body: Any
    is_replay: bool


def request_digest(*, method: str, path: str, body: bytes) -> bytes:
    """Return what makes two requests the same one."""
    return hashlib.sha256(f"{method} {path}\n".encode() + body).digest()


def answer_once(
    *,
    organization_id: UUID,
    key: str,
    digest: bytes,
    produce: Callable[[], tuple[int, Any]],
    now: datetime,
) -> StoredAnswer:
    """
    Carry a request out and keep its answer in the same commit; a repeat gets the kept answer.

    A failure keeps nothing, so that the request may be corrected and sent again.

    :raises IdempotencyKeyMissing: no usable key
    :raises IdempotencyKeyReused: the key belongs to another request
    :raises IdempotencyInFlight: the same request is being carried out right now
    """
    if not 0 < len(key) <= _LONGEST_KEY:
        raise IdempotencyKeyMissing
    with acting_for(organization_id):
        _lock(organization_id, key)
        known = IdempotentAnswer.objects.filter(organization_id=organization_id, key=key).first()
        if known is not None:
            if bytes(known.request_digest) != digest:
                raise IdempotencyKeyReused
            return StoredAnswer(known.status, _opened(known), is_replay=True)
        status, body = produce()
        row_id = new_id()
        # An answer may hold the secret of a payment link: it is sealed like the link itself.
        sealed = seal(json.dumps(body), _place(organization_id, row_id))
        IdempotentAnswer.objects.create(
            id=row_id,
            organization_id=organization_id,
            key=key,
            request_digest=digest,
            status=status,
            body_sealed=sealed,
            created_at=now,
        )
    return StoredAnswer(status, body, is_replay=False)


def forget_answers(*, organization_id: UUID, now: datetime) -> int:
    """Delete the answers older than a day, after which a key is new again; return how many."""
    with acting_for(organization_id):
        old = IdempotentAnswer.objects.filter(
            organization_id=organization_id, created_at__lt=now - ANSWERS_KEPT
        )
        deleted, _by_table = old.delete()
    return deleted


def _opened(row: IdempotentAnswer) -> Any:
    return json.loads(unseal(row.body_sealed, _place(row.organization_id, row.id)))


def _place(organization_id: UUID, row_id: UUID) -> Place:
    return Place("kit_idempotentanswer", "body", row_id, organization_id)


def _lock(organization_id: UUID, key: str) -> None:
    name = hashlib.sha256(f"{organization_id}|{key}".encode()).digest()[:8]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(%s)", [int.from_bytes(name, "big", signed=True)]
        )
        if not cursor.fetchone()[0]:
            raise IdempotencyInFlight
