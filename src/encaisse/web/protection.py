"""Headers that every page carries: what it may load, who may frame it, what it may use."""

import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from encaisse.web import reports
from encaisse.web.https import promises_https

_PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "autoplay",
        "browsing-topics",
        "camera",
        "display-capture",
        "encrypted-media",
        "fullscreen",
        "geolocation",
        "gyroscope",
        "hid",
        "idle-detection",
        "local-fonts",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "picture-in-picture",
        "screen-wake-lock",
        "serial",
        "usb",
        "xr-spatial-tracking",
    )
)
# `report-uri` for the browsers that do not know `report-to` yet.
_REPORTS = f"; report-to csp; report-uri {reports.PATH}"
_ONE_YEAR = "max-age=31536000"


class ProtectionMiddleware:
    """Set a strict policy; a page that needs another one (the payer's) has set its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        nonce = secrets.token_urlsafe(16)
        request.csp_nonce = nonce  # type: ignore[attr-defined]  # read by the base template
        response = self._get_response(request)
        policy = response.get("Content-Security-Policy", _policy(nonce))
        response["Content-Security-Policy"] = policy + _REPORTS
        response["Reporting-Endpoints"] = f'csp="{reports.PATH}"'
        response.setdefault("Permissions-Policy", _PERMISSIONS)
        response.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        # Here rather than in Django's own, which an error raised before it would miss.
        response.setdefault("X-Content-Type-Options", "nosniff")
        response.setdefault("Referrer-Policy", "same-origin")
        response.setdefault("X-Frame-Options", "DENY")
        # Empty, or the web server puts its own name.
        response.setdefault("Server", "")
        # What a page or an operation tells is kept nowhere; our own files said otherwise before.
        response.setdefault("Cache-Control", "no-store")
        if promises_https(request):
            response.setdefault("Strict-Transport-Security", _ONE_YEAR)
        return response


def _policy(nonce: str) -> str:
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; "
        "img-src 'self' data:; connect-src 'self'; form-action 'self'; worker-src 'self'; "
        "manifest-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
