"""Whether a request came through HTTPS, and what to do when it did not."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect

from encaisse.kit.problems import problem_of
from encaisse.kit.proxies import is_seen_elsewhere, trusted_proxies
from encaisse.web.errors import HttpsRequired

# Asked in clear from the machine itself, by whoever supervises.
_LOCAL_PATHS = frozenset({"/healthz", "/readyz"})
# Programs would follow a redirect and go on sending their key in clear, unnoticed.
_FOR_PROGRAMS = ("/api/", "/webhooks/")


class HttpsMiddleware:
    """
    Believe the scheme that our own proxies announce. In plain HTTP, people who open a page are led
    to the public address; programs, and whatever was sent, are refused (ASVS 5.0, 4.1.2).

    Without a declared proxy the scheme of the browser is not known, the site listens on the
    loopback address only, and a redirect could turn in circles: none is made.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if trusted_proxies() > 0:
            _believe_the_proxy(request)
            if is_public_https() and not request.is_secure() and request.path not in _LOCAL_PATHS:
                return _in_clear(request)
        return self._get_response(request)


def _in_clear(request: HttpRequest) -> HttpResponse:
    if request.method not in {"GET", "HEAD"} or request.path.startswith(_FOR_PROGRAMS):
        return problem_of(HttpsRequired())
    # To our own address, never to the one the request claims.
    return HttpResponsePermanentRedirect(f"{settings.PUBLIC_URL}{request.get_full_path()}")


def is_public_https() -> bool:
    return urlsplit(settings.PUBLIC_URL).scheme == "https"


def promises_https(request: HttpRequest) -> bool:
    """Tell whether a browser may be told to use HTTPS only: never for a local address."""
    public = urlsplit(settings.PUBLIC_URL)
    is_ours = request.META.get("HTTP_HOST", "").lower() == public.netloc.lower()
    is_known_or_hidden = request.is_secure() or trusted_proxies() == 0
    return is_public_https() and is_ours and is_known_or_hidden and is_seen_elsewhere()


def _believe_the_proxy(request: HttpRequest) -> None:
    announced = request.headers.get("X-Forwarded-Proto", "").split(",")
    # Each proxy adds what it saw at the end; what stands before ours, anybody may have written.
    scheme = announced[-min(trusted_proxies(), len(announced))].strip().lower()
    request.META["wsgi.url_scheme"] = "https" if scheme == "https" else "http"
