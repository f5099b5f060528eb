"""What to believe of a request that came through our own proxies, and of one that did not."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

_LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


def trusted_proxies() -> int:
    """Return how many proxies of ours stand between the Internet and the site."""
    found: int = settings.ENCAISSE_TRUSTED_PROXIES
    return found


def client_address(request: HttpRequest) -> str:
    """
    Return the address of whoever asks, as the outermost proxy of ours saw it.

    Each proxy adds what it saw at the end; what stands before ours, anybody may have written.
    """
    direct = str(request.META.get("REMOTE_ADDR", ""))
    proxies = trusted_proxies()
    if not proxies:
        return direct
    said = request.headers.get("X-Forwarded-For", "").split(",")
    candidate = said[-proxies].strip() if len(said) >= proxies else ""
    return candidate if _is_address(candidate) else direct


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def is_seen_elsewhere() -> bool:
    """Tell whether people reach the site from other machines than its own."""
    return (urlsplit(settings.PUBLIC_URL).hostname or "localhost") not in _LOCAL_HOSTS
