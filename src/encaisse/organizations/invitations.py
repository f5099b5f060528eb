"""Asking somebody to join: by mail, to one address, once."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Q

from encaisse.audit import services as audit
from encaisse.kernel.actor import Actor
from encaisse.kernel.errors import Invalid, NotFound
from encaisse.kit.crypto import blind_index, blind_indexes, seal, unseal
from encaisse.kit.events import publish
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import INVITATION_MOVES, InvitationState, Permission, Role
from encaisse.organizations.errors import (
    AlreadyInvited,
    AlreadyMember,
    InvitationClosed,
    InvitationForSomeoneElse,
    TooManyInvitations,
)
from encaisse.organizations.events import MemberInvited
from encaisse.organizations.handles import HandleKind, new_token, register_handle
from encaisse.organizations.models import Invitation, Membership, Profile
from encaisse.organizations.services import hold_right
from encaisse.organizations.team import add_member

LIFE = timedelta(days=7)
# An invitation writes to an address of anybody's choice: a firm is no sender of unwanted mail.
LARGEST_NUMBER = 20
COUNTED_FOR = timedelta(days=1)


def invite_member(
    *,
    organization_id: UUID,
    actor: Actor,
    invited_by: UUID,
    email: str,
    role: Role,
    real_now: datetime,
    now: datetime,
) -> Invitation:
    """
    Ask an address to join. Whether it has an account changes nothing here, nor in the answer.

    :raises Invalid: not an address
    :raises AlreadyMember: the address is a member's
    :raises AlreadyInvited: an invitation to it already waits
    :raises TooManyInvitations: too many wait, or were sent in a day
    :raises NoLongerMember: the inviter was removed meanwhile
    :raises PermissionDenied: the inviter lost that right meanwhile
    """
    address = _checked_address(email)
    with acting_for(organization_id):
        _queue_up(organization_id, actor)
        close_expired(organization_id=organization_id, real_now=real_now)
        _check_invitable(organization_id, address, real_now)
        invitation = _written(organization_id, invited_by, address, role, real_now, now)
        _audit(invitation, "member:invited", actor=actor, now=now, email=address, role=role)
        publish(MemberInvited(organization_id=organization_id, invitation_id=invitation.id))
    return invitation


def resend_invitation(
    *,
    organization_id: UUID,
    actor: Actor,
    invitation_id: UUID,
    invited_by: UUID,
    real_now: datetime,
    now: datetime,
) -> Invitation:
    """
    Replace an invitation by another one to the same address: a new link, seven more days.

    :raises NotFound: no such invitation
    :raises InvitationClosed: it was used or cancelled
    :raises TooManyInvitations: too many were sent in a day
    """
    with acting_for(organization_id):
        _queue_up(organization_id, actor)
        former = _lock(organization_id, invitation_id)
        if former.state not in {InvitationState.PENDING, InvitationState.EXPIRED}:
            raise InvitationClosed
        _close(former, InvitationState.REVOKED)
        return invite_member(
            organization_id=organization_id,
            actor=actor,
            invited_by=invited_by,
            email=invited_address(former),
            role=Role(former.role),
            real_now=real_now,
            now=now,
        )


def revoke_invitation(
    *, organization_id: UUID, actor: Actor, invitation_id: UUID, now: datetime
) -> None:
    """
    Close the link of an invitation; closing it again changes nothing.

    :raises NotFound: no such invitation
    :raises InvitationClosed: it was accepted meanwhile
    """
    with acting_for(organization_id):
        invitation = _lock(organization_id, invitation_id)
        if invitation.state == InvitationState.ACCEPTED:
            raise InvitationClosed
        if _close(invitation, InvitationState.REVOKED):
            _audit(invitation, "invitation:revoked", actor=actor, now=now)


def accept_invitation(
    *,
    organization_id: UUID,
    invitation_id: UUID,
    actor: Actor,
    user_id: UUID,
    addresses: Iterable[str],
    real_now: datetime,
    now: datetime,
) -> Membership:
    """
    Make the person who proved the invited address a member, once.

    :raises InvitationClosed: used, cancelled or too old
    :raises InvitationForSomeoneElse: none of the person's addresses is the invited one
    :raises AlreadyMember: the person belongs to the organization already
    """
    with acting_for(organization_id):
        invitation = _lock(organization_id, invitation_id)
        check_open(invitation, real_now=real_now)
        check_invited(invitation, addresses=addresses)
        known = Membership.objects.filter(organization_id=organization_id, user_id=user_id)
        if known.exists():
            raise AlreadyMember
        invitation.state, invitation.accepted_by_id = InvitationState.ACCEPTED, user_id
        invitation.save(update_fields=["state", "accepted_by"])
        _audit(invitation, "invitation:accepted", actor=actor, now=now)
        return add_member(
            organization_id=organization_id,
            actor=actor,
            user_id=user_id,
            role=Role(invitation.role),
            now=now,
        )


def close_expired(*, organization_id: UUID, real_now: datetime) -> int:
    """Close the invitations nobody answered in time; return how many."""
    with acting_for(organization_id):
        return Invitation.objects.filter(
            organization_id=organization_id,
            state=InvitationState.PENDING,
            expires_at__lte=real_now,
        ).update(state=InvitationState.EXPIRED)


def check_open(invitation: Invitation, *, real_now: datetime) -> None:
    """:raises InvitationClosed: used, cancelled or too old"""
    if invitation.state != InvitationState.PENDING or invitation.expires_at <= real_now:
        raise InvitationClosed


def check_invited(invitation: Invitation, *, addresses: Iterable[str]) -> None:
    """:raises InvitationForSomeoneElse: none of the addresses is the invited one"""
    invited = bytes(invitation.email_index)
    if not any(invited in email_indexes(address) for address in addresses):
        raise InvitationForSomeoneElse


def invited_address(invitation: Invitation) -> str:
    return unseal(invitation.email_sealed, invitation.place("email"))


def invitation_token(invitation: Invitation) -> str:
    """Return the secret of the link, to be mailed to the invited address and nowhere else."""
    return unseal(invitation.token_sealed, invitation.place("token"))


def _queue_up(organization_id: UUID, actor: Actor) -> None:
    """Let one invitation at a time count the others, from somebody who may still invite."""
    hold_right(organization_id=organization_id, actor=actor, permission=Permission.MEMBERS_MANAGE)
    Profile.objects.select_for_update().get(organization_id=organization_id)


def _check_invitable(organization_id: UUID, address: str, real_now: datetime) -> None:
    members = Membership.objects.filter(organization_id=organization_id)
    if members.filter(user__email__iexact=address).exists():
        raise AlreadyMember
    rows = Invitation.objects.filter(organization_id=organization_id)
    pending = Q(state=InvitationState.PENDING)
    if rows.filter(pending, email_index__in=email_indexes(address)).exists():
        raise AlreadyInvited
    if rows.filter(pending | Q(sent_at__gt=real_now - COUNTED_FOR)).count() >= LARGEST_NUMBER:
        raise TooManyInvitations(largest=LARGEST_NUMBER)


def _written(
    organization_id: UUID,
    invited_by: UUID,
    address: str,
    role: Role,
    real_now: datetime,
    now: datetime,
) -> Invitation:
    token = new_token()
    invitation = Invitation(
        id=new_id(),
        organization_id=organization_id,
        email_index=email_index(address),
        role=role,
        state=InvitationState.PENDING,
        invited_by_id=invited_by,
        sent_at=real_now,
        expires_at=real_now + LIFE,
        created_at=now,
    )
    invitation.email_sealed = seal(address, invitation.place("email"))
    invitation.token_sealed = seal(token, invitation.place("token"))
    invitation.save(force_insert=True)
    register_handle(
        kind=HandleKind.INVITATION,
        token=token,
        organization_id=organization_id,
        target_id=invitation.id,
    )
    return invitation


def _lock(organization_id: UUID, invitation_id: UUID) -> Invitation:
    rows = Invitation.objects.select_for_update().filter(organization_id=organization_id)
    invitation = rows.filter(id=invitation_id).first()
    if invitation is None:
        raise NotFound
    return invitation


def _close(invitation: Invitation, state: InvitationState) -> bool:
    if state not in INVITATION_MOVES[InvitationState(invitation.state)]:
        return False
    invitation.state = state
    invitation.save(update_fields=["state"])
    return True


def _checked_address(text: str) -> str:
    address = text.strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise Invalid(reason="cette adresse électronique n’est pas valable") from error
    return address


def email_index(address: str) -> bytes:
    """Return what finds an address without storing it in clear."""
    return blind_index(address.strip().lower(), purpose="invitation_email")


def email_indexes(address: str) -> list[bytes]:
    """Return what finds an address whichever key its row was written with."""
    return blind_indexes(address.strip().lower(), purpose="invitation_email")


def _audit(
    invitation: Invitation, action: str, *, actor: Actor, now: datetime, **facts: object
) -> None:
    # An address is personal: it is sealed under the invitation's own key, to be erasable.
    audit.record(
        organization_id=invitation.organization_id,
        actor=actor,
        action=action,
        target=f"invitation:{invitation.id}",
        facts=facts,
        now=now,
        subject=f"invitation:{invitation.id}",
    )
