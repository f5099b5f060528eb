"""Writing one mail: template, frame, queue; or a line in the audit when there is no address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.template import Context, Engine
from django.template.loader import render_to_string

from encaisse.audit import services as audit
from encaisse.audit.queries import entries_about
from encaisse.counterparties.models import Counterparty
from encaisse.invoicing.rendering.document import siren_text
from encaisse.kernel.actor import SYSTEM
from encaisse.kernel.language import Language
from encaisse.messaging.services import queue_mail
from encaisse.notifications.core import MailKind, Words, read_words
from encaisse.organizations.core import readable_on
from encaisse.organizations.models import Profile

NO_ADDRESS = "mail:not_sent"
_CARD = "#ffffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What is to be said, about what; to whom is decided by the functions below."""

    kind: MailKind
    object_id: UUID
    firm: Profile
    language: Language
    facts: Mapping[str, object]
    link: str = ""
    attachments: Sequence[UUID] = ()


def mail_customer(mail: Mail, customer: Counterparty | None, *, now: datetime) -> None:
    """Queue the mail to a customer; without an address nothing is sent and the audit says so."""
    if customer is None or not customer.email:
        _note_absence(mail, now)
        return
    _queue(mail, to=customer.email, reply_to=mail.firm.email, sender=mail.firm.name, now=now)


def mail_firm(mail: Mail, *, now: datetime) -> None:
    """Queue the mail to the firm itself."""
    _queue(mail, to=mail.firm.email, reply_to="", sender="Encaisse", now=now)


def mail_person(mail: Mail, address: str, *, now: datetime) -> None:
    """Queue the mail to somebody the firm knows by an address only."""
    _queue(mail, to=address, reply_to=mail.firm.email, sender=mail.firm.name, now=now)


def _queue(mail: Mail, *, to: str, reply_to: str, sender: str, now: datetime) -> None:
    words = _words(mail)
    queue_mail(
        organization_id=mail.firm.organization_id,
        kind=mail.kind,
        object_id=mail.object_id,
        to=to,
        subject=words.subject,
        text=words.text,
        html=_framed(mail, words),
        attachments=mail.attachments,
        reply_to=reply_to,
        sender_name=sender,
        now=now,
    )


def _words(mail: Mail) -> Words:
    # Plain text: nothing is escaped here; the frame escapes every line it takes.
    context = {
        "firm": mail.firm.name,
        "link": mail.link,
        "address": f"{settings.PUBLIC_URL}/",
        **mail.facts,
    }
    template = Engine.get_default().get_template(f"notifications/{mail.kind}.{mail.language}.txt")
    written = template.render(Context(context, autoescape=False))
    return read_words(written, link=mail.link)


def _framed(mail: Mail, words: Words) -> str:
    return render_to_string(
        "notifications/frame.html",
        {
            "language": mail.language,
            "firm": mail.firm,
            "siren": siren_text(mail.firm.siren),
            "words": words,
            "link": mail.link,
            "accent": readable_on(mail.firm.colour, _CARD),
        },
    )


def _note_absence(mail: Mail, now: datetime) -> None:
    organization_id, target = mail.firm.organization_id, f"{mail.kind}:{mail.object_id}"
    known = entries_about(organization_id=organization_id, target=target)
    if known.filter(action=NO_ADDRESS).exists():
        return
    audit.record(
        organization_id=organization_id,
        actor=SYSTEM,
        action=NO_ADDRESS,
        target=target,
        facts={"reason": "no_address"},
        now=now,
    )
