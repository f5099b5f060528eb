"""Text typed by people, made safe to print, sort and send to a bank."""

import re
import unicodedata

from encaisse.kernel.errors import Invalid
from encaisse.kernel.money import NARROW_SPACE

# Bidirectional controls can make a name or an amount read differently from what is stored
# (Unicode TR 36); no French business text needs them.
_FORBIDDEN_CATEGORIES = {"Cc", "Cf", "Co", "Cs", "Cn"}
_KEPT = {"\n", "\u200d"}
_BEFORE_HIGH = re.compile(r" (?=[:;!?»])|(?<=«) ")
_BANK_REFUSES = re.compile(r"[^a-zA-Z0-9/\-?:().,'+ ]")


def clean_text(text: str, *, largest: int, field: str, multiline: bool = False) -> str:
    """
    Return NFC text, trimmed, without control or bidirectional characters.

    :raises Invalid: longer than `largest` characters
    """
    if len(text) > largest * 4:
        raise Invalid(reason=f"{field} : {largest} caractères au plus")
    normal = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    kept = "".join(
        character
        for character in normal
        if character in _KEPT or unicodedata.category(character) not in _FORBIDDEN_CATEGORIES
    ).strip()
    kept = kept if multiline else " ".join(kept.split())
    if len(kept) > largest:
        raise Invalid(reason=f"{field} : {largest} caractères au plus")
    return kept


def required_text(text: str, *, largest: int, field: str, multiline: bool = False) -> str:
    """:raises Invalid: empty once cleaned, or too long"""
    cleaned = clean_text(text, largest=largest, field=field, multiline=multiline)
    if not cleaned:
        raise Invalid(reason=f"{field} : à renseigner")
    return cleaned


def bank_text(text: str, *, largest: int) -> str:
    """Return the text in the character set every SEPA bank accepts (EPC217-08), cut to length."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return " ".join(_BANK_REFUSES.sub(" ", plain).split())[:largest]


def search_key(text: str) -> str:
    """Return the text without accents, case or control characters, for comparing names."""
    decomposed = unicodedata.normalize("NFKD", text.replace("\x00", ""))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def set_in_french(text: str) -> str:
    """Keep a high sign on the line of the word it follows."""
    return _BEFORE_HIGH.sub(NARROW_SPACE, text)
