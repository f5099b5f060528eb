"""
Every line written to a log: JSON, with the request, the organization and the job it belongs to, and
nothing that opens a door or names somebody.
"""

import json
import logging
import re
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.types import Processor

from encaisse.kernel.identifiers import luhn_valid
from encaisse.kit.whose import current_organization

_Event = MutableMapping[str, Any]

_PRIVATE_NAMES = (
    r"(?:[\w-]*(?:password|passwd|passphrase|secret|token|cookie|api[_-]?key|signature)[\w-]*"
    r"|authorization|sessionid|otp|totp)"
)
# The end of a word that may be followed by its value, in JSON, in a header or in an address.
_GIVEN = r"[\"']?\s*[:=]\s*[\"']?"
_VALUE = r"(?:(?<=\")[^\"\n]+|(?<=')[^'\n]+|[^\s\"',;&)}]+)"
_NAMED = re.compile(rf"(?i)\b({_PRIVATE_NAMES}{_GIVEN})(?:bearer\s+|basic\s+)?{_VALUE}")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}")
_CODE = re.compile(rf"(?i)\b((?:code|otp|pin)(?:{_GIVEN}|\s+))(?:\d{{4,8}}|\d{{3}}[ -]\d{{3}})\b")
_MAILED_CODE = re.compile(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b")
_LINK = re.compile(r"(/(?:p|q|invitation|recuperation)/)[A-Za-z0-9_-]{8,}")
_QUERY = re.compile(r"(?<=[\w/])\?[^\s\"'<>]*=[^\s\"'<>]*")
_ACCOUNT_IN_ADDRESS = re.compile(r"(\w+://)[^\s/@\"']+@")
# What a database repeats of the row it refuses.
_DETAIL = re.compile(r"(DETAIL:)[^\n]*?(?=\\n|\n|\"|$)")
_MAIL = re.compile(r"([^\W_])[\w.!#$&*+/=?^`{|}~'-]*(?:@|%40)([\w-]+(?:\.[\w-]+)*)")
_SPACE = r"[ \u00a0\u202f.-]?"
# The end of an identifier looks like an IBAN or a card now and then: it is passed over whole.
_IDENTIFIER = r"\b[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b"
_IBAN = re.compile(
    rf"{_IDENTIFIER}|(?i:\b[A-Z]{{2}}\d{{2}}(?:{_SPACE}[A-Z0-9]{{4}}){{3,7}}(?:{_SPACE}[A-Z0-9]{{1,3}})?\b)"
)
_DIGITS = re.compile(rf"{_IDENTIFIER}|(?<!\d)\d(?:{_SPACE}\d){{12,18}}(?!\d)")
# Keys of sessions (32 letters and digits), of links and of programs: nothing else looks so random.
_RANDOM = re.compile(
    r"(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[G-Zg-z])(?:[a-z0-9]{32}|"
    r"(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{20,})(?![\w-])"
)


def redact(text: str) -> str:
    """
    Return the text without what opens a door (links, keys, codes, passwords, query strings) or
    names somebody (cards, IBANs, addresses of e-mail).
    """
    text = _ACCOUNT_IN_ADDRESS.sub(r"\1…@", text)
    text = _QUERY.sub("?…", text)
    text = _DETAIL.sub(r"\1 …", text)
    text = _NAMED.sub(r"\1…", text)
    text = _BEARER.sub(r"\1 …", text)
    text = _CODE.sub(r"\1…", text)
    text = _MAILED_CODE.sub(_mask_mailed_code, text)
    text = _LINK.sub(r"\1…", text)
    text = _MAIL.sub(r"\1…@\2", text)
    text = _IBAN.sub(_mask_iban, text)
    text = _DIGITS.sub(_mask_card, text)
    return _RANDOM.sub("…", text)


def json_redacted(_logger: object, _method: str, event: _Event) -> str:
    """Write one event as a line of JSON, redacted with its traceback."""
    safe = {name: _redacted(value) for name, value in event.items()}
    return json.dumps(safe, ensure_ascii=False)


def json_lines() -> ProcessorFormatter:
    """Return the formatter of every log, whoever writes: us, Django, the queue, the server."""
    return ProcessorFormatter(
        foreign_pre_chain=[_name_the_route, *_CONTEXT],
        processors=[
            ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            json_redacted,
        ],
    )


def configure_structlog() -> None:
    """Send our own events through the same formatter as everybody else's."""
    structlog.configure(
        processors=[*_CONTEXT, ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def _add_organization(_logger: object, _method: str, event: _Event) -> _Event:
    organization = current_organization()
    if organization is not None:
        event.setdefault("organization_id", str(organization))
    return event


def _name_the_route(_logger: object, _method: str, event: _Event) -> _Event:
    """Say which page Django speaks of by the shape of its address: the address may be a secret."""
    record: logging.LogRecord = event["_record"]
    request = getattr(record, "request", None)
    path = getattr(request, "path", None)
    if path:
        match = getattr(request, "resolver_match", None)
        route = f"/{match.route}" if match else "an unknown address"
        event["event"] = event["event"].replace(path, route)
    return event


_CONTEXT: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    _add_organization,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def _redacted(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value if not isinstance(value, int) or abs(value) < 10**12 else redact(str(value))
    return redact(str(value))


def _mask_mailed_code(found: re.Match[str]) -> str:
    # A word in capitals and a year are ordinary: a code mixes letters and digits, or is neither.
    text = found[0].replace("-", "")
    return found[0] if text.isdigit() else "…"


def _is_identifier(text: str) -> bool:
    return re.fullmatch(_IDENTIFIER, text) is not None


def _mask_iban(found: re.Match[str]) -> str:
    if _is_identifier(found[0]):
        return found[0]
    compact = "".join(character for character in found[0] if character.isalnum()).upper()
    rearranged = "".join(str(int(character, 36)) for character in compact[4:] + compact[:4])
    # A mistyped one is masked too where it is written as people write it, in capitals.
    is_account = int(rearranged) % 97 == 1 or found[0] == found[0].upper()
    return f"{compact[:4]}…" if is_account else found[0]


def _mask_card(found: re.Match[str]) -> str:
    if _is_identifier(found[0]):
        return found[0]
    digits = "".join(character for character in found[0] if character.isdigit())
    return f"{digits[:4]}…" if luhn_valid(digits) else found[0]
