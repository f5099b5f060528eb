"""The sessions a person has open: where, since when, until when; ended one by one or all."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from encaisse.identity.access import Origin
from encaisse.identity.models import Session, session_place
from encaisse.identity.sessions import stored_key
from encaisse.kernel.errors import NotFound
from encaisse.kit.crypto import seal
from encaisse.kit.places import country_of
from encaisse.risk.presets import Preset


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lives without being used, and at most."""

    idle: timedelta
    absolute: timedelta


# NIST SP 800-63B-4 (2.2.3) suggests 1 h and 24 h at AAL2; a craftsman's telephone asks for more
# room by day, and what moves money asks for a fresh proof whatever the session.
LIMITS: Mapping[Preset, Limits] = {
    Preset.SOUPLE: Limits(idle=timedelta(hours=12), absolute=timedelta(days=7)),
    Preset.EQUILIBRE: Limits(idle=timedelta(hours=4), absolute=timedelta(hours=24)),
    Preset.STRICT: Limits(idle=timedelta(hours=1), absolute=timedelta(hours=12)),
}


# A craftsman has a few devices; what goes beyond is forgotten, or somebody else's.
MOST_AT_ONCE = 20


def begin(
    *,
    user_id: UUID,
    session_key: str,
    origin: Origin,
    device_id: UUID,
    preset: Preset,
    real_now: datetime,
) -> None:
    """Say of a session just opened where it is from, and when it ends; the 21st ends the oldest."""
    stored, limits = stored_key(session_key), LIMITS[preset]
    Session.objects.filter(session_key=stored).update(
        device_id=device_id,
        agent=origin.agent,
        country=country_of(origin.address),
        address_sealed=seal(origin.address, session_place(stored, "address")),
        started_at=real_now,
        seen_at=real_now,
        ends_at=real_now + limits.absolute,
        idle_seconds=int(limits.idle.total_seconds()),
        expire_date=real_now + min(limits.idle, limits.absolute),
    )
    begun = Session.objects.filter(user_id=user_id, started_at__isnull=False)
    beyond = begun.order_by("-started_at", "session_key")[MOST_AT_ONCE:]
    Session.objects.filter(session_key__in=[row.session_key for row in beyond]).delete()


def open_sessions(*, user_id: UUID, real_now: datetime) -> QuerySet[Session]:
    rows = Session.objects.filter(user_id=user_id, expire_date__gt=real_now)
    return rows.order_by("-seen_at")


def number_elsewhere(*, user_id: UUID, here: str, real_now: datetime) -> int:
    """Count the person's open sessions but the one whose key is given."""
    rows = open_sessions(user_id=user_id, real_now=real_now)
    return rows.exclude(session_key=stored_key(here)).count()


def end_session(*, user_id: UUID, name: str) -> None:
    """
    End one of the person's sessions, named by the end of its stored key.

    :raises NotFound: none of theirs
    """
    rows = Session.objects.filter(user_id=user_id, session_key__endswith=name)
    if len(name) != NAME_LENGTH or not rows.delete()[0]:
        raise NotFound


def end_all_sessions(*, user_id: UUID, keep: str = "") -> int:
    """End the person's sessions, but the one whose key is kept; return how many."""
    rows = Session.objects.filter(user_id=user_id)
    if keep:
        rows = rows.exclude(session_key=stored_key(keep))
    return rows.delete()[0]


NAME_LENGTH = 16


def name_of(session: Session) -> str:
    return session.session_key[-NAME_LENGTH:]
