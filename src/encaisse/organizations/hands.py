"""Whose hand moves money: a member, or a program whichever of its keys it shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from encaisse.kernel.actor import Actor, ActorKind
from encaisse.organizations.models import ApiKey

# Over this long, what somebody does without signing adds up.
ADDED_UP_OVER = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Hand:
    """What counts as one: members (one at most) and keys."""

    members: frozenset[UUID]
    keys: frozenset[UUID]


def hand_of(*, organization_id: UUID, actor: Actor, real_now: datetime) -> Hand:
    """
    Return whom an actor counts with.

    A key counts with those it replaced and those that replaced it. As long as a program is
    younger than what is added up, it also counts with the member who let it in: otherwise whoever
    makes ten keys would have ten ceilings, and sign nothing.
    """
    rows = ApiKey.objects.filter(organization_id=organization_id)
    keys = {key.id: key for key in rows.only("replaces_id", "made_by_id", "issued_at")}
    programs = {key_id: _first(keys, key_id) for key_id in keys}
    is_person = actor.kind is ActorKind.MEMBER
    program = None if is_person or actor.id is None else programs.get(actor.id)
    maker = actor.id if is_person else _fresh_maker(program, real_now)
    if maker is None:
        same = {key_id for key_id, first in programs.items() if first == program}
        return Hand(members=frozenset(), keys=frozenset(same))
    fresh = {key_id for key_id, first in programs.items() if _fresh_maker(first, real_now) == maker}
    return Hand(members=frozenset({maker}), keys=frozenset(fresh))


def in_use_since(*, organization_id: UUID, actor: Actor) -> datetime | None:
    """Return since when a program has been let in, whichever of its keys; None of a member."""
    if actor.kind is not ActorKind.API_KEY or actor.id is None:
        return None
    rows = ApiKey.objects.filter(organization_id=organization_id)
    keys = {key.id: key for key in rows.only("replaces_id", "issued_at")}
    return _first(keys, actor.id).issued_at


def _first(keys: Mapping[UUID, ApiKey], key_id: UUID) -> ApiKey:
    """Return the key that a program was let in with."""
    key = keys[key_id]
    while key.replaces_id is not None:
        key = keys[key.replaces_id]
    return key


def _fresh_maker(first: ApiKey | None, real_now: datetime) -> UUID | None:
    """Return who let a program in, where that was not long ago."""
    if first is None or first.issued_at <= real_now - ADDED_UP_OVER:
        return None
    return first.made_by_id
