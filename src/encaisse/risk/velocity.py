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
    facts: dict[str, Value] = _moment(attempt)
    for kind, companions in kinds.items():
        names = _names(kind, companions)
        if kind not in attempt.subjects:
            facts.update(dict.fromkeys(names))
            continue
        tally = tallies.get(kind) or Tally()
        values: tuple[Value, ...] = (
            *tally.values(attempt.at, label_delay_days, cents=attempt.cents, offset=attempt.offset),
            *_travelled(attempt, tally),
        )
        if companions:
            values += _met(attempt, tally, companions)
        facts.update(zip(names, values, strict=True))
    return facts


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
    return key if isinstance(key, int) else crc32(key.encode())


def _moment(attempt: Attempt) -> dict[str, Value]:
    day, second = divmod(attempt.at + attempt.offset, _DAY)
    hour = second // _HOUR
    return {
        "amount": attempt.cents,
        "hour": hour,
        "weekday": (day + _THURSDAY) % 7,
        "night": hour < _NIGHT_ENDS,
    }


def _met(attempt: Attempt, tally: Tally, companions: Sequence[str]) -> tuple[Value, ...]:
    """Return how many companions of each kind came before, and whether this one is new."""
    counts: list[Value] = []
    new: list[Value] = []
    for other in companions:
        counts += tally.distinct(other, attempt.at, offset=attempt.offset)
        known = other in attempt.subjects and tally.last_at is not None
        new.append(not tally.has_met(other, token(attempt.subjects[other])) if known else None)
    return (*counts, *new)


def _travelled(attempt: Attempt, tally: Tally) -> tuple[float | None, float | None, float | None]:
    """Return how far the last place is, how fast one would have come, how far the usual one is."""
    usual = tally.usual_place
    if attempt.place is None or tally.last_place is None or usual is None:
        return None, None, None
    place, at = tally.last_place
    distance = _distance_km(place, attempt.place)
    hours = max(attempt.at - at, 0) / _HOUR
    speed = distance / max(hours, _LEAST_HOURS)
    return distance, speed, _distance_km(usual, attempt.place)


def _distance_km(first: Place, second: Place) -> float:
    """Return the great-circle distance (haversine)."""
    lat1, lon1, lat2, lon2 = map(radians, (*first, *second))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * _EARTH_KM * asin(min(1.0, sqrt(half)))
