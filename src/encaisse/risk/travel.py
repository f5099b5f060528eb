"""How fast somebody travelled between two countries, at least."""

from datetime import timedelta
from math import asin, cos, radians, sin, sqrt

from encaisse.risk.countries import CENTRES

_EARTH_KM = 6371


def least_distance_km(first: str, second: str) -> float | None:
    """
    Return the least distance between two countries (ISO 3166 alpha-2), None if one is not known.

    From edge to edge, each country being a disc around its middle: an address tells a country, and
    nobody is accused of flying from Lille to Brussels.
    """
    if first == second:
        return 0.0
    if first not in CENTRES or second not in CENTRES:
        return None
    lat1, lon1, radius1 = CENTRES[first]
    lat2, lon2, radius2 = CENTRES[second]
    return max(0.0, _distance_km(lat1, lon1, lat2, lon2) - radius1 - radius2)


def least_speed_kmh(first: str, second: str, *, elapsed: timedelta) -> float | None:
    """Return the least speed that leads from one country to the other, None if not known."""
    distance = least_distance_km(first, second)
    if distance is None:
        return None
    # Under a minute everything looks like a second telephone in the pocket of the same person.
    hours = max(elapsed, timedelta(minutes=1)) / timedelta(hours=1)
    return distance / hours


def _distance_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Return the great-circle distance (haversine)."""
    lat1, lon1, lat2, lon2 = map(radians, (lat1, lon1, lat2, lon2))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * _EARTH_KM * asin(sqrt(half))
