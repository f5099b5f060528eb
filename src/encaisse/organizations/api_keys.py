"""Keys of programs: made once, replaced with an overlap, recognised and watched at each use."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from encaisse.audit import services as audit
from encaisse.kernel.actor import Actor, ActorKind
from encaisse.kernel.errors import Invalid, NotFound
from encaisse.kernel.networks import is_within, parse_networks
from encaisse.kernel.text import required_text
from encaisse.kit.crypto import digest
from encaisse.kit.identifiers import new_id
from encaisse.kit.places import country_of
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.api_key_places import carry_places_over, note_refusal, note_use
from encaisse.organizations.core import Permission
from encaisse.organizations.errors import (
    ApiKeyAddressRefused,
    ApiKeyInvalid,
    ApiKeyNotReplaceable,
    HandleUnknown,
)
from encaisse.organizations.handles import HandleKind, register_handle, resolve_handle
from encaisse.organizations.models import ApiKey
from encaisse.organizations.services import hold_right

OVERLAP = timedelta(days=7)
LONGEST_OVERLAP = timedelta(days=30)
_LAST_USE_PRECISION = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key just made: the only moment its secret is known."""

    key: ApiKey
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ApiCaller:
    """A program that showed a valid key."""

    organization_id: UUID
    actor: Actor
    scopes: frozenset[Permission]


def create_api_key(
    *,
    organization_id: UUID,
    actor: Actor,
    name: str,
    scopes: Iterable[Permission],
    addresses: str = "",
    expires_at: datetime | None,
    now: datetime,
) -> NewApiKey:
    """
    Make a key for a program; its secret is returned once and never stored.

    :raises Invalid: no name, no scope, or an address that is none
    :raises NoLongerMember: its maker was removed meanwhile
    :raises PermissionDenied: its maker lost that right meanwhile
    """
    wanted = sorted({Permission(scope) for scope in scopes})
    if not wanted:
        raise Invalid(reason="choisissez au moins un droit pour la clé")
    with acting_for(organization_id):
        _hold_right(organization_id, actor)
        key = ApiKey(
            id=new_id(),
            organization_id=organization_id,
            name=required_text(name, largest=80, field="Nom de la clé"),
            scopes=wanted,
            made_by_id=_member(actor),
            expires_at=expires_at,
            created_at=now,
        )
        key.addresses = "\n".join(parse_networks(addresses))
        made = _written(key)
        facts = {"scopes": wanted, "addresses": list(key.networks)}
        _audit(key, "api_key:created", actor=actor, facts=facts, now=now)
    return made


def rotate_api_key(
    *,
    organization_id: UUID,
    actor: Actor,
    key_id: UUID,
    overlap: timedelta = OVERLAP,
    real_now: datetime,
    now: datetime,
) -> NewApiKey:
    """
    Make the key that replaces this one; the old one still opens during the overlap.

    The new one may do the same from the same places, for as long as the old one was made for; the
    old one never outlives what its owner chose. A key is replaced once: its successor may be in
    its turn.

    :raises NotFound: no such key here
    :raises Invalid: an overlap longer than thirty days
    :raises ApiKeyNotReplaceable: replaced already, revoked or expired
    :raises NoLongerMember: whoever replaces it was removed meanwhile
    :raises PermissionDenied: whoever replaces it lost that right meanwhile
    """
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise Invalid(reason="l’ancienne clé peut servir encore trente jours au plus")
    with acting_for(organization_id):
        _hold_right(organization_id, actor)
        old = _locked(organization_id, key_id)
        if old.retires_at is not None or not old.opens(real_now):
            raise ApiKeyNotReplaceable
        made = _written(_successor(old, actor, real_now, now))
        carry_places_over(old, made.key, now=now)
        old.retires_at = real_now + overlap
        old.save(update_fields=["retires_at"])
        facts = {"successor": str(made.key.id), "overlap_days": overlap.days}
        _audit(old, "api_key:rotated", actor=actor, facts=facts, now=now)
    return made


def revoke_api_key(*, organization_id: UUID, actor: Actor, key_id: UUID, now: datetime) -> None:
    """Close a program's way in, at once."""
    with acting_for(organization_id):
        rows = ApiKey.objects.filter(organization_id=organization_id, id=key_id)
        rows.filter(revoked_at__isnull=True).update(revoked_at=now)
        audit.record(
            organization_id=organization_id,
            actor=actor,
            action="api_key:revoked",
            target=f"api_key:{key_id}",
            facts={},
            now=now,
        )


def authenticate_api_key(*, secret: str, address: str, real_now: datetime) -> ApiCaller:
    """
    Recognise a program by its key and where it calls from. A key expires on no demo clock.

    :raises ApiKeyInvalid: unknown, revoked or expired
    :raises ApiKeyAddressRefused: its list of addresses does not have this one
    """
    try:
        place = resolve_handle(kind=HandleKind.API_KEY, token=secret)
    except HandleUnknown as error:
        raise ApiKeyInvalid from error
    with acting_for(place.organization_id):
        key = ApiKey.objects.get(organization_id=place.organization_id, id=place.target_id)
        if not key.opens(real_now):
            raise ApiKeyInvalid
        is_allowed = not key.networks or is_within(address, key.networks)
        if is_allowed:
            _note_use(key, address, real_now)
        else:
            note_refusal(key, address=address, real_now=real_now)
    # Raised once what was noted is kept.
    if not is_allowed:
        raise ApiKeyAddressRefused
    return ApiCaller(
        organization_id=place.organization_id,
        actor=Actor(ActorKind.API_KEY, key.id),
        scopes=frozenset(Permission(scope) for scope in key.scopes),
    )


def _hold_right(organization_id: UUID, actor: Actor) -> None:
    hold_right(organization_id=organization_id, actor=actor, permission=Permission.API_KEYS_MANAGE)


def _locked(organization_id: UUID, key_id: UUID) -> ApiKey:
    rows = ApiKey.objects.select_for_update().filter(organization_id=organization_id, id=key_id)
    key = rows.first()
    if key is None:
        raise NotFound
    return key


def _successor(old: ApiKey, actor: Actor, real_now: datetime, now: datetime) -> ApiKey:
    lifetime = old.expires_at - old.issued_at if old.expires_at else None
    successor = ApiKey(
        id=new_id(),
        organization_id=old.organization_id,
        name=old.name,
        scopes=old.scopes,
        made_by_id=_member(actor) or old.made_by_id,
        replaces=old,
        issued_at=real_now,
        expires_at=real_now + lifetime if lifetime else None,
        created_at=now,
    )
    successor.addresses = old.addresses
    return successor


def _written(key: ApiKey) -> NewApiKey:
    secret = f"ek_{secrets.token_urlsafe(32)}"
    key.digest, key.hint = digest(secret), secret[-4:]
    key.save(force_insert=True)
    register_handle(
        kind=HandleKind.API_KEY,
        token=secret,
        organization_id=key.organization_id,
        target_id=key.id,
    )
    return NewApiKey(key=key, secret=secret)


def _note_use(key: ApiKey, address: str, real_now: datetime) -> None:
    note_use(key, address=address, real_now=real_now)
    if key.last_used_at is None or real_now - key.last_used_at > _LAST_USE_PRECISION:
        ApiKey.objects.filter(organization_id=key.organization_id, id=key.id).update(
            last_used_at=real_now, last_used_country=country_of(address)
        )


def _member(actor: Actor) -> UUID | None:
    return actor.id if actor.kind is ActorKind.MEMBER else None


def _audit(
    key: ApiKey, action: str, *, actor: Actor, facts: dict[str, object], now: datetime
) -> None:
    audit.record(
        organization_id=key.organization_id,
        actor=actor,
        action=action,
        target=f"api_key:{key.id}",
        facts=facts,
        now=now,
    )
