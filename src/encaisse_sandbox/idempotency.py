"""Idempotency: the same key and the same request give the same answer for thirty days."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from encaisse_sandbox.clock import stamp
from encaisse_sandbox.errors import conflict, invalid
from encaisse_sandbox.records import IdempotentAnswer
from encaisse_sandbox.world import World

LIFETIME = timedelta(days=30)
MAXIMUM_KEY_LENGTH = 255


@dataclass(frozen=True, slots=True)
class Asked:
    """A request made under a key."""

    account_id: str
    key: str
    digest: str


def asked(account_id: str, key: str, method: str, path: str, body: bytes) -> Asked:
    """
    Name a request by what it asks.

    :raises ApiError: the key is too long
    """
    if len(key) > MAXIMUM_KEY_LENGTH:
        raise invalid(f"Idempotency-Key is longer than {MAXIMUM_KEY_LENGTH} characters.")
    content = f"{method} {path}\n".encode() + body
    return Asked(account_id, key, hashlib.sha256(content).hexdigest())


def earlier_answer(world: World, request: Asked) -> IdempotentAnswer | None:
    """
    Return the answer already given to this request.

    :raises ApiError: the key was used for another request
    """
    oldest = stamp(world.clock.now() - LIFETIME)
    answer = world.db.first(
        IdempotentAnswer,
        "account_id = ? AND key = ? AND created_at >= ?",
        request.account_id,
        request.key,
        oldest,
    )
    if answer is not None and answer.request_digest != request.digest:
        raise conflict("idempotency_key_reused", "This key was used for another request.")
    return answer


def keep_answer(world: World, request: Asked, status: int, body: str) -> None:
    """Keep an answer, in place of one too old to be given again."""
    world.db.execute(
        "DELETE FROM idempotent_answers WHERE account_id = ? AND key = ?",
        request.account_id,
        request.key,
    )
    world.db.insert(
        IdempotentAnswer(
            account_id=request.account_id,
            key=request.key,
            request_digest=request.digest,
            status=status,
            body=body,
            created_at=world.clock.stamp(),
        )
    )
