"""
Limits that slow down and never lock out: tokens that come back with time, counted in the database.

Whoever guesses meets them on the account, on their network and over all; the owner's own device
has an allowance of its own that nobody else can use up.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

from django.db import connection

from encaisse.identity.models import Allowance
from encaisse.kernel.errors import DomainError
from encaisse.kit.crypto import blind_index

_IDLE = timedelta(days=2)


class TooManyTries(DomainError):
    """Too many tries: the next one is possible later."""

    code = "too_many_tries"
    status = 429
    french = "Trop d’essais. Réessayez dans {wait_seconds} secondes."


@dataclass(frozen=True, slots=True)
class Limit:
    """So many tries at once, then one more every `refill`."""

    name: str
    burst: int
    refill: timedelta


# An account meets 10 tries, then 20 an hour: NIST SP 800-63B-4 (3.2.2) allows 100 in a row at most.
ON_ACCOUNT = Limit("account", burst=10, refill=timedelta(minutes=3))
ON_OWN_DEVICE = Limit("device", burst=10, refill=timedelta(minutes=1))
# A shared office signs in from one address; a network of thieves has many.
ON_RANGE = Limit("range", burst=30, refill=timedelta(seconds=20))
OVER_ALL = Limit("all", burst=300, refill=timedelta(seconds=1))


def limits_for(
    *, account: str, address_range: str, device_id: UUID | None
) -> list[tuple[Limit, str]]:
    """Return what a try is counted on; a device the account knows is counted alone."""
    if device_id is not None:
        return [(ON_OWN_DEVICE, f"{account}|{device_id}")]
    return [(ON_RANGE, address_range), (ON_ACCOUNT, account), (OVER_ALL, "")]


def spend(tries: list[tuple[Limit, str]], *, real_now: datetime) -> None:
    """
    Count one try on each limit, before it is known whether it succeeds.

    :raises TooManyTries: one of them is used up; how long to wait is in its `wait_seconds`
    """
    for limit, key in tries:
        if not _take(limit, key, real_now):
            raise TooManyTries(wait_seconds=_wait_seconds(limit, key, real_now))


def give_back(tries: list[tuple[Limit, str]], *, real_now: datetime) -> None:
    """Take back a try that succeeded: only failures use a limit up."""
    for limit, key in tries:
        _give(limit, key, real_now)


def forget_full(*, real_now: datetime) -> int:
    """Delete the rows nobody counted on for two days: they are full again. Return how many."""
    count, _ = Allowance.objects.filter(counted_at__lt=real_now - _IDLE).delete()
    return count


# What is left now: what was left, and what came back since. A clock set back takes nothing.
_NOW = (
    "least(%(burst)s, kept.remaining + "
    "greatest(0, extract(epoch from %(now)s - kept.counted_at)) / %(refill)s)"
)
_TAKE = f"""
    INSERT INTO identity_allowance AS kept (key_digest, remaining, counted_at)
    VALUES (%(key)s, %(burst)s - 1, %(now)s)
    ON CONFLICT (key_digest) DO UPDATE SET remaining = {_NOW} - 1, counted_at = %(now)s
    WHERE {_NOW} >= 1
    RETURNING remaining
"""  # noqa: S608  made of our own constants
_GIVE = f"""
    UPDATE identity_allowance AS kept
    SET remaining = least(%(burst)s, {_NOW} + 1), counted_at = %(now)s
    WHERE key_digest = %(key)s
"""  # noqa: S608  made of our own constants


def _take(limit: Limit, key: str, real_now: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, _values(limit, key, real_now))
        return cursor.fetchone() is not None


def _give(limit: Limit, key: str, real_now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_GIVE, _values(limit, key, real_now))


def _wait_seconds(limit: Limit, key: str, real_now: datetime) -> int:
    row = Allowance.objects.filter(key_digest=_digest(limit, key)).first()
    if row is None:
        return 1
    refill = limit.refill.total_seconds()
    left = row.remaining + (real_now - row.counted_at).total_seconds() / refill
    return max(1, ceil((1 - left) * refill))


def _values(limit: Limit, key: str, real_now: datetime) -> dict[str, bytes | float | datetime]:
    return {
        "key": _digest(limit, key),
        "burst": float(limit.burst),
        "refill": limit.refill.total_seconds(),
        "now": real_now,
    }


def _digest(limit: Limit, key: str) -> bytes:
    return blind_index(f"{limit.name}|{key}", purpose="limit")
