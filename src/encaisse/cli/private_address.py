"""Which address of this machine a demonstration may be shown at: a private one, nothing else."""

import errno
import ipaddress
import socket
from collections.abc import Iterable, Sequence
from contextlib import suppress

from encaisse.cli.errors import UsageError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# RFC 1918, RFC 3927, RFC 4193. Python's `is_private` is wider: it takes the ranges of documentation
# and of operators' own networks too, which strangers share.
_PRIVATE = tuple(
    ipaddress.ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7")
)
_OWN = ipaddress.ip_network("127.0.0.0/8")
_LOCALHOST = ipaddress.ip_address("127.0.0.1")
# One address of each kind of network, asked for the way to it only: nothing is ever sent there.
_TARGETS = (
    "10.255.255.254",
    "172.31.255.254",
    "192.168.255.254",
    "169.254.255.254",
    "192.0.2.1",
)
_HOW = "Nommez-la : make demo LAN=192.168.1.12 (« ip addr » les montre)."


class LanAddressRefused(UsageError):
    """The address is not one that only the same network reaches."""

    code = "lan_address_refused"


class LanAddressAbsent(UsageError):
    code = "lan_address_absent"


class LanAddressUnknown(UsageError):
    """None was given, and none or several were found."""

    code = "lan_address_unknown"


def chosen_address(given: str) -> Address:
    """
    Return the address to show the demonstration at: the one given, or the only private one where
    `given` is empty.

    :raises LanAddressRefused: it is public, or no address
    :raises LanAddressAbsent: this machine does not have it
    :raises LanAddressUnknown: none was given, and none or several were found
    """
    if not given:
        return only_one(ways_out())
    address = checked(given)
    if not _is_here(address):
        raise LanAddressAbsent(f"Cette machine n’a pas l’adresse {address}. {_HOW}")
    return address


def checked(text: str) -> Address:
    """:raises LanAddressRefused: not the private address of a machine"""
    try:
        address = ipaddress.ip_address(text)
    except ValueError as error:
        raise LanAddressRefused(f"« {text} » n’est pas une adresse. {_HOW}") from error
    if address == _LOCALHOST:
        raise LanAddressRefused(f"{address} n’est vue que de cette machine. {_HOW}")
    if not (_is_private(address) or address in _OWN):
        raise LanAddressRefused(
            f"{address} n’est pas une adresse privée : la démonstration ne se montre qu’au réseau "
            f"où elle est, jamais à Internet. {_HOW}"
        )
    return address


def only_one(found: Iterable[Address]) -> Address:
    """:raises LanAddressUnknown: none of them is private, or several are"""
    private = sorted({each for each in found if _is_private(each)}, key=str)
    if not private:
        raise LanAddressUnknown(f"Aucune adresse privée trouvée sur cette machine. {_HOW}")
    if len(private) > 1:
        several = ", ".join(str(each) for each in private)
        raise LanAddressUnknown(f"Plusieurs adresses privées : {several}. {_HOW}")
    return private[0]


def ways_out(targets: Sequence[str] = _TARGETS) -> list[Address]:
    """Return the addresses this machine would speak from. Choosing a way sends no packet."""
    found: list[Address] = []
    for target in targets:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, suppress(OSError):
            probe.connect((target, 9))  # a machine without that way has no address there
            found.append(ipaddress.ip_address(probe.getsockname()[0]))
    return found


def _is_private(address: Address) -> bool:
    return any(address in network for network in _PRIVATE if network.version == address.version)


def _is_here(address: Address) -> bool:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((str(address), 0))
        except OSError as error:
            if error.errno in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}:
                return False
            raise
    return True
