"""Who came in and who was kept out, written in the chain of each of the person's firms."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from encaisse.audit import services as audit
from encaisse.identity.events import AccessRefused, AccountReopened, SignedIn
from encaisse.kernel.actor import SYSTEM, Actor, ActorKind
from encaisse.kit.tenancy import acting_as_user, acting_for
from encaisse.organizations.models import Membership


def note_sign_ins(events: Sequence[SignedIn]) -> None:
    for event in events:
        facts = {"level": event.level, "country": event.country, "new_device": event.is_new_device}
        _note(event.user_id, event.user_id, "access:granted", facts, event.at)


def note_refusals(events: Sequence[AccessRefused]) -> None:
    for event in events:
        facts = {"operation": event.action, "country": event.country}
        _note(event.user_id, event.user_id, "access:refused", facts, event.at)


def note_reopenings(events: Sequence[AccountReopened]) -> None:
    for event in events:
        _note(event.user_id, event.by_user_id, "access:reopened", {}, event.at)


def _note(
    user_id: UUID, actor_id: UUID | None, action: str, facts: Mapping[str, object], at: datetime
) -> None:
    with acting_as_user(user_id):
        rows = Membership.objects.filter(user_id=user_id).order_by("organization_id")
        organization_ids = list(rows.values_list("organization_id", flat=True))
    for organization_id in organization_ids:
        with acting_for(organization_id):
            audit.record(
                organization_id=organization_id,
                actor=Actor(ActorKind.MEMBER, actor_id) if actor_id else SYSTEM,
                action=action,
                target=f"user:{user_id}",
                facts=facts,
                now=at,
            )
