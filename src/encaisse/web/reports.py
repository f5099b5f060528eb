"""What browsers refuse to load or run on our pages, as they report it: a line of the log."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from threading import Lock
from urllib.parse import urlsplit

import structlog
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from encaisse.risk.windows import Window
from encaisse.web.access import public

PATH = "/rapports/csp"
_LARGEST_BYTES = 16 * 1024
_MOST_REPORTS = 10
_WORD = re.compile(r"[a-z-]{1,40}")
_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]{1,120}")

log = structlog.get_logger(__name__)


class Limit:
    """So many times a minute in this process: a report costs a line, never a full disk."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._lock = Lock()
        self.forget()

    def allows(self) -> bool:
        now = timezone.now()
        with self._lock:
            if self._recent.count(now) >= self.most:
                return False
            self._recent.add(now)
            return True

    def forget(self) -> None:
        self._recent = Window(timedelta(minutes=1))


LIMIT = Limit(60)


@csrf_exempt
@require_POST
@public("a browser reports without a session; nothing is read, changed or told")
def csp(request: HttpRequest) -> HttpResponse:
    """Note what a browser refused, by its directive, its host and the shape of the address."""
    length = request.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) <= _LARGEST_BYTES:
        for violation in _violations(request.body):
            if LIMIT.allows():
                log.warning("csp_violation", **_told(violation))
    return HttpResponse(status=204)


def _violations(body: bytes) -> Iterator[Mapping[str, object]]:
    """Read both shapes: a list for `report-to`, one object for the older `report-uri`."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return
    entries = content[:_MOST_REPORTS] if isinstance(content, list) else [content]
    for entry in entries:
        if isinstance(entry, dict):
            found = entry.get("csp-report") or entry.get("body")
            if isinstance(found, dict):
                yield found


def _told(violation: Mapping[str, object]) -> dict[str, object]:
    def text(*names: str) -> str:
        return next((v for name in names if isinstance(v := violation.get(name), str)), "")

    directive = text("effectiveDirective", "effective-directive", "violated-directive")
    word = _WORD.match(directive)
    return {
        "directive": word[0] if word else None,
        "blocked": _origin(text("blockedURL", "blocked-uri")),
        "route": _route(text("documentURL", "document-uri")),
    }


def _origin(address: str) -> str | None:
    """Return the host without its path, or the word (inline, eval, data) that stands for one."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.netloc:
        host = parts.netloc.rpartition("@")[2]
        return host if _HOST.fullmatch(host) else None
    word = parts.scheme or parts.path
    return word if _WORD.fullmatch(word) else None


def _route(address: str) -> str | None:
    try:
        return f"/{resolve(urlsplit(address).path).route}"
    except (Resolver404, ValueError):
        return None
