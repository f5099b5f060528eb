"""Mail once: a row with its Message-ID before anything is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from encaisse.kernel.errors import DomainError, Invalid
from encaisse.kit.crypto import seal, unseal
from encaisse.kit.files import read_file
from encaisse.kit.identifiers import new_id
from encaisse.kit.jobs import enqueue, enqueue_once
from encaisse.kit.models import StoredFile
from encaisse.kit.tenancy import acting_for
from encaisse.messaging.core import (
    LARGEST_NAME,
    LARGEST_SUBJECT,
    MAIL_MOVES,
    WAITING,
    Letter,
    MailState,
    header_text,
    message_id,
    server_of,
)
from encaisse.messaging.gateway import (
    MailNotTaken,
    MailOutcomeUnknown,
    MailRefused,
    hand_over,
)
from encaisse.messaging.models import OutboundMail

LARGEST_ATTEMPT_COUNT = 20
# Longer than a mail server is ever waited for: whoever claimed the mail is dead by then.
_CLAIM = timedelta(minutes=5)
_FORGOTTEN_AFTER = timedelta(minutes=10)


class MailBeingSent(Exception):
    """Another process holds this mail: come back when it is done, or dead."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """Everything needed to hand a mail over, read in one transaction and used outside of it."""

    recipient: str
    sender: str
    message: EmailMessage


def queue_mail(  # noqa: PLR0913  the parts of a mail
    *,
    organization_id: UUID,
    kind: str,
    object_id: UUID,
    to: str,
    subject: str,
    text: str,
    html: str,
    attachments: Sequence[UUID],
    reply_to: str,
    sender_name: str,
    now: datetime,
) -> OutboundMail:
    """
    Write a mail and queue its sending in the caller's transaction; once per kind and object.

    Called again for the same object, it returns the first mail and queues nothing.

    :raises Invalid: the recipient's or the reply address is not one
    """
    recipient = _checked_address(to)
    mail_id = new_id()
    mail = OutboundMail(id=mail_id, organization_id=organization_id)
    letter = Letter(
        text=text,
        html=html,
        reply_to=_checked_address(reply_to) if reply_to else "",
        sender_name=header_text(sender_name, largest=LARGEST_NAME),
    )
    title = header_text(subject, largest=LARGEST_SUBJECT)
    with acting_for(organization_id):
        written, created = OutboundMail.objects.get_or_create(
            organization_id=organization_id,
            kind=kind,
            object_id=object_id,
            defaults={
                "id": mail_id,
                "message_id": message_id(str(mail_id), host=_mail_host()),
                "to_sealed": seal(recipient, mail.place("to")),
                "subject_sealed": seal(title, mail.place("subject")),
                "letter_sealed": seal(letter.as_text(), mail.place("letter")),
                "attachments": [str(file_id) for file_id in attachments],
                "state": MailState.QUEUED,
                # Real time: the movable clock of a demonstration says nothing about processes.
                "touched_at": timezone.now(),
                "created_at": now,
            },
        )
        if created:
            enqueue("messaging.send_mail", organization_id=organization_id, mail_id=mail_id)
    return written


def send_mail(*, organization_id: UUID, mail_id: UUID, real_now: datetime, now: datetime) -> None:
    """
    Claim the mail, hand it over outside any transaction, then write what is known.

    Safe to run twice: a mail sent or failed stays so, one being sent is left alone.

    :raises MailBeingSent: another process holds it
    :raises MailNotTaken: the server does not have it; try again later
    :raises MailOutcomeUnknown: it may have it; sent again with the same Message-ID
    """
    envelope = _claim(organization_id=organization_id, mail_id=mail_id, real_now=real_now)
    if envelope is None:
        return
    try:
        hand_over(
            envelope.message,
            recipient=envelope.recipient,
            sender=envelope.sender,
            server=server_of(settings.ENCAISSE_SMTP_URL),
        )
    except MailRefused as error:
        _record(organization_id, mail_id, MailState.FAILED, failure=str(error))
    except MailNotTaken as error:
        if _record(organization_id, mail_id, MailState.QUEUED, failure=str(error)):
            raise
    except MailOutcomeUnknown as error:
        if _record(organization_id, mail_id, MailState.SENDING, failure=str(error)):
            raise
    else:
        _record(organization_id, mail_id, MailState.SENT, sent_at=now)


def resume_mails(*, organization_id: UUID, real_now: datetime) -> int:
    """Queue again the mails whose job was lost with its process; return how many."""
    with acting_for(organization_id):
        forgotten = list(
            OutboundMail.objects.filter(
                organization_id=organization_id,
                state__in=sorted(WAITING),
                touched_at__lt=real_now - _FORGOTTEN_AFTER,
            ).values_list("id", flat=True)[:500]
        )
        for mail_id in forgotten:
            enqueue_once(
                "messaging.send_mail",
                key=str(mail_id),
                organization_id=organization_id,
                mail_id=mail_id,
            )
    return len(forgotten)


def _claim(*, organization_id: UUID, mail_id: UUID, real_now: datetime) -> Envelope | None:
    """Mark the mail as being sent and read it; None where there is nothing left to do."""
    with acting_for(organization_id):
        mail = _lock(organization_id, mail_id)
        if mail.state not in WAITING:
            return None
        if mail.claimed_until is not None and real_now < mail.claimed_until:
            raise MailBeingSent
        mail.state = MailState.SENDING
        mail.attempt_count += 1
        mail.claimed_until, mail.touched_at = real_now + _CLAIM, real_now
        try:
            envelope = _envelope(mail)
        except DomainError as error:  # an attachment erased since: this mail cannot be made again
            mail.state, mail.failure, mail.claimed_until = MailState.FAILED, error.code, None
            envelope = None
        mail.save()
    return envelope


def _record(
    organization_id: UUID,
    mail_id: UUID,
    target: MailState,
    *,
    sent_at: datetime | None = None,
    failure: str = "",
) -> bool:
    """Write an outcome and free the mail; tell whether it still waits to be sent."""
    with acting_for(organization_id):
        mail = _lock(organization_id, mail_id)
        given_up = target in WAITING and mail.attempt_count >= LARGEST_ATTEMPT_COUNT
        outcome = MailState.FAILED if given_up else target
        if outcome not in MAIL_MOVES[MailState(mail.state)]:
            return False
        mail.state, mail.failure, mail.sent_at = outcome, failure[:60], sent_at
        mail.claimed_until = None
        mail.save(update_fields=["state", "failure", "sent_at", "claimed_until"])
    return outcome in WAITING


def _lock(organization_id: UUID, mail_id: UUID) -> OutboundMail:
    return OutboundMail.objects.select_for_update().get(organization_id=organization_id, id=mail_id)


def _envelope(mail: OutboundMail) -> Envelope:
    letter = Letter.from_text(unseal(mail.letter_sealed, mail.place("letter")))
    recipient = unseal(mail.to_sealed, mail.place("to"))
    sender = settings.ENCAISSE_MAIL_FROM
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(letter.sender_name, addr_spec=sender)
    message["To"] = Address(addr_spec=recipient)
    message["Subject"] = unseal(mail.subject_sealed, mail.place("subject"))
    message["Date"] = mail.created_at
    message["Message-ID"] = mail.message_id
    # RFC 3834: no automatic answer is wanted to an automatic mail.
    message["Auto-Submitted"] = "auto-generated"
    if letter.reply_to:
        message["Reply-To"] = Address(letter.sender_name, addr_spec=letter.reply_to)
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    for file_id in mail.attachments:
        _attach(message, *read_file(organization_id=mail.organization_id, file_id=UUID(file_id)))
    for number, part in enumerate(message.walk()):
        if part.is_multipart():  # the same mail is the same bytes each time it is sent
            part.set_boundary(f"{mail.id.hex}-{number}")
    return Envelope(recipient=recipient, sender=sender, message=message)


def _attach(message: EmailMessage, stored: StoredFile, content: bytes) -> None:
    main, _, sub = stored.media_type.partition("/")
    message.add_attachment(
        content,
        maintype=main,
        subtype=sub,
        filename=header_text(stored.name, largest=LARGEST_NAME),
    )


def _checked_address(address: str) -> str:
    """Return the address as every mail server takes it, its domain in ASCII (RFC 5891)."""
    try:
        validate_email(address)
        mailbox, _, domain = address.rpartition("@")
        return f"{mailbox}@{domain.encode('idna').decode()}"
    except (ValidationError, UnicodeError) as error:
        raise Invalid(reason="cette adresse électronique n’est pas valable") from error


def _mail_host() -> str:
    sender: str = settings.ENCAISSE_MAIL_FROM
    return sender.rpartition("@")[2]
