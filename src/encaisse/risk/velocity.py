"""
The facts of one payment attempt, from the tallies of its subjects.

The same functions answer while somebody pays and in a replay of files: `gather` before the attempt,
`record` once its outcome is known, `label` when its bank or its payer says what it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import asin, cos, radians, sin, sqrt
from types import MappingProxyType
from zlib import crc32

from encaisse.risk.rules import Value
from encaisse.risk.tallies import FIGURES, UNUSUAL, WINDOWS, Companion, Place, Tally

VERSION = 2
# What is tallied about a payment, and which companions each one counts.
KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "card": ("device", "email", "ip"),
        "email": ("card", "device"),
        "device": ("card", "email"),
        "ip": ("card", "email"),
        "network": ("card",),
        "customer": ("card", "device"),
        "link": ("card", "email"),
        "merchant": (),
    }
)
_OF_THE_ATTEMPT: Mapping[str, type] = {"amount": int, "hour": int, "weekday": int, "night": bool}
_OF_PLACES: Mapping[str, type] = {"distance_km": float, "speed_kmh": float, "usual_km": float}
_DAY, _HOUR = 86_400, 3_600
_THURSDAY = 3  # 1 January 1970
_NIGHT_ENDS = 6
_EARTH_KM = 6371
# Under a minute everything looks like a second telephone in the pocket of the same person.
_LEAST_HOURS = 1 / 60


@dataclass(frozen=True, slots=True)
class Attempt:
    """
    Somebody about to pay `cents`.

    `at` is in epoch seconds, and `offset` is how many seconds local time is ahead of it. `subjects`
    gives an opaque key by kind, absent when not known; `place` is a latitude and a longitude.
    """

    at: int
    cents: int
    subjects: Mapping[str, Companion]
    offset: int = 0
    place: Place | None = None


@lru_cache(maxsize=64)
def _names(kind: str, companions: tuple[str, ...]) -> tuple[str, ...]:
    met = [f"{kind}_{other}s_{window}" for other in companions for window in WINDOWS]
    new = [f"{kind}_{other}_new" for other in companions]
    own = (*FIGURES, *_OF_PLACES)
    return (*(f"{kind}_{figure}" for figure in own), *met, *new)


def fact_types(kinds: Mapping[str, Sequence[str]] = KINDS) -> Mapping[str, type]:
    """Return every fact `gather` answers for these kinds, with its type; any may be None."""
    types = dict(_OF_THE_ATTEMPT)
    for kind, companions in kinds.items():
        met = [int] * (len(WINDOWS) * len(companions))
        new = [bool] * len(companions)
        answered = (*FIGURES.values(), *_OF_PLACES.values(), *met, *new)
        types.update(zip(_names(kind, tuple(companions)), answered, strict=True))
    return MappingProxyType(types)


FACT_TYPES = fact_types()


def gather(
    attempt: Attempt,
    tallies: Mapping[str, Tally],
    *,
    kinds: Mapping[str, tuple[str, ...]] = KINDS,
    label_delay_days: int = 0,
) -> dict[str, Value]:
    """
    Return the facts of an attempt. `tallies`, by kind, do not contain it yet.

    A kind the attempt has no subject for, or never met, is still answered: None and zeros.
    """
    values = gather_values(attempt, tallies, kinds=kinds, label_delay_days=label_delay_days)
    return dict(zip(fact_names(kinds), values, strict=True))


def gather_values(
    attempt: Attempt,
    tallies: Mapping[str, Tally],
    *,
    kinds: Mapping[str, tuple[str, ...]] = KINDS,
    label_delay_days: int = 0,
) -> list[Value]:
    """Return the same in the order of `fact_names`."""
    at, cents, offset = attempt.at, attempt.cents, attempt.offset
    values = _moment(attempt)
    for kind, companions in kinds.items():
        if kind not in attempt.subjects:
            values += _nothing(kind, companions)
            continue
        tally = tallies.get(kind) or Tally()
        values += tally.values(at, label_delay_days, cents=cents, offset=offset)
        values += _NOWHERE if attempt.place is None else _travelled(attempt.place, at, tally)
        if companions:
            _meet(attempt, tally, companions, values)
    return values


def fact_names(kinds: Mapping[str, tuple[str, ...]] = KINDS) -> tuple[str, ...]:
    """Return the name of every fact `gather` answers for these kinds, in order."""
    return _all_names(tuple(kinds.items()))


@lru_cache(maxsize=64)
def _all_names(kinds: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[str, ...]:
    named = [name for kind, companions in kinds for name in _names(kind, companions)]
    return (*_OF_THE_ATTEMPT, *named)


@lru_cache(maxsize=64)
def _nothing(kind: str, companions: tuple[str, ...]) -> tuple[None, ...]:
    return (None,) * len(_names(kind, companions))


def record(
    attempt: Attempt,
    tallies: Mapping[str, Tally],
    *,
    kinds: Mapping[str, tuple[str, ...]] = KINDS,
    refused: bool = False,
    accepted: bool = True,
) -> None:
    """
    Add an attempt to the tally of each of its subjects, once what became of it is known.

    Refused by its bank, or not `accepted` by us (held, blocked), it makes nobody known.
    """
    for kind, tally in tallies.items():
        tally.add(
            attempt.at,
            attempt.cents,
            refused=refused,
            others={
                other: token(attempt.subjects[other])
                for other in kinds[kind]
                if other in attempt.subjects
            },
            place=attempt.place,
            offset=attempt.offset,
        )
        if accepted and not refused:
            tally.accept()


def stands_out(facts: Mapping[str, Value]) -> bool:
    """Tell whether the amount was out of the ordinary for a subject, by what was known then."""
    return any(
        isinstance(deviations := facts.get(f"{kind}_amount_z"), float) and deviations > UNUSUAL
        for kind in (*KINDS, "payer", "terminal")
    )


def label(
    attempt: Attempt,
    tallies: Mapping[str, Tally],
    *,
    fraud: bool = True,
    stood_out: bool = False,
) -> None:
    """
    Tell the tallies that a recorded attempt was a fraud, or that it was not after all.

    `stood_out` is what `stands_out` says of the facts it was weighed on.
    """
    for tally in tallies.values():
        tally.mark(
            attempt.at,
            attempt.cents,
            fraud=fraud,
            stood_out=stood_out,
            offset=attempt.offset,
        )


def token(key: Companion) -> int:
    """Return a short number for a companion: tallies count them and never need to name them."""
    return key if isinstance(key, int) else _number(key)


@lru_cache(maxsize=100_000)
def _number(key: str) -> int:
    return crc32(key.encode())


def _moment(attempt: Attempt) -> list[Value]:
    """Return the facts of _OF_THE_ATTEMPT."""
    day, second = divmod(attempt.at + attempt.offset, _DAY)
    hour = second // _HOUR
    return [attempt.cents, hour, (day + _THURSDAY) % 7, hour < _NIGHT_ENDS]


def _meet(attempt: Attempt, tally: Tally, companions: Sequence[str], values: list[Value]) -> None:
    """Say how many companions of each kind came before, and whether this one is new."""
    subjects, is_new, seen = attempt.subjects, [], tally.last_at is not None
    for other in companions:
        values += tally.distinct(other, attempt.at, offset=attempt.offset)
        known = seen and other in subjects
        is_new.append(not tally.has_met(other, token(subjects[other])) if known else None)
    values += is_new


def _travelled(place: Place, at: int, tally: Tally) -> tuple[float | None, ...]:
    """Return how far the last place is, how fast one would have come, how far the usual one is."""
    usual, last = tally.usual_place, tally.last_place
    if last is None or usual is None:
        return _NOWHERE
    distance = _distance_km(last[0], place)
    hours = max(at - last[1], 0) / _HOUR
    return distance, distance / max(hours, _LEAST_HOURS), _distance_km(usual, place)


_NOWHERE = (None, None, None)


def _distance_km(first: Place, second: Place) -> float:
    """Return the great-circle distance (haversine)."""
    lat1, lon1, lat2, lon2 = map(radians, (*first, *second))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * _EARTH_KM * asin(min(1.0, sqrt(half)))
