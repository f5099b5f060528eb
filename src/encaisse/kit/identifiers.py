"""Row identifiers: UUIDv7, made by the application so that a key exists before any request."""

from uuid import UUID

import uuid_utils


def new_id() -> UUID:
    """Return a time-ordered identifier (RFC 9562 §5.7)."""
    return UUID(int=uuid_utils.uuid7().int)
