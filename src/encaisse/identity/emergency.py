"""The code an owner gives to a member who lost their factors: once, within a day."""

import secrets
from datetime import datetime
from uuid import UUID

from django.db import transaction

from encaisse.identity.core import (
    EMERGENCY_LENGTH,
    EMERGENCY_LIFE,
    EMERGENCY_TRIES,
    emergency_code,
    emergency_typed,
)
from encaisse.identity.events import EmergencyCodeIssued, EmergencyCodeUsed
from encaisse.identity.factors import lose_factors
from encaisse.identity.models import EmergencyCode, User
from encaisse.kit.crypto import blind_index, is_index_of
from encaisse.kit.events import publish
from encaisse.kit.identifiers import new_id

_PURPOSE = "emergency-code"


@transaction.atomic
def issue(*, user_id: UUID, issued_by: UUID, now: datetime, real_now: datetime) -> str:
    """
    Make a code for somebody else, replacing the one still open, and return it: shown once.

    Who may ask is judged above (`organizations.emergency`): a person is of several firms.
    """
    User.objects.select_for_update().get(id=user_id)
    EmergencyCode.objects.filter(user_id=user_id, closed_at__isnull=True).update(closed_at=real_now)
    code = emergency_code([secrets.randbelow(32) for _sign in range(EMERGENCY_LENGTH)])
    row = EmergencyCode(
        id=new_id(),
        user_id=user_id,
        issued_by_id=issued_by,
        tries_left=EMERGENCY_TRIES,
        expires_at=real_now + EMERGENCY_LIFE,
        created_at=real_now,
    )
    row.digest = blind_index(_keyed(row.id, code), purpose=_PURPOSE)
    row.save(force_insert=True)
    publish(EmergencyCodeIssued(user_id=user_id, issued_by=issued_by, at=now))
    return code


@transaction.atomic(durable=True)
def verify(*, user_id: UUID, code: str, now: datetime, real_now: datetime) -> bool:
    """
    Tell whether this is the person's code, and use it: new factors are then asked for.

    Never called inside a transaction: a wrong try counts whatever the caller does next.
    """
    row = (
        EmergencyCode.objects.select_for_update()
        .filter(user_id=user_id, closed_at__isnull=True, expires_at__gt=real_now)
        .filter(tries_left__gt=0)
        .first()
    )
    if row is None:
        return False
    if not is_index_of(row.digest, _keyed(row.id, code), purpose=_PURPOSE):
        row.tries_left -= 1
        row.save(update_fields=["tries_left"])
        return False
    row.closed_at = real_now
    row.save(update_fields=["closed_at"])
    lose_factors(user_id=user_id)
    publish(EmergencyCodeUsed(user_id=user_id, at=now))
    return True


def is_open(*, user_id: UUID, real_now: datetime) -> bool:
    """Tell whether a code waits for this person, so that the second step may offer it."""
    return EmergencyCode.objects.filter(
        user_id=user_id, closed_at__isnull=True, expires_at__gt=real_now, tries_left__gt=0
    ).exists()


def _keyed(row_id: UUID, code: str) -> str:
    return f"{row_id}|{emergency_typed(code)}"
