"""What must never reach a log: link secrets, card numbers, IBANs."""

import json
import logging
import re
from collections.abc import MutableMapping
from typing import Any

from encaisse.kernel.identifiers import luhn_valid

_LINK = re.compile(r"(/(?:p|q|invitation|recuperation)/)[A-Za-z0-9_-]{8,}")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){3,7}(?:[ ]?[A-Z0-9]{1,3})?\b")
_DIGITS = re.compile(r"\b\d(?:[ -]?\d){12,18}\b")


def redact(text: str) -> str:
    """Return the text without the secret of a link, an IBAN or anything that looks like a card."""
    text = _LINK.sub(r"\1…", text)
    text = _IBAN.sub(lambda found: f"{found[0][:4]}…", text)
    return _DIGITS.sub(_mask_card, text)


class Redacting(logging.Filter):
    """Redacts every record, whoever logged it, before it is written."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()), ()
        return True


def json_redacted(_logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
    """Write one of structlog's events as a line of JSON, redacted with its traceback."""
    return redact(json.dumps(event, default=str, ensure_ascii=False))


def _mask_card(found: re.Match[str]) -> str:
    digits = "".join(character for character in found[0] if character.isdigit())
    return f"{digits[:4]}…" if luhn_valid(digits) else found[0]
