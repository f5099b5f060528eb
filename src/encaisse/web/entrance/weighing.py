"""Weighing what somebody who is signed in is about to do, and what they must show for it."""

from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone

from encaisse.identity.access import Operation, grant, judge
from encaisse.identity.models import AccessEvent, User
from encaisse.identity.proofs import Outcome, Proof, is_enough
from encaisse.organizations.errors import AccessDenied
from encaisse.organizations.safeguards import preset_of_person
from encaisse.risk.presets import Level
from encaisse.web.entrance.origin import origin_of
from encaisse.web.entrance.shown import proofs_shown


def weigh(request: HttpRequest, user: User, operation: Operation) -> AccessEvent:
    """
    Judge an operation, outside any transaction: the judgement stays whatever comes next.

    :raises AccessDenied: too much speaks against it; the account is closed to new devices
    """
    event = judge(
        user=user,
        origin=origin_of(request, user_id=user.id),
        preset=preset_of_person(user_id=user.id),
        operation=operation,
        real_now=timezone.now(),
    )
    if event.outcome == Outcome.REFUSED:
        raise AccessDenied
    return event


def recent_proofs(request: HttpRequest, user: User) -> set[Proof]:
    """Return what was shown in the last quarter of an hour; the session stands for a password."""
    origin = origin_of(request, user_id=user.id)
    return {Proof.PASSWORD, *proofs_shown(request, user, origin=origin)}


def is_proven(request: HttpRequest, user: User, level: Level) -> bool:
    return is_enough(level, recent_proofs(request, user))


def conclude(request: HttpRequest, user: User, event_id: UUID) -> None:
    """Write that what was weighed was done, with what had been shown."""
    proofs = recent_proofs(request, user)
    grant(event_id=event_id, proofs=proofs, device=None, real_now=timezone.now())
