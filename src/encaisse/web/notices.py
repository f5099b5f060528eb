"""What the next page says once: in a cookie of this host alone, in the session where it is long."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class _HostCookie(CookieStorage):
    cookie_name = settings.NOTICES_COOKIE_NAME


class Notices(FallbackStorage):
    """Django's own storage under a cookie that no neighbour of the same domain can set."""

    storage_classes = (_HostCookie, SessionStorage)
