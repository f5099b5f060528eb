"""The map of addresses as an attacker reads it: every one, none chosen by hand."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import uuid4

from django.urls import URLPattern, URLResolver, get_resolver

from architecture.test_every_page_is_guarded import API
from encaisse.api.app import api

_PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>|\(\?P<(\w+)>[^)]*\)")


@dataclass(frozen=True, slots=True)
class Address:
    """One address of the map: its name, its shape, the parameters it takes, its view."""

    name: str
    route: str
    view: object

    @property
    def parameters(self) -> list[str]:
        return [typed or other for _kind, typed, other in _PARAMETER.findall(self.route)]

    def filled(self, values: Mapping[str, object] | None = None) -> str:
        """Return the path, with something of the right shape where no value is given."""

        def value(found: re.Match) -> str:
            kind, name = found[1], found[2] or found[3]
            made_up = {"uuid": str(uuid4()), "int": "7"}.get(kind, "AbCdEfGhIjKlMnOpQrStUv")
            return str((values or {}).get(name, made_up))

        return "/" + _PARAMETER.sub(value, self.route).replace("^", "").replace("$", "")


def addresses(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[Address]:
    """Yield every address that is not the API's; the first of two alike is the one served."""
    seen: set[str] = set()
    for entry in _walk(resolver or get_resolver(), prefix):
        if entry.route not in seen:
            seen.add(entry.route)
            yield entry


def operations() -> Iterator[tuple[str, str, dict]]:
    """Yield the method, the path and the description of every operation of the API."""
    for path, methods in api.get_openapi_schema(path_prefix="/api/v1/")["paths"].items():
        for method, details in methods.items():
            yield method, path, details


def _walk(resolver: URLResolver, prefix: str) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield Address(entry.name or "", route, entry.callback)
        elif entry.app_name != API:
            yield from _walk(entry, route)
