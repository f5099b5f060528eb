"""Reading organizations and what their members may do."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from encaisse.kernel.actor import Actor
from encaisse.kernel.errors import NotFound
from encaisse.kernel.trades import Trade
from encaisse.kit.tenancy import acting_as_user, acting_for
from encaisse.organizations.core import (
    InvitationState,
    OperationKind,
    OperationState,
    Role,
    demands_second_factor,
)
from encaisse.organizations.hands import hand_of
from encaisse.organizations.models import (
    ApiKey,
    Invitation,
    Membership,
    Operation,
    Organization,
    Profile,
)


@dataclass(frozen=True, slots=True)
class Place:
    """An organization a person belongs to, with their role there."""

    organization_id: UUID
    role: Role
    name: str


def organization_ids() -> list[UUID]:
    """Return every organization, oldest first, for periodic jobs that act for each in turn."""
    return list(Organization.objects.order_by("id").values_list("id", flat=True))


def profile(*, organization_id: UUID) -> Profile:
    """:raises NotFound: the organization has no profile"""
    try:
        return Profile.objects.get(organization_id=organization_id)
    except Profile.DoesNotExist as error:
        raise NotFound from error


def trade_of(*, organization_id: UUID) -> Trade:
    """Return what the firm said it lives from."""
    said = Profile.objects.filter(organization_id=organization_id).values_list("trade", flat=True)
    return Trade(said.first() or "")


def done_by_hand(
    *, organization_id: UUID, actor: Actor, kind: OperationKind, since: datetime, real_now: datetime
) -> list[tuple[datetime, UUID]]:
    """Return when a member or a program had this kind of thing done, and what each made."""
    hand = hand_of(organization_id=organization_id, actor=actor, real_now=real_now)
    rows = Operation.objects.filter(
        Q(asked_by__in=hand.members) | Q(asked_by_key_id__in=hand.keys),
        organization_id=organization_id,
        kind=kind,
        state=OperationState.DONE,
        asked_at__gt=since,
    )
    found = rows.order_by("asked_at").values_list("asked_at", "made_id")
    return [(at, made) for at, made in found if made is not None]


def places_of(*, user_id: UUID) -> list[Place]:
    """Return the organizations a person belongs to, by name."""
    with acting_as_user(user_id):
        memberships = list(Membership.objects.filter(user_id=user_id).order_by("id"))
    places = []
    for membership in memberships:  # a person has a handful of firms
        with acting_for(membership.organization_id):
            name = profile(organization_id=membership.organization_id).name
        places.append(Place(membership.organization_id, Role(membership.role), name))
    return sorted(places, key=lambda place: place.name)


def names_of_firms(user_id: UUID) -> list[str]:
    """Return the names a person's colleagues would try as a password."""
    return [place.name for place in places_of(user_id=user_id)]


def roles_of(*, user_id: UUID) -> dict[UUID, Role]:
    """Return the organizations a person belongs to and their role in each."""
    with acting_as_user(user_id):
        rows = Membership.objects.filter(user_id=user_id).order_by("id")
        found = list(rows.values_list("organization_id", "role"))
    return {organization_id: Role(role) for organization_id, role in found}


def must_prove_twice(*, user_id: UUID) -> bool:
    """Tell whether a role of theirs, anywhere, moves money or reads bank details."""
    return any(demands_second_factor(role) for role in roles_of(user_id=user_id).values())


def members(*, organization_id: UUID) -> QuerySet[Membership]:
    return (
        Membership.objects.filter(organization_id=organization_id)
        .select_related("user")
        .order_by("created_at")
    )


def api_keys(*, organization_id: UUID) -> QuerySet[ApiKey]:
    """Return the keys with who made them, newest first."""
    rows = ApiKey.objects.filter(organization_id=organization_id)
    return rows.select_related("made_by").order_by("-issued_at", "-id")


def api_key(*, organization_id: UUID, key_id: UUID) -> ApiKey:
    """:raises NotFound: no such key here"""
    try:
        return api_keys(organization_id=organization_id).get(id=key_id)
    except ApiKey.DoesNotExist as error:
        raise NotFound from error


def keys_made_by(*, organization_id: UUID, user_id: UUID) -> QuerySet[ApiKey]:
    """Return the keys a person made that still open something."""
    rows = api_keys(organization_id=organization_id)
    return rows.filter(made_by_id=user_id, revoked_at__isnull=True)


def open_invitations(*, organization_id: UUID) -> QuerySet[Invitation]:
    """Return the invitations that nobody accepted nor cancelled, newest first."""
    return (
        Invitation.objects.filter(
            organization_id=organization_id,
            state__in=[InvitationState.PENDING, InvitationState.EXPIRED],
        )
        .select_related("invited_by")
        .order_by("-sent_at", "-id")
    )


def invitation(*, organization_id: UUID, invitation_id: UUID) -> Invitation:
    """:raises NotFound: no such invitation here"""
    rows = Invitation.objects.filter(organization_id=organization_id)
    try:
        return rows.select_related("invited_by").get(id=invitation_id)
    except Invitation.DoesNotExist as error:
        raise NotFound from error
