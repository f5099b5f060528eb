"""
Asking an address that a person typed, without being led into our own network.

The name is resolved here, every address it has is checked, and the one checked is the one
connected to: a name that answers otherwise a second later leads nowhere else.
"""

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from django.conf import settings

from encaisse.kernel.errors import DomainError
from encaisse.kit.http import Answer, NothingSent, ask
from encaisse.kit.proxies import is_seen_elsewhere

LARGEST_URL = 500
# What IANA has given to the public internet (2000::/3); the rest is reserved, local, or carries an
# IPv4 address inside (::/96, ::ffff:0:0/96, 64:ff9b::/96), which a translator would reach for us.
_PUBLIC_IPV6 = ip_network("2000::/3")
# Within it and beside it: relays that translate, and what documents and protocols keep.
_NOT_PUBLIC = tuple(map(ip_network, ("2002::/16", "3fff::/20", "192.0.0.0/24", "192.88.99.0/24")))


class AddressRefused(DomainError):
    """This address is not one we may ask."""

    code = "address_refused"
    status = 422
    french = "Cette adresse ne peut pas être appelée : {reason}."


@dataclass(frozen=True, slots=True)
class Target:
    """A checked address: whom to connect to, and under which name."""

    scheme: str
    host: str
    port: int
    path: str
    address: str

    @property
    def pinned_url(self) -> str:
        literal = f"[{self.address}]" if ":" in self.address else self.address
        return f"{self.scheme}://{literal}:{self.port}{self.path}"

    @property
    def host_header(self) -> str:
        usual = {"https": 443, "http": 80}[self.scheme]
        return self.host if self.port == usual else f"{self.host}:{self.port}"


def check_address(url: str) -> Target:
    """
    Resolve and check an address. In a demonstration that only this machine sees, any address and
    plain HTTP are allowed.

    :raises AddressRefused: not https, a private network, an unknown name
    :raises NothingSent: the name cannot be resolved now
    """
    scheme, host, port, path = _parts(url)
    addresses = _resolved(host, port)
    if not _is_tried_here() and not all(map(is_outside, addresses)):
        raise AddressRefused(reason="elle mène à un réseau privé")
    return Target(scheme=scheme, host=host, port=port, path=path, address=addresses[0])


def post_outside(url: str, *, content: bytes, headers: Mapping[str, str]) -> Answer:
    """
    Post to a typed address. Never called inside a transaction; redirects are not followed.

    :raises AddressRefused: not one we may ask
    :raises NothingSent: no connection
    :raises AnswerLost: it may have been heard
    """
    target = check_address(url)
    return ask(
        "POST",
        target.pinned_url,
        # Never used again: the next name at this address has its own certificate to show.
        headers={**headers, "Host": target.host_header, "Connection": "close"},
        content=content,
        server_name=target.host if target.scheme == "https" else "",
    )


def is_outside(address: str) -> bool:
    """Tell whether an address is of the public internet, whatever it is wrapped in."""
    found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return is_outside(str(found.ipv4_mapped))
        if found not in _PUBLIC_IPV6:
            return False
    is_kept = any(found in network for network in _NOT_PUBLIC)
    return found.is_global and not found.is_multicast and not is_kept


def _is_tried_here() -> bool:
    """Tell whether whoever types an address sits at this machine, and may call all it can call."""
    return settings.DEMO and not is_seen_elsewhere()


def _parts(url: str) -> tuple[str, str, int, str]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise AddressRefused(reason="elle est mal écrite") from error
    if parts.scheme != "https" and not (_is_tried_here() and parts.scheme == "http"):
        raise AddressRefused(reason="elle doit commencer par https://")
    if not parts.hostname or len(url) > LARGEST_URL or not _is_written_well(url):
        raise AddressRefused(reason="elle est mal écrite")
    if parts.username is not None or parts.password is not None:
        raise AddressRefused(reason="elle ne doit pas contenir de mot de passe")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, parts.hostname, port or {"https": 443, "http": 80}[parts.scheme], path


def _is_written_well(url: str) -> bool:
    return url.isascii() and url.isprintable() and " " not in url


def _resolved(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise NothingSent(f"{host} is not known.") from error
    return [str(one[4][0]) for one in found]
