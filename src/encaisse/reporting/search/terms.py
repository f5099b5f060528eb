"""What somebody may mean by what they typed: a name, a number, an amount. Pure."""

import re
from dataclasses import dataclass

from encaisse.kernel.errors import DomainError
from encaisse.kernel.money import Money
from encaisse.kernel.text import search_key

LARGEST_TEXT = 80
# One letter is in every name.
_LEAST_TEXT = 2
_REFERENCE = re.compile(r"[A-Z0-9][A-Z0-9/.-]*[0-9][A-Z0-9/.-]*")
_AMOUNT_SIGNS = re.compile(r"(?:€|eur(?:os?)?)\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Terms:
    """
    One search, read in every way that makes sense.

    `key` has no accent and no capital; `reference` is in capitals without spaces and holds a
    figure; `amount` is positive. Each is empty, or None, where the text cannot be that.
    """

    key: str
    reference: str
    amount: Money | None

    @property
    def is_empty(self) -> bool:
        return not self.key and not self.reference and self.amount is None


def read_terms(text: str) -> Terms:
    """Read what was typed; anything at all is accepted."""
    typed = " ".join(text.replace("\x00", "")[:LARGEST_TEXT].split())
    joined = typed.replace(" ", "").upper()
    return Terms(
        key=search_key(typed) if len(typed) >= _LEAST_TEXT else "",
        reference=joined if _REFERENCE.fullmatch(joined) else "",
        amount=_amount(typed),
    )


def holds(key: str, text: str) -> bool:
    """Tell whether a text holds what is searched, whatever its accents and capitals."""
    return bool(key) and key in search_key(text)


def _amount(typed: str) -> Money | None:
    try:
        amount = Money.parse(_AMOUNT_SIGNS.sub("", typed))
    except DomainError:
        return None
    return amount if amount.minor > 0 else None
