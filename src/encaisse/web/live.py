"""Pages that follow what happens: they ask again, and are told only what changed."""

import hashlib
from collections.abc import Callable, Iterable

from django.http import HttpRequest, HttpResponse

from encaisse.identity.sessions import SessionStore

# The header by which a page says that it asks by itself, and for whom.
UNATTENDED = "Encaisse-Unattended"
# The parameter by which a page says what it already shows.
SEEN = "vu"
_LENGTH = 16


class UnattendedMiddleware:
    """
    Let no page left open keep its person signed in: only what people do counts (ASVS 7.3.1).
    Once they are out, or in another of their firms, the page is asked for again as a whole.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked_for = request.headers.get(UNATTENDED)
        if isinstance(request.session, SessionStore):
            request.session.is_attended = asked_for is None
        response = self._get_response(request)
        is_still_theirs = asked_for == shown_for(request) and not response.has_header("Location")
        return response if asked_for is None or is_still_theirs else draw_again()


def shown_for(request: HttpRequest) -> str:
    """Return whose page this is: a firm's, else a person's."""
    return str(getattr(request, "organization_id", "person"))


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
