"""Networks somebody may come from, as people write them: an address, or a range of them. Pure."""

from collections.abc import Collection
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from encaisse.kernel.errors import Invalid

LARGEST_NUMBER = 50
# Wider than this, a list lets anybody in while it seems to keep them out.
_WIDEST = {4: 8, 6: 19}
_MAPPED = IPv6Network("::ffff:0:0/96")


def parse_networks(text: str) -> tuple[str, ...]:
    """
    Return what was typed, one network each, in their shortest form and without repeats.

    :raises Invalid: not an address or a range, too wide, or too many
    """
    found = dict.fromkeys(_parse(word) for word in text.replace(",", " ").replace(";", " ").split())
    if len(found) > LARGEST_NUMBER:
        raise Invalid(reason=f"au plus {LARGEST_NUMBER} adresses ou plages")
    return tuple(found)


def is_within(address: str, networks: Collection[str]) -> bool:
    """Tell whether an address stands in one of the networks; what is no address never does."""
    try:
        parsed = plain_address(address)
    except ValueError:
        return False
    return any(parsed in ip_network(network) for network in networks)


def plain_address(text: str) -> IPv4Address | IPv6Address:
    """
    Read an address; an IPv4 one written inside IPv6 is itself (RFC 4291, 2.5.5.2).

    :raises ValueError: not an address
    """
    parsed = ip_address(text)
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        return parsed.ipv4_mapped
    return parsed


def is_public(address: str) -> bool:
    """Tell whether an address is somebody's on the internet, not a private or reserved one."""
    try:
        return plain_address(address).is_global
    except ValueError:
        return False


def _parse(word: str) -> str:
    if len(word) > 64:
        raise Invalid(reason="une adresse ou une plage tient en 64 caractères au plus")
    try:
        # The bits after the mask are forgiven: 192.0.2.7/24 says 192.0.2.0/24.
        network = _unmapped(ip_network(word, strict=False))
    except ValueError as error:
        raise Invalid(
            reason=f"« {word} » n’est ni une adresse ni une plage, comme 192.0.2.7, 192.0.2.0/24 "
            "ou 2001:db8::/48"
        ) from error
    if network.prefixlen < _WIDEST[network.version]:
        raise Invalid(
            reason=f"la plage « {word} » est trop large ; laissez vide pour ouvrir partout"
        )
    is_single = network.prefixlen == network.max_prefixlen
    return str(network.network_address if is_single else network)


def _unmapped(network: IPv4Network | IPv6Network) -> IPv4Network | IPv6Network:
    if isinstance(network, IPv6Network) and network.subnet_of(_MAPPED):
        start = network.network_address.ipv4_mapped
        return ip_network(f"{start}/{network.prefixlen - 96}")
    return network
