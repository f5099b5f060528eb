"""Finding our own references in what a bank prints. Pure."""

import re
from uuid import UUID

from encaisse.kernel.identifiers import compact, creditor_reference_valid

_UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
OUR_REFERENCE_LENGTH = 16
_CREDITOR_REFERENCE = re.compile(r"RF\d{2}[A-Z0-9]{1,21}")
# A payer's bank may cut a reference into groups: "RF12 3456 7890 1234".
_GROUPED_REFERENCE = re.compile(r"RF\d{2}(?:[ -]?[A-Z0-9]{1,4}){1,6}", re.IGNORECASE)


def uuids_in(text: str) -> list[UUID]:
    """Return the identifiers of ours that a text may carry."""
    return [UUID(found) for found in _UUID.findall(text)]


def creditor_references_in(text: str) -> list[str]:
    """Return the valid ISO 11649 references in a text, however the bank grouped them."""
    candidates = [compact(found) for found in _GROUPED_REFERENCE.findall(text)]
    candidates += _CREDITOR_REFERENCE.findall(text.upper())
    # Words that follow a grouped reference stick to it: also try its first letters, as many as our
    # own references have. Trying every length would make valid references up.
    valid = [
        candidate[:length]
        for candidate in candidates
        for length in (len(candidate), OUR_REFERENCE_LENGTH)
        if creditor_reference_valid(candidate[:length])
    ]
    return list(dict.fromkeys(valid))
