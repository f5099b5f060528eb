"""What may be listed, how it is written, and which passages it touches."""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from ipaddress import ip_network

from encaisse.fraud.core.domains import is_shared
from encaisse.kernel.errors import DomainError
from encaisse.kernel.networks import plain_address


class ListKind(StrEnum):
    ALLOW = "allow"
    BLOCK = "block"


class ListedKind(StrEnum):
    """What an entry names. All but the last three are subjects that tallies know too."""

    CARD = "card"
    EMAIL = "email"
    DEVICE = "device"
    ADDRESS = "ip"
    NETWORK = "network"
    DOMAIN = "domain"
    COUNTRY = "country"
    PHONE = "phone"


class ListedValueInvalid(DomainError):
    """{value} is not a value of this kind."""

    code = "listed_value_invalid"
    status = 422
    french = "« {value} » ne convient pas : {example}."


class ListedDomainShared(DomainError):
    """{value} is where anybody opens a mailbox."""

    code = "listed_domain_shared"
    status = 422
    french = (
        "Tout le monde peut avoir une adresse chez {value} : listez une adresse, pas ce domaine."
    )


EXAMPLES = {
    ListedKind.CARD: "l’empreinte d’une carte, telle qu’un paiement la montre",
    ListedKind.EMAIL: "une adresse comme nom@exemple.fr",
    ListedKind.DEVICE: "l’identifiant d’un appareil, tel qu’un paiement le montre",
    ListedKind.ADDRESS: "une adresse internet comme 192.0.2.7",
    ListedKind.NETWORK: "un réseau comme 192.0.2.0/24",
    ListedKind.DOMAIN: "un domaine comme exemple.fr",
    ListedKind.COUNTRY: "un code de pays de deux lettres, comme US",
    ListedKind.PHONE: "un numéro comme 06 12 34 56 78 ou +41 79 123 45 67",
}
_COUNTRY_LETTERS = 2


def normal_value(kind: ListedKind, text: str) -> str:
    """
    Return the one way in which a value is written, so that equal things are equal.

    :raises ListedValueInvalid: it cannot be what it should
    :raises ListedDomainShared: a domain where anybody opens a mailbox
    """
    value = text.strip()
    try:
        written = _WRITTEN[kind](value)
    except ValueError:
        written = ""
    if not written:
        raise ListedValueInvalid(value=value[:60], example=EXAMPLES[kind])
    if kind is ListedKind.DOMAIN and is_shared(written):
        raise ListedDomainShared(value=written)
    return written


def _email(value: str) -> str:
    name, at, domain = value.lower().rpartition("@")
    return value.lower() if name and at and "." in domain and " " not in value else ""


def _domain(value: str) -> str:
    text = value.lower().removeprefix("@").rstrip(".")
    return text if "." in text and " " not in text and "@" not in text else ""


def _country(value: str) -> str:
    text = value.upper()
    return text if len(text) == _COUNTRY_LETTERS and text.isascii() and text.isalpha() else ""


def _network(value: str) -> str:
    """Only the networks that tallies know: entries are found by equality, never by search."""
    network = ip_network(value, strict=False)
    return str(network) if network.prefixlen == _SHARED_BITS[network.version] else ""


def plain_phone(value: str) -> str:
    """Return a number as networks write it, a French one from any of its forms; or nothing."""
    digits = _PHONE_NOISE.sub("", value)
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    elif _FRENCH_PHONE.fullmatch(digits):
        digits = f"+33{digits[1:]}"
    return digits if _PHONE.fullmatch(digits) else ""


_PHONE_NOISE = re.compile(r"(?<=\+33)\s*\(0\)|[\s.\-/()\u00a0\u202f\u2009]")
_FRENCH_PHONE, _PHONE = re.compile(r"0[1-9]\d{8}"), re.compile(r"\+[1-9]\d{7,14}")
# As `kit.places.address_range` cuts them.
_SHARED_BITS = {4: 24, 6: 48}
_WRITTEN: Mapping[ListedKind, Callable[[str], str]] = {
    ListedKind.CARD: lambda value: value,
    ListedKind.EMAIL: _email,
    ListedKind.DEVICE: lambda value: value,
    ListedKind.ADDRESS: lambda value: str(plain_address(value)),
    ListedKind.NETWORK: _network,
    ListedKind.DOMAIN: _domain,
    ListedKind.COUNTRY: _country,
    ListedKind.PHONE: plain_phone,
}
# A country or a network names thousands of people: a hint, never a refusal by itself.
WEAK = frozenset({ListedKind.NETWORK, ListedKind.COUNTRY})
