"""Closing an account at once, to everybody: what somebody does who fears that it was stolen."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from encaisse.identity.events import AccountFrozen
from encaisse.identity.models import Device, Session, User
from encaisse.kit.events import publish


@transaction.atomic
def freeze(*, user_id: UUID, by: UUID, real_now: datetime) -> bool:
    """
    End the person's sessions, forget their devices and refuse every sign-in until it is reopened.

    Of several at once one freezes; tell whether it was this one.
    """
    if not User.objects.filter(id=user_id, frozen_at__isnull=True).update(frozen_at=real_now):
        return False
    Session.objects.filter(user_id=user_id).delete()
    Device.objects.filter(user_id=user_id, forgotten_at__isnull=True).update(forgotten_at=real_now)
    publish(AccountFrozen(user_id=user_id, by=by, at=real_now))
    return True


def is_frozen(*, user_id: UUID) -> bool:
    return User.objects.filter(id=user_id, frozen_at__isnull=False).exists()
