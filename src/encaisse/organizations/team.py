"""Who belongs to an organization, and with which role."""

from datetime import datetime
from uuid import UUID

from encaisse.audit import services as audit
from encaisse.identity.open_sessions import end_all_sessions
from encaisse.kernel.actor import Actor
from encaisse.kernel.errors import NotFound
from encaisse.kit.events import publish
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.api_keys import revoke_api_key
from encaisse.organizations.core import InvitationState, Permission, Role, allows
from encaisse.organizations.errors import LastOwner
from encaisse.organizations.events import RoleGiven
from encaisse.organizations.models import ApiKey, Invitation, Membership
from encaisse.organizations.queries import roles_of
from encaisse.organizations.safeguards import check_two_people_remain, lock_owners


def add_member(
    *, organization_id: UUID, actor: Actor, user_id: UUID, role: Role, now: datetime
) -> Membership:
    """
    Give a person a role; a second call changes it.

    :raises LastOwner: nobody would own the organization any more
    """
    with acting_for(organization_id):
        known = Membership.objects.filter(organization_id=organization_id, user_id=user_id)
        if known.exists():
            return change_role(
                organization_id=organization_id, actor=actor, user_id=user_id, role=role, now=now
            )
        membership = Membership.objects.create(
            organization_id=organization_id, user_id=user_id, role=role, created_at=now
        )
        _tell_role(membership, actor=actor, now=now)
    return membership


def change_role(
    *, organization_id: UUID, actor: Actor, user_id: UUID, role: Role, now: datetime
) -> Membership:
    """
    Give a member another role. What only their former role let them open closes with it.

    :raises NotFound: not a member
    :raises LastOwner: nobody would own the organization any more
    :raises FourEyesImpossible: the firm asks two people for what only one could still sign
    """
    with acting_for(organization_id):
        membership = _lock(organization_id, user_id)
        if membership.role == role:
            return membership
        if membership.role == Role.OWNER:
            _keep_an_owner(organization_id, leaving=user_id)
        membership.role = role
        membership.save(update_fields=["role"])
        check_two_people_remain(organization_id=organization_id, without=user_id)
        _close_what_goes_beyond(membership, role, actor=actor, now=now)
        _tell_role(membership, actor=actor, now=now)
    return membership


def remove_member(*, organization_id: UUID, actor: Actor, user_id: UUID, now: datetime) -> None:
    """
    End a person's membership, the keys they made, the invitations they sent and, unless another
    firm is theirs too, their sessions.

    Their rights are read again at every request, so that an open page of theirs answers no more.

    :raises NotFound: not a member
    :raises LastOwner: nobody would own the organization any more
    :raises FourEyesImpossible: the firm asks two people for what only one could still sign
    """
    with acting_for(organization_id):
        membership = _lock(organization_id, user_id)
        if membership.role == Role.OWNER:
            _keep_an_owner(organization_id, leaving=user_id)
        membership.delete()
        check_two_people_remain(organization_id=organization_id, without=user_id)
        _close_what_goes_beyond(membership, None, actor=actor, now=now)
        # Whoever leaves by themselves still reads the answer.
        if actor.member_id != user_id and not roles_of(user_id=user_id):
            end_all_sessions(user_id=user_id)
        audit.record(
            organization_id=organization_id,
            actor=actor,
            action="member:removed",
            target=f"user:{user_id}",
            facts={"role": membership.role},
            now=now,
        )


def _lock(organization_id: UUID, user_id: UUID) -> Membership:
    """Lock the owners, then the member: whoever may leave the firm without one waits here."""
    lock_owners(organization_id)
    rows = Membership.objects.select_for_update().filter(organization_id=organization_id)
    membership = rows.filter(user_id=user_id).first()
    if membership is None:
        raise NotFound
    return membership


def _keep_an_owner(organization_id: UUID, *, leaving: UUID) -> None:
    owners = Membership.objects.filter(organization_id=organization_id, role=Role.OWNER)
    if not owners.exclude(user_id=leaving).exists():
        raise LastOwner


def _close_what_goes_beyond(
    membership: Membership, role: Role | None, *, actor: Actor, now: datetime
) -> None:
    organization_id, user_id = membership.organization_id, membership.user_id
    if role is None or not allows(role, Permission.API_KEYS_MANAGE):
        made = ApiKey.objects.filter(
            organization_id=organization_id, made_by_id=user_id, revoked_at__isnull=True
        )
        for key_id in list(made.values_list("id", flat=True)):
            revoke_api_key(organization_id=organization_id, actor=actor, key_id=key_id, now=now)
    if role is None or not allows(role, Permission.MEMBERS_MANAGE):
        Invitation.objects.filter(
            organization_id=organization_id,
            invited_by_id=user_id,
            state=InvitationState.PENDING,
        ).update(state=InvitationState.REVOKED)


def _tell_role(membership: Membership, *, actor: Actor, now: datetime) -> None:
    audit.record(
        organization_id=membership.organization_id,
        actor=actor,
        action="member:role:set",
        target=f"user:{membership.user_id}",
        facts={"role": membership.role},
        now=now,
    )
    publish(
        RoleGiven(
            organization_id=membership.organization_id,
            user_id=membership.user_id,
            role=membership.role,
            by=actor.member_id,
            at=now,
        )
    )
