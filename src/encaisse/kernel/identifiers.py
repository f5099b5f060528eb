"""Identifiers with check digits: SIREN, French VAT number, IBAN, ISO 11649 creditor reference."""

import re
import string
from dataclasses import dataclass

from encaisse.kernel.errors import DomainError

_SEPARATORS = re.compile(r"[\s\u00a0\u202f.\-]")
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
# ISO 13616 registry: total length per country, for the SEPA countries a French firm meets.
_IBAN_LENGTHS = {
    "AD": 24, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18,
    "EE": 20, "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28,
    "IE": 22, "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MT": 31,
    "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27,
    "VA": 22,
}  # fmt: skip


class SirenInvalid(DomainError):
    """A SIREN has nine digits and a valid check digit."""

    code = "siren_invalid"
    status = 422
    french = "Ce numéro SIREN n’est pas valable : neuf chiffres, dont une clé de contrôle."


class IbanInvalid(DomainError):
    """This IBAN does not pass its check."""

    code = "iban_invalid"
    status = 422
    french = "Cet IBAN n’est pas valable : vérifiez-le, un chiffre a pu être mal recopié."


def compact(text: str) -> str:
    """Return the identifier without spaces, dots or dashes, in capitals."""
    return _SEPARATORS.sub("", text).upper()


def luhn_valid(digits: str) -> bool:
    """Tell whether the digits pass the Luhn check (ISO/IEC 7812-1 annex B)."""
    total = 0
    for index, character in enumerate(reversed(digits)):
        value = int(character) * (1 + index % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def mod_97(text: str) -> int:
    """Return the ISO 7064 remainder of a text whose letters count 10 to 35."""
    return int("".join(str(int(character, 36)) for character in text)) % 97


@dataclass(frozen=True, slots=True)
class Siren:
    """A French company number (INSEE), checked."""

    digits: str

    @classmethod
    def parse(cls, text: str) -> "Siren":
        """:raises SirenInvalid: wrong length, other characters or wrong check digit"""
        digits = compact(text[:40])
        if not re.fullmatch(r"[0-9]{9}", digits) or not luhn_valid(digits) or digits == "0" * 9:
            raise SirenInvalid
        return cls(digits)

    @property
    def vat_number(self) -> str:
        """Return the intra-community VAT number: key = (12 + 3 × (SIREN mod 97)) mod 97."""
        return f"FR{(12 + 3 * (int(self.digits) % 97)) % 97:02d}{self.digits}"

    def __str__(self) -> str:
        return " ".join((self.digits[:3], self.digits[3:6], self.digits[6:]))


@dataclass(frozen=True, slots=True)
class Iban:
    """An IBAN of a SEPA country, checked (ISO 13616)."""

    text: str

    @classmethod
    def parse(cls, text: str) -> "Iban":
        """:raises IbanInvalid: unknown country, wrong length or wrong check digits"""
        value = compact(text[:64])
        right_length = _IBAN_LENGTHS.get(value[:2]) == len(value)
        if not right_length or not _IBAN.fullmatch(value) or mod_97(value[4:] + value[:4]) != 1:
            raise IbanInvalid
        return cls(value)

    @property
    def grouped(self) -> str:
        return " ".join(self.text[index : index + 4] for index in range(0, len(self.text), 4))

    @property
    def masked(self) -> str:
        """Return what may be shown where the whole number is not needed."""
        return f"{self.text[:4]} •••• {self.text[-4:]}"

    def __repr__(self) -> str:
        return f"Iban({self.masked!r})"

    __str__ = __repr__


_REFERENCE_ALPHABET = frozenset(string.ascii_uppercase + string.digits)


def creditor_reference(text: str) -> str:
    """
    Return the ISO 11649 reference “RFkk…” of at most 21 letters and digits.

    :raises ValueError: nothing usable, or too long
    """
    body = "".join(character for character in text.upper() if character in _REFERENCE_ALPHABET)
    if not 1 <= len(body) <= 21:
        raise ValueError("A creditor reference holds 1 to 21 letters and digits.")
    return f"RF{98 - mod_97(body + 'RF00'):02d}{body}"


def creditor_reference_valid(text: str) -> bool:
    value = compact(text)
    shape = re.fullmatch(r"RF\d{2}[A-Z0-9]{1,21}", value)
    return bool(shape) and mod_97(value[4:] + value[:4]) == 1
