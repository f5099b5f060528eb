"""What a mail may become, and what may stand in its headers. Pure."""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from urllib.parse import unquote, urlsplit

LARGEST_SUBJECT = 200
LARGEST_NAME = 80
_BREAKS = {"Cc", "Zl", "Zp", "Cs"}


class MailState(StrEnum):
    """SENDING without an answer is *unknown*: sent again, with the same Message-ID."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


_M = MailState
MAIL_MOVES: Mapping[MailState, frozenset[MailState]] = {
    _M.QUEUED: frozenset({_M.SENDING}),
    # Back to QUEUED: the server surely did not take it. SENDING again: nobody knows.
    _M.SENDING: frozenset({_M.SENDING, _M.QUEUED, _M.SENT, _M.FAILED}),
    _M.SENT: frozenset(),
    _M.FAILED: frozenset(),
}
WAITING = frozenset({MailState.QUEUED, MailState.SENDING})


class TextState(StrEnum):
    """What is known of a text message. UNKNOWN is never sent again by itself: a code may wait."""

    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"


_BUSY = frozenset({408, 425})


def text_outcome(status: int) -> TextState:
    """Return what the status of a gateway's answer says of the message."""
    if 200 <= status < 300:
        return TextState.SENT
    if 400 <= status < 500 and status not in _BUSY:
        return TextState.REFUSED
    return TextState.UNKNOWN


def filled(template: object, *, to: str, text: str) -> object:
    """Return a JSON value with {to} and {text} replaced inside its texts, however deep."""
    match template:
        case str():
            return (
                to if template == "{to}" else template.replace("{to}", to).replace("{text}", text)
            )
        case dict():
            return {key: filled(value, to=to, text=text) for key, value in template.items()}
        case list():
            return [filled(value, to=to, text=text) for value in template]
    return template


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says, besides whom it is for and what it is about."""

    text: str
    html: str
    reply_to: str
    sender_name: str

    def as_text(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str) -> "Letter":
        return cls(**json.loads(text))


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail is handed over: `smtp://`, `smtp+starttls://` or `smtps://`."""

    host: str
    port: int
    security: str  # "", "starttls" or "tls"
    username: str
    password: str


_SECURITIES = {"smtp": ("", 25), "smtp+starttls": ("starttls", 587), "smtps": ("tls", 465)}


def server_of(url: str) -> SmtpServer:
    """:raises ValueError: not an address of a mail server"""
    parts = urlsplit(url)
    if parts.scheme not in _SECURITIES or not parts.hostname:
        raise ValueError("A mail server is written smtp://, smtp+starttls:// or smtps://host:port.")
    security, port = _SECURITIES[parts.scheme]
    return SmtpServer(
        host=parts.hostname,
        port=parts.port or port,
        security=security,
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def header_text(text: str, *, largest: int) -> str:
    """
    Return the text on one line, so that nothing a person typed can begin another header.

    (CWE-93: a CR or LF in a name would add recipients or a body.)
    """
    flat = "".join(" " if unicodedata.category(c) in _BREAKS else c for c in text)
    # Typographic spaces stay: an amount keeps its own.
    return " ".join(filter(None, flat.split(" ")))[:largest].rstrip()


def message_id(mail_id: str, *, host: str) -> str:
    """Return the identifier of a mail, the same each time it is sent (RFC 5322, 3.6.4)."""
    return f"<{mail_id}@{host}>"
