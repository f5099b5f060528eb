"""The mailbox: every mail sent to the sandbox is kept whole, whoever it is for."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from typing import cast

from aiosmtpd.smtp import SMTP, Envelope, Session

from encaisse_sandbox.identifiers import new_id
from encaisse_sandbox.records import Json, Mail, dump
from encaisse_sandbox.world import World

MAXIMUM_BYTES = 25 * 1024 * 1024
_CONTENT_REFERENCE = re.compile(r"cid:([^\"'\s)>]+)")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a mail."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as a person reads it."""

    id: str
    sender: str
    recipients: str
    subject: str
    message_id: str
    text: str | None
    html: str | None
    attachments: tuple[Attachment, ...]
    received_at: str


class MailSink:
    """The SMTP handler: accepts everything."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802  # the SMTP library's name
        """Keep the mail."""
        recipients = [str(recipient) for recipient in envelope.rcpt_tos]
        store(self._world, envelope.mail_from or "", recipients, cast("bytes", envelope.content))
        return "250 OK"


def smtp_protocol(world: World) -> SMTP:
    """Return the protocol of one SMTP connection."""
    return SMTP(
        MailSink(world),
        data_size_limit=MAXIMUM_BYTES,
        enable_SMTPUTF8=True,
        ident="SANDBOX",
        hostname="sandbox",
    )


def store(world: World, sender: str, recipients: list[str], raw: bytes) -> Mail:
    """Keep a mail as it came."""
    mail = Mail(
        id=new_id("mail"),
        sequence=world.db.next_number("mail"),
        sender=sender,
        recipients=dump(recipients),
        raw=raw,
        received_at=world.clock.stamp(),
    )
    world.db.insert(mail)
    return mail


def find(world: World, mail_id: str) -> Mail | None:
    """Return a mail."""
    return world.db.first(Mail, "id = ?", mail_id)


def received(world: World, *, recipient: str | None = None, limit: int = 50) -> list[Mail]:
    """Return mails, newest first, all of them or those to one address."""
    return world.db.all(
        Mail,
        "? IS NULL OR EXISTS (SELECT 1 FROM json_each(recipients) WHERE lower(value) = lower(?)) "
        "ORDER BY sequence DESC LIMIT ?",
        recipient,
        recipient,
        limit,
    )


def read(mail: Mail) -> Letter:
    """Open a mail."""
    message = message_from_bytes(mail.raw, policy=policy.default)
    return Letter(
        id=mail.id,
        sender=str(message.get("From", mail.sender)),
        recipients=str(message.get("To", "")),
        subject=str(message.get("Subject", "")),
        message_id=str(message.get("Message-ID", "")).strip(),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        attachments=tuple(_attachments(message)),
        received_at=mail.received_at,
    )


def readable_html(mail: Mail) -> str:
    """Return the mail's page with its own images inside it and its links leading outside."""
    message = message_from_bytes(mail.raw, policy=policy.default)
    images = dict(_inline_images(message))

    def inline(match: re.Match[str]) -> str:
        return images.get(match[1], match[0])

    body = _CONTENT_REFERENCE.sub(inline, _body(message, "html") or "")
    return f'<base target="_blank">{body}'


def payload(mail: Mail) -> Json:
    """Return a mail as the control plane shows it."""
    letter = read(mail)
    return {
        "id": letter.id,
        "from": letter.sender,
        "to": letter.recipients,
        "subject": letter.subject,
        "message_id": letter.message_id,
        "text": letter.text,
        "html": letter.html,
        "attachments": [attachment.name for attachment in letter.attachments],
        "received_at": letter.received_at,
    }


def _body(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body((kind,))
    return None if part is None else _text(part)


def _text(part: MIMEPart) -> str:
    content = _content(part).replace(b"\r\n", b"\n")
    try:
        return content.decode(part.get_content_charset("utf-8"), errors="replace")
    except LookupError:  # a character set that nobody knows
        return content.decode("utf-8", errors="replace")


def _content(part: MIMEPart) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _attachments(message: EmailMessage) -> Iterator[Attachment]:
    for number, part in enumerate(message.iter_attachments(), start=1):
        name = part.get_filename() or f"piece-{number}"
        yield Attachment(name, part.get_content_type(), _content(part))


def _inline_images(message: EmailMessage) -> Iterator[tuple[str, str]]:
    for part in message.walk():
        identifier = str(part.get("Content-ID", "")).strip().strip("<>")
        if identifier and part.get_content_maintype() == "image":
            encoded = base64.b64encode(_content(part)).decode()
            yield identifier, f"data:{part.get_content_type()};base64,{encoded}"
