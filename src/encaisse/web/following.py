"""Following one request from the proxy to the last line it wrote in a log."""

import re
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import structlog
from django.http import HttpRequest, HttpResponse
from structlog.contextvars import bind_contextvars, bound_contextvars, unbind_contextvars

HEADER = "X-Request-ID"
# What proxies make: letters, digits and dashes. Anything else is replaced, never repeated.
_SHAPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{7,63}")
# Asked every few seconds by whoever supervises: their lines would bury the others.
_SILENT_PATHS = frozenset({"/healthz", "/readyz"})
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

log = structlog.get_logger(__name__)


class FollowingMiddleware:
    """Name the request in every line and in the answer, and write what became of it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = _request_id(request)
        started = time.perf_counter()
        with bound_contextvars(request_id=request_id):
            response = self._get_response(request)
            response[HEADER] = request_id
            if request.path not in _SILENT_PATHS:
                _write(request, response, time.perf_counter() - started)
        unbind_contextvars("user_id")
        return response

    def process_view(
        self, request: HttpRequest, _view: Callable[..., HttpResponse], *_arguments: Any
    ) -> None:
        """Name the person in every line from here, by what only our database can read."""
        if request.user.is_authenticated:
            bind_contextvars(user_id=str(request.user.id))


def _request_id(request: HttpRequest) -> str:
    given = request.headers.get(HEADER, "")
    # Digits alone may be a card number: an identifier has letters.
    if _SHAPE.fullmatch(given) and not given.replace("-", "").isdigit():
        return given
    return str(uuid4())


def _write(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    """Tell the address by its shape: the address itself may be the secret of a link."""
    match = request.resolver_match
    about = {"organization_id": str(found)} if (found := _organization(request)) else {}
    log.info(
        "request",
        method=request.method if request.method in _METHODS else "other",
        route=f"/{match.route}" if match else None,
        status=response.status_code,
        milliseconds=round(seconds * 1000),
        **about,
    )


def _organization(request: HttpRequest) -> object:
    """Return the firm a member worked in, or a program's key belongs to."""
    caller = getattr(request, "auth", None)
    return getattr(request, "organization_id", None) or getattr(caller, "organization_id", None)
