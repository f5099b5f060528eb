"""Where a request comes from: its address, its browser, the device it is."""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from encaisse.identity.access import Origin
from encaisse.identity.devices import Recognised, device_of
from encaisse.identity.proofs import agent_words
from encaisse.kit.proxies import client_address

# The longest that browsers keep a cookie (RFC 6265bis).
_DEVICE_DAYS = 400


def origin_of(request: HttpRequest, *, user_id: UUID) -> Origin:
    return Origin(
        address=client_address(request),
        agent=agent_words(request.headers.get("User-Agent", "")),
        device_id=device_of(user_id=user_id, token=device_token(request)),
    )


def device_token(request: HttpRequest) -> str:
    return request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")


def set_device_cookie(response: HttpResponse, device: Recognised) -> None:
    """Let the browser be recognised by this person's account, and by nobody else."""
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        device.token,
        max_age=_DEVICE_DAYS * 24 * 3600,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
