"""Pages that follow what happens: they ask again, and are told only what changed."""

import hashlib
from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse

# The parameter by which a page says what it already shows.
SEEN = "vu"
_LENGTH = 16


def mark_of(parts: Iterable[object]) -> str:
    """Return what tells one state of a page from another."""
    text = "\x1f".join(str(part) for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]


def is_asking_again(request: HttpRequest) -> bool:
    return SEEN in request.GET and "HX-Request" in request.headers


def nothing_new(request: HttpRequest, mark: str) -> HttpResponse | None:
    """Answer a page that already shows this; it then changes nothing and asks again later."""
    if is_asking_again(request) and request.GET[SEEN] == mark:
        return HttpResponse(status=204)
    return None


def draw_again() -> HttpResponse:
    """Have the page asked for again as a whole, where it stands."""
    response = HttpResponse(status=204)
    response["HX-Refresh"] = "true"
    return response
