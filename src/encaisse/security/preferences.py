"""What a person wants to be told of, and how."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from encaisse.identity.approvers import approvers_of
from encaisse.identity.phones import has_phone
from encaisse.kit.identifiers import new_id
from encaisse.security.core import RULES, Channel, Kind, Severity
from encaisse.security.errors import GraveNotSilenced
from encaisse.security.models import AlertPreference


def reached_by(*, user_id: UUID) -> frozenset[Channel]:
    """Return the ways in which a message would arrive somewhere."""
    rings = approvers_of(user_id=user_id).exclude(subscription_sealed=None).exists()
    ways = {Channel.EMAIL: True, Channel.SMS: has_phone(user_id=user_id), Channel.PUSH: rings}
    return frozenset(channel for channel, is_there in ways.items() if is_there)


@transaction.atomic
def choose(
    *, user_id: UUID, chosen: Mapping[Kind, Mapping[Channel, bool]], real_now: datetime
) -> None:
    """
    Replace a person's choices, whatever their firms.

    :raises GraveNotSilenced: something grave would be told nowhere
    """
    for kind, channels in chosen.items():
        is_silent = not any(channels.values())
        if RULES[kind].severity is Severity.GRAVE and is_silent:
            raise GraveNotSilenced(title=RULES[kind].title)
    AlertPreference.objects.filter(user_id=user_id).delete()
    AlertPreference.objects.bulk_create(
        AlertPreference(
            id=new_id(),
            user_id=user_id,
            kind=kind,
            channel=channel,
            is_on=is_on,
            created_at=real_now,
        )
        for kind, channels in chosen.items()
        for channel, is_on in channels.items()
    )
