"""
Sessions whose table is useless to a thief: the key is kept as a digest, the content sealed.

Idle and absolute limits are the session's own, fixed when the person signs in.
"""

from datetime import timedelta
from typing import Any

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as StoredSessions
from django.utils import timezone
from tink import TinkError

from encaisse.identity.models import Session, session_place
from encaisse.kit.crypto import digest, seal, unseal

# A page seen does not write: the idle limit is kept to the minute.
SEEN_PRECISION = timedelta(minutes=1)
# What is needed to sign in, and no longer.
_UNKNOWN_PERSON_LIFE = timedelta(hours=1)


_KEPT = (
    "device_id", "agent", "country", "started_at", "seen_at", "ends_at", "idle_seconds",
    "expire_date",
)  # fmt: skip


def stored_key(session_key: str) -> str:
    return digest(session_key).hex()


class SessionStore(StoredSessions):
    """Django's sessions in the database, under our own table."""

    # A page that asks again by itself says so: it does not put the idle limit off.
    is_attended = True

    @classmethod
    def get_model_class(cls) -> Any:
        return Session

    def load(self) -> dict[str, Any]:
        stored = stored_key(self.session_key) if self.session_key else ""
        row = Session.objects.filter(session_key=stored, expire_date__gt=timezone.now()).first()
        if row is None:
            self._session_key = None
            return {}
        if self.is_attended:
            self._keep_alive(row)
        try:
            opened = unseal(row.session_data, session_place(stored, "session_data"))
        except TinkError:  # its key is gone, or it was moved there: nobody's session
            self._session_key = None
            return {}
        data: dict[str, Any] = self.decode(opened)
        return data

    def exists(self, session_key: str) -> bool:
        return bool(Session.objects.filter(session_key=stored_key(session_key)).exists())

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002  Django's shape
        if self.session_key is None:
            self.create()
            return
        stored = stored_key(self.session_key)
        content = self._get_session(no_load=must_create)  # type: ignore[attr-defined]  # Django's own
        values = {
            "session_data": seal(self.encode(content), session_place(stored, "session_data")),
            "user_id": content.get("_auth_user_id"),
        }
        if must_create:
            expires = timezone.now() + _UNKNOWN_PERSON_LIFE
            Session.objects.create(session_key=stored, expire_date=expires, **values)
        elif not Session.objects.filter(session_key=stored).update(**values):
            raise UpdateError  # ended meanwhile, from another device: it must not come back

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            Session.objects.filter(session_key=stored_key(key)).delete()

    def cycle_key(self) -> None:
        """Take another key, and keep where the session is from and when it ends."""
        known = stored_key(self.session_key) if self.session_key else ""
        row = Session.objects.filter(session_key=known, ends_at__isnull=False).first()
        super().cycle_key()
        if row is not None and self.session_key:
            _carry_over(row, stored_key(self.session_key))

    @staticmethod
    def _keep_alive(row: Session) -> None:
        now = timezone.now()
        if row.ends_at is None or row.seen_at is None or now - row.seen_at < SEEN_PRECISION:
            return
        expires = min(now + timedelta(seconds=row.idle_seconds), row.ends_at)
        rows = Session.objects.filter(session_key=row.session_key)
        rows.update(seen_at=now, expire_date=expires)


def _carry_over(row: Session, stored: str) -> None:
    values = {name: getattr(row, name) for name in _KEPT}
    if row.address_sealed is not None:
        address = unseal(row.address_sealed, session_place(row.session_key, "address"))
        values["address_sealed"] = seal(address, session_place(stored, "address"))
    Session.objects.filter(session_key=stored).update(**values)
