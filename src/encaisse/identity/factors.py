"""What a person can prove themselves with: read it, add to it, take from it."""

from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from encaisse.identity.core import Factor, FactorChange, FactorKind, Standing
from encaisse.identity.errors import LastFactor
from encaisse.identity.events import FactorChanged
from encaisse.identity.models import Device, PhoneFactor, Session, User
from encaisse.kernel.errors import NotFound
from encaisse.kernel.phones import PhoneNumber
from encaisse.kit.crypto import unseal
from encaisse.kit.events import publish

KINDS = {
    Authenticator.Type.WEBAUTHN: FactorKind.PASSKEY,
    Authenticator.Type.TOTP: FactorKind.TOTP,
    Authenticator.Type.RECOVERY_CODES: FactorKind.RECOVERY_CODES,
}
_NAMES = {
    FactorKind.TOTP: "Application de codes",
    FactorKind.RECOVERY_CODES: "Codes de secours",
}


def factors_of(*, user_id: UUID) -> list[Factor]:
    """Return a person's second factors, oldest first; recovery codes replace one, and are none."""
    rows = Authenticator.objects.filter(user_id=user_id).exclude(
        type=Authenticator.Type.RECOVERY_CODES
    )
    found = [factor_of(row) for row in rows.order_by("created_at", "id")]
    found += [phone_as_factor(row) for row in PhoneFactor.objects.filter(user_id=user_id)]
    return sorted(found, key=lambda factor: factor.created_at)


def has_factor(*, user_id: UUID) -> bool:
    """Tell whether a person has a second factor at all."""
    rows = Authenticator.objects.filter(user_id=user_id)
    return bool(
        rows.exclude(type=Authenticator.Type.RECOVERY_CODES).exists()
        or PhoneFactor.objects.filter(user_id=user_id).exists()
    )


def recovery_codes_left(*, user_id: UUID) -> int | None:
    """Return how many recovery codes can still serve, None where there never were any."""
    row = Authenticator.objects.filter(
        user_id=user_id, type=Authenticator.Type.RECOVERY_CODES
    ).first()
    return None if row is None else len(row.wrap().get_unused_codes())


@transaction.atomic
def remove_factor(
    *, user_id: UUID, kind: FactorKind, factor_id: str, keeps_one: bool, now: datetime
) -> Factor:
    """
    Take a factor from a person, and with the last one the recovery codes that went with it.

    `keeps_one` says that a role of theirs demands a factor.

    :raises NotFound: it is not theirs
    :raises LastFactor: none would remain
    """
    # One removal at a time: two at once must not take the last two.
    User.objects.select_for_update().get(id=user_id)
    factors = factors_of(user_id=user_id)
    found = [factor for factor in factors if (factor.kind, factor.id) == (kind, factor_id)]
    if not found:
        raise NotFound
    if keeps_one and len(factors) == 1:
        raise LastFactor
    _delete(user_id, found[0])
    if len(factors) == 1:
        Authenticator.objects.filter(user_id=user_id).delete()
    announce(user_id=user_id, change=FactorChange.REMOVED, factor=found[0], now=now)
    return found[0]


@transaction.atomic
def rename_passkey(*, user_id: UUID, factor_id: str, name: str) -> None:
    """:raises NotFound: it is not theirs"""
    row = _passkeys(user_id).select_for_update().filter(id=factor_id).first()
    if row is None:
        raise NotFound
    row.data["name"] = name
    row.save(update_fields=["data"])


def standing(*, user: User) -> Standing:
    """Tell whether a person has a factor, and saw the recovery codes that came with it."""
    held = {row.type: row for row in Authenticator.objects.filter(user_id=user.id)}
    codes = held.pop(Authenticator.Type.RECOVERY_CODES, None)
    has_one = held or PhoneFactor.objects.filter(user_id=user.id).exists()
    if user.must_enrol or not has_one:
        return Standing.NO_FACTOR
    if codes is not None and not codes.wrap().did_view:
        return Standing.CODES_UNSEEN
    return Standing.READY


@transaction.atomic
def lose_factors(*, user_id: UUID) -> None:
    """
    Ask a person for new factors at once. The lost ones still guard the door until then, so that
    nobody enters by the password alone; recovery codes are made again with the new factor. What
    they may have lost opens nothing any more: sessions end, devices are forgotten.
    """
    Session.objects.filter(user_id=user_id).delete()
    Device.objects.filter(user_id=user_id, forgotten_at__isnull=True).update(
        forgotten_at=timezone.now()
    )
    User.objects.filter(id=user_id).update(must_enrol=True)
    Authenticator.objects.filter(user_id=user_id, type=Authenticator.Type.RECOVERY_CODES).delete()


@transaction.atomic
def welcome_factor(*, user_id: UUID, factor: Factor, now: datetime) -> None:
    """Announce a new factor; where the others were lost, they go."""
    announce(user_id=user_id, change=FactorChange.ADDED, factor=factor, now=now)
    if factor.kind is FactorKind.RECOVERY_CODES:
        return
    if User.objects.filter(id=user_id, must_enrol=True).update(must_enrol=False):
        for lost in factors_of(user_id=user_id):
            if (lost.kind, lost.id) != (factor.kind, factor.id):
                _delete(user_id, lost)
                announce(user_id=user_id, change=FactorChange.REMOVED, factor=lost, now=now)


@transaction.atomic
def forget_lost_totp(*, user_id: UUID, now: datetime) -> None:
    """Make room for a new code application where the former one is lost: there is one at most."""
    for lost in factors_of(user_id=user_id):
        if lost.kind is FactorKind.TOTP:
            _delete(user_id, lost)
            announce(user_id=user_id, change=FactorChange.REMOVED, factor=lost, now=now)


@transaction.atomic
def announce(*, user_id: UUID, change: FactorChange, factor: Factor, now: datetime) -> None:
    """Tell whoever keeps the journals of this person's organizations."""
    publish(
        FactorChanged(user_id=user_id, change=change, kind=factor.kind, name=factor.name, at=now)
    )


def phone_as_factor(row: PhoneFactor) -> Factor:
    number = PhoneNumber(unseal(row.number_sealed, row.place()))
    return Factor(
        kind=FactorKind.PHONE,
        id=str(row.id),
        name=number.masked,
        created_at=row.verified_at,
        last_used_at=row.last_used_at,
    )


def factor_of(row: Authenticator) -> Factor:
    """Return an authenticator of allauth in our words."""
    kind = KINDS[Authenticator.Type(row.type)]
    return Factor(
        kind=kind,
        id=str(row.pk),
        name=_NAMES.get(kind) or str(row.data.get("name", "")),
        created_at=row.created_at,
        last_used_at=row.last_used_at,
    )


def _passkeys(user_id: UUID) -> QuerySet[Authenticator]:
    return Authenticator.objects.filter(user_id=user_id, type=Authenticator.Type.WEBAUTHN)


def _delete(user_id: UUID, factor: Factor) -> None:
    if factor.kind is FactorKind.PHONE:
        PhoneFactor.objects.filter(user_id=user_id, id=factor.id).delete()
    else:
        Authenticator.objects.filter(user_id=user_id, id=factor.id).delete()
