"""Where each key was shown from: networks known by their blind index only, no address kept."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from encaisse.audit import services as audit
from encaisse.kernel.actor import Actor, ActorKind
from encaisse.kit.clock import business_now
from encaisse.kit.crypto import blind_index, blind_indexes
from encaisse.kit.events import publish
from encaisse.kit.places import address_range, country_of
from encaisse.organizations.events import ApiKeyUsedFromNewAddress
from encaisse.organizations.models import ApiKey, ApiKeyRange

# A refusal is written once an hour for each network: a program that insists fills no journal.
REFUSALS_APART = timedelta(hours=1)
KEPT_FOR = timedelta(days=180)
_PRECISION = timedelta(minutes=10)
_PURPOSE = "api_key_range"


def note_use(key: ApiKey, *, address: str, real_now: datetime) -> None:
    """Remember the network of an accepted use, and tell the first one from each."""
    known = _known(key, address)
    if known is not None and known.first_seen_at is not None:
        if real_now - known.last_seen_at > _PRECISION:
            _rows(key).filter(id=known.id).update(last_seen_at=real_now)
        return
    is_first_use = not _rows(key).filter(first_seen_at__isnull=False).exists()
    if not _claim_first_use(key, known, address, real_now):
        return
    publish(
        ApiKeyUsedFromNewAddress(
            organization_id=key.organization_id,
            key_id=key.id,
            country=country_of(address),
            is_first_use=is_first_use,
            at=real_now,
        )
    )


def note_refusal(key: ApiKey, *, address: str, real_now: datetime) -> None:
    """Write a refused use in the journal, once an hour for each network."""
    if not _claim_refusal(key, _known(key, address), address, real_now):
        return
    audit.record(
        organization_id=key.organization_id,
        actor=Actor(ActorKind.API_KEY, key.id),
        action="api_key:refused",
        target=f"api_key:{key.id}",
        facts={"country": country_of(address)},
        now=business_now(),
    )


def carry_places_over(old: ApiKey, successor: ApiKey, *, now: datetime) -> None:
    """Know the successor of a key where the key itself was: replacing it moves no program."""
    ApiKeyRange.objects.bulk_create(
        ApiKeyRange(
            organization_id=successor.organization_id,
            key=successor,
            range_index=row.range_index,
            first_seen_at=row.first_seen_at,
            last_seen_at=row.last_seen_at,
            created_at=now,
        )
        for row in _rows(old).filter(first_seen_at__isnull=False)
    )


def forget_old_places(*, organization_id: UUID, real_now: datetime) -> int:
    """Delete the networks unseen for six months, as accesses are. Return how many."""
    rows = ApiKeyRange.objects.filter(organization_id=organization_id)
    count, _ = rows.filter(last_seen_at__lt=real_now - KEPT_FOR).delete()
    return count


def _rows(key: ApiKey) -> QuerySet[ApiKeyRange]:
    return ApiKeyRange.objects.filter(organization_id=key.organization_id, key=key)


def _known(key: ApiKey, address: str) -> ApiKeyRange | None:
    indexes = blind_indexes(address_range(address), purpose=_PURPOSE)
    return _rows(key).filter(range_index__in=indexes).first()


def _claim_first_use(
    key: ApiKey, known: ApiKeyRange | None, address: str, real_now: datetime
) -> bool:
    """Tell whether this use, and no other at the same moment, is the first from its network."""
    fresh = known or _inserted(key, address, real_now)
    claimed = _rows(key).filter(id=fresh.id, first_seen_at__isnull=True)
    return bool(claimed.update(first_seen_at=real_now, last_seen_at=real_now))


def _claim_refusal(
    key: ApiKey, known: ApiKeyRange | None, address: str, real_now: datetime
) -> bool:
    fresh = known or _inserted(key, address, real_now)
    claimed = _rows(key).filter(id=fresh.id).exclude(refused_at__gt=real_now - REFUSALS_APART)
    return bool(claimed.update(refused_at=real_now, last_seen_at=real_now))


def _inserted(key: ApiKey, address: str, real_now: datetime) -> ApiKeyRange:
    row, _ = ApiKeyRange.objects.get_or_create(
        organization_id=key.organization_id,
        key=key,
        range_index=blind_index(address_range(address), purpose=_PURPOSE),
        defaults={"last_seen_at": real_now, "created_at": real_now},
    )
    return row
