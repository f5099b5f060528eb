"""A frozen person: what they asked stops, their keys close, each firm's journal says so."""

from collections.abc import Sequence
from uuid import UUID

from encaisse.audit import services as audit
from encaisse.identity.events import AccountFrozen
from encaisse.kernel.actor import Actor, ActorKind
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.api_keys import revoke_api_key
from encaisse.organizations.core import InvitationState, Permission, allows
from encaisse.organizations.models import Invitation, Membership
from encaisse.organizations.operations import cancel_asked_by
from encaisse.organizations.queries import keys_made_by, roles_of


def close_keys(events: Sequence[AccountFrozen]) -> None:
    """Stop and revoke what the person asked and made, in the transaction that freezes them."""
    for event in events:
        # In one order: two people frozen at once may share two firms.
        for organization_id in sorted(roles_of(user_id=event.user_id)):
            with acting_for(organization_id):
                _close(organization_id, event)


def firms_managed(*, user_id: UUID) -> set[UUID]:
    """Return the firms whose members a person manages."""
    return {
        firm
        for firm, role in roles_of(user_id=user_id).items()
        if allows(role, Permission.MEMBERS_MANAGE)
    }


def _close(organization_id: UUID, event: AccountFrozen) -> None:
    # Operations are locked before memberships, here as where they are carried out.
    cancel_asked_by(
        organization_id=organization_id, user_id=event.user_id, now=event.at, at=event.at
    )
    # A key being made at this moment is seen below, or its maker sees that they are frozen.
    rows = Membership.objects.select_for_update().filter(organization_id=organization_id)
    list(rows.filter(user_id=event.user_id))
    actor = Actor(ActorKind.MEMBER, event.by)
    made = keys_made_by(organization_id=organization_id, user_id=event.user_id)
    key_ids = list(made.values_list("id", flat=True))
    for key_id in key_ids:
        revoke_api_key(organization_id=organization_id, actor=actor, key_id=key_id, now=event.at)
    Invitation.objects.filter(
        organization_id=organization_id,
        invited_by_id=event.user_id,
        state__in=[InvitationState.PENDING, InvitationState.EXPIRED],
    ).update(state=InvitationState.REVOKED)
    audit.record(
        organization_id=organization_id,
        actor=actor,
        action="account:frozen",
        target=f"user:{event.user_id}",
        facts={"keys": len(key_ids)},
        now=event.at,
    )
