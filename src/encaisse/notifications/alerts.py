"""Telling one person of one alert: by mail, text or push, with the link that freezes an account."""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from encaisse.identity.approvers import approvers_of, tell
from encaisse.identity.errors import NoPhone
from encaisse.identity.phones import send_text
from encaisse.kernel.language import Language
from encaisse.kit.clock import PARIS
from encaisse.kit.tenancy import acting_for
from encaisse.messaging.errors import TextNotSent
from encaisse.notifications.core import MailKind
from encaisse.notifications.mails import Mail, mail_person
from encaisse.organizations.queries import profile
from encaisse.security.core import RULES, Channel, Kind
from encaisse.security.deliveries import claim, may_text, record
from encaisse.security.freezing import may_freeze
from encaisse.security.links import make_link
from encaisse.security.models import AlertDelivery
from encaisse.security.queries import Told, told

State = AlertDelivery.State
# A telephone that is off hears of it when it is on again, within the day.
_PUSH_SECONDS = 24 * 3600


def send_alert(
    *, organization_id: UUID, delivery_id: UUID, channel: Channel, real_now: datetime, now: datetime
) -> None:
    """Tell one person, once: a job killed anywhere and run again sends nothing twice."""
    _SENDERS[channel](organization_id, delivery_id, real_now, now)


def _by_mail(organization_id: UUID, delivery_id: UUID, real_now: datetime, now: datetime) -> None:
    """Write the mail, its link and that it was written, in one transaction."""
    with acting_for(organization_id):
        row = claim(organization_id=organization_id, delivery_id=delivery_id)
        if row is None:
            return
        words, link = told(row.alert, reader_id=row.user_id), _link(row, real_now)
        mail = Mail(
            kind=MailKind.ALERT,
            object_id=row.id,
            firm=profile(organization_id=organization_id),
            language=Language.FRENCH,
            link=link,
            facts={**_facts(row, words), "is_freeze": "/geler/" in link},
        )
        mail_person(mail, row.user.email, now=now)
        record(row, State.SENT, real_now=real_now)


def _by_text(organization_id: UUID, delivery_id: UUID, real_now: datetime, now: datetime) -> None:  # noqa: ARG001  one shape for every channel
    """Say it is being sent before asking: an answer that never comes is not asked for again."""
    with acting_for(organization_id):
        row = claim(organization_id=organization_id, delivery_id=delivery_id)
        if row is None:
            return
        if not may_text(user_id=row.user_id, delivery_id=row.id, real_now=real_now):
            record(row, State.DROPPED, real_now=real_now)
            return
        words = told(row.alert, reader_id=row.user_id)
        text = f"Encaisse : {words.sentence} {_urge(row)} {_link(row, real_now)}"
        record(row, State.SENDING, real_now=real_now)
    try:
        send_text(user_id=row.user_id, text=text, kind="alert", real_now=real_now)
        outcome = State.SENT
    except (NoPhone, TextNotSent):
        outcome = State.DROPPED
    with acting_for(organization_id):
        record(row, outcome, real_now=real_now)


def _by_push(organization_id: UUID, delivery_id: UUID, real_now: datetime, now: datetime) -> None:  # noqa: ARG001  one shape for every channel
    """Say it is being sent before asking, as for a text."""
    with acting_for(organization_id):
        row = claim(organization_id=organization_id, delivery_id=delivery_id)
        if row is None:
            return
        words = told(row.alert, reader_id=row.user_id)
        content = {
            "title": words.title,
            "body": words.sentence,
            "url": _link(row, real_now),
            "tag": str(row.alert_id),
        }
        record(row, State.SENDING, real_now=real_now)
    reached = tell(
        approvers_of(user_id=row.user_id),
        content,
        seconds=_PUSH_SECONDS,
        topic=row.alert_id.hex,
        real_now=real_now,
    )
    with acting_for(organization_id):
        record(row, State.SENT if reached else State.DROPPED, real_now=real_now)


_SENDERS: Mapping[Channel, Callable[[UUID, UUID, datetime, datetime], None]] = {
    Channel.EMAIL: _by_mail,
    Channel.SMS: _by_text,
    Channel.PUSH: _by_push,
}


def _facts(row: AlertDelivery, words: Told) -> dict[str, object]:
    first, last = (moment.astimezone(PARIS) for moment in (row.alert.first_at, row.alert.last_at))
    return {
        "title": words.title,
        "sentence": words.sentence,
        "advice": words.advice,
        "details": words.details,
        "count": row.alert.count,
        "first": Language.FRENCH.moment(first),
        "last": Language.FRENCH.moment(last),
        "person": str(row.alert.about or ""),
        "is_own": row.alert.about_id == row.user_id,
        "page": f"{settings.PUBLIC_URL}{reverse('alert', args=[row.alert_id])}",
    }


def _urge(row: AlertDelivery) -> str:
    return "Pas prévu ? Gelez le compte :" if _can_freeze(row) else "Voir :"


def _link(row: AlertDelivery, real_now: datetime) -> str:
    """Return where the one button leads: to freezing where that helps, otherwise to the alert."""
    if row.alert.about_id is not None and _can_freeze(row):
        token = make_link(user_id=row.alert.about_id, given_to=row.user_id, real_now=real_now)
        return f"{settings.PUBLIC_URL}{reverse('freeze_link', args=[token])}"
    return f"{settings.PUBLIC_URL}{reverse('alert', args=[row.alert_id])}"


def _can_freeze(row: AlertDelivery) -> bool:
    """Tell whether the link would work for the one it is sent to."""
    if row.alert.about_id is None or not RULES[Kind(row.alert.kind)].can_freeze:
        return False
    return may_freeze(by=row.user_id, user_id=row.alert.about_id, real_now=timezone.now())
