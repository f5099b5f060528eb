"""
The facts of one access, from the accesses before it.

At the door and in a replay, the same function computes them: only what came before is looked at.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from encaisse.risk.rules import Value
from encaisse.risk.travel import least_speed_kmh

VERSION = 1
MEMORY = timedelta(days=90)
SIGN_IN = "sign_in"

_HOUR = timedelta(hours=1)
_DAY_SECONDS = 24 * 3600
# Under so many accesses, a person has no habit yet.
_HABIT = 10
_NEAR = timedelta(hours=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """
    Somebody at the door, or about to do something that matters.

    `at` is in the person's local time; `device`, `address_range` and `beneficiary` are opaque
    tokens, equal when the thing is; an empty `country` or `device` is not known. `amount_minor`
    is 0 where no money moves.
    """

    at: datetime
    action: str = SIGN_IN
    passed: bool = True
    failed: bool = False
    device: str = ""
    country: str = ""
    address_range: str = ""
    amount_minor: int = 0
    beneficiary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessFacts:
    """What a policy of access may ask. None where it cannot be known."""

    is_sign_in: bool
    first_access: bool
    known_device: bool
    known_range: bool
    new_country: bool | None
    country: str
    travel_kmh: float | None
    unusual_hour: bool | None
    hour: int
    failures_15m: int
    failures_24h: int
    failing_ranges_24h: int
    amount_minor: int
    amount_ratio: float | None
    known_beneficiary: bool | None
    actions_1h: int

    def as_mapping(self) -> dict[str, Value]:
        return asdict(self)


FACT_TYPES: dict[str, type] = {
    "is_sign_in": bool,
    "first_access": bool,
    "known_device": bool,
    "known_range": bool,
    "new_country": bool,
    "country": str,
    "travel_kmh": float,
    "unusual_hour": bool,
    "hour": int,
    "failures_15m": int,
    "failures_24h": int,
    "failing_ranges_24h": int,
    "amount_minor": int,
    "amount_ratio": float,
    "known_beneficiary": bool,
    "actions_1h": int,
}


def gather(access: Access, *, before: Sequence[Access]) -> AccessFacts:
    """
    Return the facts of an access. `before`, in order of time, ends before it.

    Only what passed makes a habit: an attacker who fails often teaches nothing.
    """
    recent = [past for past in before if past.at > access.at - MEMORY]
    passed = [past for past in recent if past.passed]
    failed = [past for past in recent if past.failed]
    failed_today = _since(failed, access.at - timedelta(hours=24))
    return AccessFacts(
        is_sign_in=access.action == SIGN_IN,
        first_access=not passed,
        known_device=bool(access.device) and any(p.device == access.device for p in passed),
        known_range=any(past.address_range == access.address_range for past in passed),
        new_country=_new_country(access, passed),
        country=access.country,
        travel_kmh=_travel(access, passed),
        unusual_hour=_unusual_hour(access, passed),
        hour=access.at.hour,
        failures_15m=len(_since(failed, access.at - timedelta(minutes=15))),
        failures_24h=len(failed_today),
        failing_ranges_24h=len({past.address_range for past in failed_today}),
        amount_minor=access.amount_minor,
        amount_ratio=_amount_ratio(access, passed),
        known_beneficiary=_known_beneficiary(access, passed),
        actions_1h=sum(p.action == access.action for p in _since(recent, access.at - _HOUR)),
    )


def _since(accesses: Sequence[Access], moment: datetime) -> list[Access]:
    return [access for access in accesses if access.at > moment]


def _new_country(access: Access, passed: Sequence[Access]) -> bool | None:
    known = {past.country for past in passed if past.country}
    if not access.country or not known:
        return None
    return access.country not in known


def _travel(access: Access, passed: Sequence[Access]) -> float | None:
    placed = [past for past in passed if past.country]
    if not access.country or not placed:
        return None
    last = placed[-1]
    return least_speed_kmh(last.country, access.country, elapsed=access.at - last.at)


def _unusual_hour(access: Access, passed: Sequence[Access]) -> bool | None:
    if len(passed) < _HABIT:
        return None
    return not any(_apart(past.at, access.at) <= _NEAR for past in passed)


def _apart(first: datetime, second: datetime) -> timedelta:
    """Return how far two times of day are, around midnight too."""
    seconds = abs(_seconds(first) - _seconds(second))
    return timedelta(seconds=min(seconds, _DAY_SECONDS - seconds))


def _seconds(moment: datetime) -> int:
    return moment.hour * 3600 + moment.minute * 60 + moment.second


def _amount_ratio(access: Access, passed: Sequence[Access]) -> float | None:
    """Return the amount over the largest one this person moved in the same way."""
    amounts = [p.amount_minor for p in passed if p.action == access.action and p.amount_minor]
    if not access.amount_minor or not amounts:
        return None
    return round(access.amount_minor / max(amounts), 2)


def _known_beneficiary(access: Access, passed: Sequence[Access]) -> bool | None:
    if not access.beneficiary:
        return None
    return any(past.beneficiary == access.beneficiary for past in passed)
