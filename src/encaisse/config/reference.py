"""The API's own page: what programs may ask, written from the code."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from itertools import groupby

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from encaisse.api.app import api
from encaisse.api.reference import Group, groups_of
from encaisse.config.catalogue import errors
from encaisse.kit.clock import business_now, paris_date
from encaisse.web.access import public

_PREFIX = "/api/v1/"
# A day that an example names is yet to come when it is tried.
_SOON = timedelta(days=30)
_VALUE = re.compile(r"\{\w+\}")


@dataclass(frozen=True, slots=True)
class Listed:
    """An error of the catalogue; what changes each time is left open."""

    status: int
    code: str
    french: str


@require_GET
@public("it describes the code, which anybody may read, and holds no data of any firm")
def page(request: HttpRequest) -> HttpResponse:
    context = {
        "groups": _groups(settings.PUBLIC_URL, paris_date(business_now()) + _SOON),
        "errors": _errors_by_status(),
        "schema_url": f"{_PREFIX}openapi.json",
    }
    return render(request, "api/reference.html", context)


@lru_cache(maxsize=1)
def _groups(host: str, soon: date) -> list[Group]:
    return groups_of(api.get_openapi_schema(path_prefix=_PREFIX), host=host, soon=soon)


@cache
def _errors_by_status() -> list[tuple[int, list[Listed]]]:
    listed = [Listed(each.status, each.code, _VALUE.sub("…", each.french)) for each in errors()]
    ordered = sorted(listed, key=lambda each: (each.status, each.code))
    return [(status, list(found)) for status, found in groupby(ordered, lambda each: each.status)]
