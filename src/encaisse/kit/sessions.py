"""
What a browser's visit remembers, useless to whoever steals the database: its content is sealed and
the key that the cookie carries is kept as a digest only.
"""

import json
from base64 import b64decode, b64encode
from typing import Any
from uuid import UUID

from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from tink import TinkError

from encaisse.kit.crypto import Place, digest, seal, unseal


def stored_key(session_key: str) -> str:
    """Return the name a row bears: 20 bytes of the cookie's digest, which nobody can go back."""
    return digest(f"session|{session_key}").hex()[:40]


def place_of(stored: str) -> Place:
    return Place("django_session", "session_data", UUID(hex=stored[:32]))


class SessionStore(db.SessionStore):
    """Django's own store, its rows named by digests and sealed."""

    def encode(self, session_dict: dict[str, Any]) -> str:
        key = self._get_or_create_session_key()  # type: ignore[attr-defined]  # Django's, not in the stubs
        sealed = seal(json.dumps(session_dict), place_of(stored_key(key)))
        return b64encode(sealed).decode()

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        """Return what the row holds; nothing where it was changed, moved, or its key is gone."""
        key = self.session_key or ""
        try:
            opened = unseal(b64decode(session_data), place_of(stored_key(key)))
        except (TinkError, ValueError):
            return {}
        found: dict[str, Any] = json.loads(opened)
        return found

    def exists(self, session_key: str) -> bool:
        return super().exists(stored_key(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        row = super().create_model_instance(data)
        row.session_key = stored_key(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            super().delete(stored_key(key))

    def _get_session_from_db(self) -> AbstractBaseSession | None:
        # Django's own looks its row up by the attribute: show it the row's name meanwhile.
        given = self.session_key
        if given is None:
            return None
        self._session_key = stored_key(given)
        row: AbstractBaseSession | None = super()._get_session_from_db()  # type: ignore[misc]  # as above
        # It forgets the key of a session that is gone, so that a new one is made.
        self._session_key = given if row is not None else None
        return row
