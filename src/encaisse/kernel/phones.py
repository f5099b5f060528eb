"""Telephone numbers: what people type in France and overseas, in the one form networks take."""

import re
from dataclasses import dataclass

from encaisse.kernel.errors import DomainError

_NOISE = re.compile(r"[\s.\-/()\u00a0\u202f\u2009\u200e\u200f\u2011]")
_E164 = re.compile(r"\+[1-9]\d{7,14}")
_NATIONAL = re.compile(r"0[67]\d{8}")
# ARCEP decision 2018-0881: mobile numbers of the overseas departments dial under their own code.
# 06 39 98 is kept for fiction and stays metropolitan.
_OVERSEAS = (
    ("063998", "33"), ("0639", "262"), ("0690", "590"), ("0691", "590"), ("0692", "262"),
    ("0693", "262"), ("0694", "594"), ("0696", "596"), ("0697", "596"), ("0709", "262"),
)  # fmt: skip
# Where a code of ours may go: Europe and overseas France. Numbers that cost their caller dearly,
# and that thieves make others call, are elsewhere (GSMA, "SMS pumping").
_SERVED = (
    "30", "31", "32", "33", "34", "351", "352", "353", "354", "356", "357", "358", "359", "36",
    "370", "371", "372", "376", "377", "378", "385", "386", "39", "40", "41", "420", "421", "423",
    "43", "44", "45", "46", "47", "48", "49", "262", "508", "590", "594", "596", "681", "687",
    "689",
)  # fmt: skip
_FRENCH_MOBILE = ("336", "337")


class PhoneInvalid(DomainError):
    """This is not a mobile number that a code can be sent to."""

    code = "phone_invalid"
    status = 422
    french = (
        "Ce numéro ne peut pas recevoir de code. Écrivez un mobile, par exemple 06 12 34 56 78, "
        "ou +41 79 123 45 67 pour un numéro étranger."
    )


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A mobile number in E.164 form; it cannot be built otherwise."""

    e164: str

    @classmethod
    def parse(cls, text: str) -> "PhoneNumber":
        """:raises PhoneInvalid: not a mobile number, or of a country that is not served"""
        digits = _NOISE.sub("", text.replace("(0)", ""))
        if digits.startswith("00"):
            digits = f"+{digits[2:]}"
        if _NATIONAL.fullmatch(digits):
            digits = f"+{_country_of(digits)}{digits[1:]}"
        if not (digits.isascii() and _E164.fullmatch(digits) and _is_served(digits[1:])):
            raise PhoneInvalid
        return cls(digits)

    @property
    def masked(self) -> str:
        """Write enough to be recognised by its owner, too little to be called."""
        return f"•• •• •• {self.e164[-4:-2]} {self.e164[-2:]}"


def _country_of(national: str) -> str:
    return next((code for start, code in _OVERSEAS if national.startswith(start)), "33")


def _is_served(digits: str) -> bool:
    if digits.startswith("33"):
        return digits.startswith(_FRENCH_MOBILE) and len(digits) == len("33612345678")
    return digits.startswith(_SERVED)
