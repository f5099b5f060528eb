"""One after the other: what counts before it adds, when two ask at the same moment."""

import hashlib
from uuid import UUID

from django.db import connection


def take_turn(organization_id: UUID, what: str) -> None:
    """
    Wait for whoever does the same for this firm; the turn ends with the transaction.

    What is read afterwards holds what they committed, so that a limit is never passed by one.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("A turn lasts as long as a transaction, and none is open.")
    name = hashlib.sha256(f"turn|{organization_id}|{what}".encode()).digest()[:8]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(name, "big", signed=True)]
        )
