"""
The browser a payer pays from, recognised by a random number of this site that it signs.

It serves to stop frauds and nothing else, as is strictly necessary to the payment asked for (law
78-17, article 82); it is set when somebody pays, never by looking.
"""

import secrets

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse

from encaisse.fraud.services.arrivals import Payer
from encaisse.identity.proofs import agent_words
from encaisse.kit.proxies import client_address

# The longest that browsers keep a cookie (RFC 6265bis).
_KEPT_SECONDS = 400 * 24 * 3600
_signer = Signer(salt="encaisse.payer-device")


def payer_of(request: HttpRequest) -> Payer:
    """Return what a page knows of whoever is there."""
    return Payer(
        address=client_address(request),
        agent=agent_words(request.headers.get("User-Agent", "")),
        device=_device(request),
    )


def remember_device(request: HttpRequest, response: HttpResponse) -> None:
    """Let this browser be recognised the next time it pays somebody here."""
    response.set_cookie(
        settings.PAYER_DEVICE_COOKIE_NAME,
        _signer.sign(_device(request)),
        max_age=_KEPT_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _device(request: HttpRequest) -> str:
    """Return the browser's number: the one it brought, signed by us, or a new one."""
    known = getattr(request, "payer_device", None)
    if known is None:
        known = _brought(request) or secrets.token_hex(16)
        request.payer_device = known  # type: ignore[attr-defined]  # the same one for the answer
    return str(known)


def _brought(request: HttpRequest) -> str:
    try:
        return _signer.unsign(request.COOKIES.get(settings.PAYER_DEVICE_COOKIE_NAME, ""))
    except BadSignature:
        return ""
