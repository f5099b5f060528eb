"""Who may freeze somebody everywhere: themselves, or who answers for everything it closes."""

from datetime import datetime, timedelta
from uuid import UUID

from encaisse.identity.freezing import freeze
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.freezing import firms_managed
from encaisse.organizations.queries import roles_of
from encaisse.security.core import SAY_STOLEN
from encaisse.security.errors import FreezeReachesElsewhere
from encaisse.security.models import Alert

# How long what looked like a theft is a reason to freeze.
STILL_RECENT = timedelta(days=7)


def may_freeze(*, by: UUID, user_id: UUID, real_now: datetime) -> bool:
    """
    Tell whether somebody may close a person's account in all their firms.

    Who manages one of them may where there is no other firm, or where what happened lately says
    that the account itself is stolen, which harms the others too. Not for any other reason: they
    take the person out of their own firm.
    """
    if by == user_id:
        return True
    firms = set(roles_of(user_id=user_id))
    shared = firms & firms_managed(user_id=by)
    if not shared:
        return False
    return shared == firms or any(_looks_stolen(firm, user_id, real_now) for firm in sorted(shared))


def freeze_other(*, user_id: UUID, by: UUID, real_now: datetime) -> bool:
    """:raises FreezeReachesElsewhere: it would close firms that are not the asker's"""
    if not may_freeze(by=by, user_id=user_id, real_now=real_now):
        raise FreezeReachesElsewhere
    return freeze(user_id=user_id, by=by, real_now=real_now)


def _looks_stolen(organization_id: UUID, user_id: UUID, real_now: datetime) -> bool:
    with acting_for(organization_id):
        rows = Alert.objects.filter(
            organization_id=organization_id,
            about_id=user_id,
            kind__in=sorted(SAY_STOLEN),
            last_at__gt=real_now - STILL_RECENT,
        )
        return rows.exists()
