"""Devices a person signed in from, recognised by a token only that browser holds."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from encaisse.identity.models import Device
from encaisse.kernel.errors import NotFound
from encaisse.kit.crypto import digest


@dataclass(frozen=True, slots=True)
class Recognised:
    """A device, and the token to give its browser."""

    device_id: UUID
    token: str = field(repr=False)
    is_new: bool


def device_of(*, user_id: UUID, token: str) -> UUID | None:
    """Return the device this person knows by the token; somebody else's token tells nothing."""
    if not token:
        return None
    rows = devices(user_id=user_id).filter(token_digest=digest(token))
    return rows.values_list("id", flat=True).first()


def device_at(*, address: str, token: str) -> UUID | None:
    """Return the device the account at this address knows; one query whoever is asked about."""
    rows = Device.objects.filter(
        user__email__iexact=address, token_digest=digest(token), forgotten_at__isnull=True
    )
    return rows.values_list("id", flat=True).first()


def remember(*, user_id: UUID, token: str, agent: str, real_now: datetime) -> Recognised:
    """Keep the device of somebody who just showed everything that was asked."""
    known = device_of(user_id=user_id, token=token)
    if known is not None:
        Device.objects.filter(id=known).update(last_seen_at=real_now, agent=agent)
        return Recognised(known, token, is_new=False)
    fresh = secrets.token_urlsafe(32)
    device = Device.objects.create(
        user_id=user_id,
        token_digest=digest(fresh),
        agent=agent,
        first_seen_at=real_now,
        last_seen_at=real_now,
    )
    return Recognised(device.id, fresh, is_new=True)


def forget(*, user_id: UUID, device_id: UUID, real_now: datetime) -> None:
    """
    Treat the device as one never seen, from now on.

    :raises NotFound: none of theirs
    """
    if not devices(user_id=user_id).filter(id=device_id).update(forgotten_at=real_now):
        raise NotFound


def devices(*, user_id: UUID) -> QuerySet[Device]:
    return Device.objects.filter(user_id=user_id, forgotten_at__isnull=True)
