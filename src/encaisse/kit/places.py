"""Where an internet address is, as its registry says: a country, never more. Nobody is asked."""

from functools import cache
from ipaddress import ip_network

import maxminddb
from babel import Locale
from django.conf import settings

from encaisse.kernel.networks import plain_address

_SHARED_BITS = {4: 24, 6: 48}


def country_of(address: str) -> str:
    """Return the ISO 3166 alpha-2 code of an address; empty for a private or unlisted one."""
    try:
        found = _reader().get(plain_address(address))
    except ValueError:  # not an address
        return ""
    code = found.get("country_code") if isinstance(found, dict) else None
    return code if isinstance(code, str) and len(code) == 2 else ""


def address_range(address: str) -> str:
    """
    Return the network an address shares with its neighbours: /24, or /48 in IPv6.

    Within it a connection's address changes without anything having happened.
    """
    try:
        parsed = plain_address(address)
    except ValueError:
        return ""
    return str(ip_network(f"{parsed}/{_SHARED_BITS[parsed.version]}", strict=False))


def country_words(code: str) -> str:
    """Name a country from its ISO 3166 code; an address of the local network has none."""
    return Locale("fr").territories.get(code, code) if code else "Réseau local"


@cache
def _reader() -> maxminddb.Reader:
    return maxminddb.open_database(str(settings.ENCAISSE_COUNTRIES_FILE))
