"""
Write src/encaisse/risk/countries.py: the middle of every country and how far its land goes.

Run by hand with the file `countries-50m.json` of the npm package world-atlas (Natural Earth, in the
public domain): `python tools/country_centres.py PATH`. A country is its largest piece of land:
overseas territories that have a code of their own are countries here.
"""

import json
import sys
from collections.abc import Iterator
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Any

import pycountry

Point = tuple[float, float]
TARGET = Path(__file__).parent.parent / "src" / "encaisse" / "risk" / "countries.py"


def main() -> None:
    atlas = json.loads(Path(sys.argv[1]).read_text())
    arcs = list(_absolute_arcs(atlas))
    centres: dict[str, tuple[float, float, int]] = {}
    for shape in atlas["objects"]["countries"]["geometries"]:
        country = pycountry.countries.get(numeric=shape.get("id", ""))
        if country is not None:
            centres[country.alpha_2] = _centre(_largest_ring(shape, arcs))
    centres |= _OVERSEAS
    lines = [
        f'    "{code}": ({lat}, {lon}, {radius}),'
        for code, (lat, lon, radius) in sorted(centres.items())
    ]
    TARGET.write_text(_HEADER + "\n".join(lines) + "\n}\n")
    print(f"{len(centres)} countries in {TARGET}")


# French lands drawn with France in the atlas, whose addresses bear a code of their own.
_OVERSEAS = {
    "GF": (4.0, -53.1, 250),
    "GP": (16.2, -61.5, 60),
    "MQ": (14.6, -61.0, 45),
    "RE": (-21.1, 55.5, 40),
    "YT": (-12.8, 45.2, 25),
}
_HEADER = '''"""
The middle of every country and the radius of its largest land: (latitude, longitude, km).

Written by tools/country_centres.py from Natural Earth, in the public domain. Do not edit.
"""

from collections.abc import Mapping

CENTRES: Mapping[str, tuple[float, float, int]] = {
'''


def _absolute_arcs(atlas: dict[str, Any]) -> Iterator[list[Point]]:
    (sx, sy), (tx, ty) = atlas["transform"]["scale"], atlas["transform"]["translate"]
    for arc in atlas["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * sx + tx, y * sy + ty))
        yield points


def _largest_ring(shape: dict[str, Any], arcs: list[list[Point]]) -> list[Point]:
    polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
    rings = [_ring(polygon[0], arcs) for polygon in polygons]
    return max(rings, key=lambda ring: abs(_moments(ring)[0]))


def _ring(indexes: list[int], arcs: list[list[Point]]) -> list[Point]:
    points: list[Point] = []
    for index in indexes:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        points.extend(arc[1:] if points else arc)
    return points


def _moments(ring: list[Point]) -> tuple[float, float, float]:
    """Return the signed area and its first moments, on a plane squeezed by the latitude."""
    squeeze = cos(radians(sum(lat for _, lat in ring) / len(ring)))
    area = x_moment = y_moment = 0.0
    flat = [(x * squeeze, y) for x, y in ring]
    for (x1, y1), (x2, y2) in zip(flat, flat[1:] + flat[:1], strict=True):
        cross = x1 * y2 - x2 * y1
        area += cross / 2
        x_moment += (x1 + x2) * cross / 6 / squeeze
        y_moment += (y1 + y2) * cross / 6
    return area, x_moment, y_moment


def _centre(ring: list[Point]) -> tuple[float, float, int]:
    area, x_moment, y_moment = _moments(ring)
    lon, lat = (x_moment / area, y_moment / area) if area else ring[0]
    radius = max(_distance_km((lon, lat), point) for point in ring)
    return round(lat, 1), round(lon, 1), round(radius)


def _distance_km(first: Point, second: Point) -> float:
    lon1, lat1, lon2, lat2 = map(radians, (*first, *second))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * 6371 * asin(sqrt(half))


main()
