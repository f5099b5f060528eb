"""Telephones: proven by a code, read by whoever must send one, masked everywhere else."""

from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction

from encaisse.identity.codes import issue_code, open_code_about, spend_code
from encaisse.identity.core import CODE_LIFE, Factor, FactorChange
from encaisse.identity.errors import NoPhone
from encaisse.identity.factors import announce, phone_as_factor, welcome_factor
from encaisse.identity.models import PhoneFactor, User
from encaisse.kernel.phones import PhoneNumber
from encaisse.kit.crypto import blind_index, seal, unseal
from encaisse.kit.identifiers import new_id
from encaisse.messaging import texts
from encaisse.messaging.core import TextState

ENROLMENT = "phone:enrol"


def phone_of(user_id: UUID) -> PhoneNumber | None:
    """Return the number a person proved to hold."""
    row = PhoneFactor.objects.filter(user_id=user_id).first()
    return None if row is None else PhoneNumber(unseal(row.number_sealed, row.place()))


def has_phone(*, user_id: UUID) -> bool:
    return PhoneFactor.objects.filter(user_id=user_id).exists()


def masked(number: PhoneNumber | str) -> str:
    """Write « •• •• •• 56 78 »."""
    known = number if isinstance(number, PhoneNumber) else PhoneNumber.parse(number)
    return known.masked


def code_text(code: str, *, reason: str) -> str:
    """
    Return the words that carry a code, what it is for first.

    The last line lets a browser fill it in on our own site only (WICG, origin-bound codes).
    """
    host = urlsplit(settings.PUBLIC_URL).hostname
    minutes = int(CODE_LIFE.total_seconds()) // 60
    return (
        f"Encaisse : {reason}. Code {code}, valable {minutes} minutes. "
        f"Ne le donnez à personne, même à qui se dit d’Encaisse.\n\n@{host} #{code}"
    )


def send_text(*, user_id: UUID, text: str, kind: str, real_now: datetime) -> TextState:
    """
    Send words to a person's proven telephone. Never called inside a transaction.

    :raises NoPhone: they have none
    :raises TextNotSent: it surely did not leave
    """
    number = phone_of(user_id)
    if number is None:
        raise NoPhone
    return texts.send_text(number=number, text=text, kind=kind, real_now=real_now)


def start_enrolment(*, user_id: UUID, number: PhoneNumber, real_now: datetime) -> TextState:
    """
    Send a code to a number somebody says is theirs. Never called inside a transaction.

    :raises TooManyCodes: the last ones are too recent
    :raises TextNotSent: it surely did not leave
    """
    issued = issue_code(user_id=user_id, purpose=ENROLMENT, about=number.e164, real_now=real_now)
    text = code_text(issued.code, reason="ajout de ce téléphone à votre compte")
    return texts.send_text(number=number, text=text, kind=ENROLMENT, real_now=real_now)


def number_being_proven(*, user_id: UUID, real_now: datetime) -> PhoneNumber | None:
    """Return the number a code was just sent to."""
    about = open_code_about(user_id=user_id, purpose=ENROLMENT, real_now=real_now)
    return PhoneNumber(about) if about else None


def finish_enrolment(*, user_id: UUID, code: str, now: datetime, real_now: datetime) -> Factor:
    """
    Keep the number whose code is shown; it replaces the former one.

    :raises CodeOver: there is no code any more
    :raises CodeWrong: another was typed
    """
    about = spend_code(user_id=user_id, purpose=ENROLMENT, code=code, real_now=real_now)
    return _keep(user_id, PhoneNumber(about), now, real_now)


def number_index(number: str) -> bytes:
    """Return what finds a number, in E.164, without storing it in clear."""
    return blind_index(number, purpose="phone")


def note_use(*, user_id: UUID, real_now: datetime) -> None:
    """Remember that a code sent to this person's telephone has just been shown."""
    PhoneFactor.objects.filter(user_id=user_id).update(last_used_at=real_now)


@transaction.atomic
def _keep(user_id: UUID, number: PhoneNumber, now: datetime, real_now: datetime) -> Factor:
    User.objects.select_for_update().get(id=user_id)
    former = PhoneFactor.objects.filter(user_id=user_id).first()
    if former is not None:
        removed = phone_as_factor(former)
        former.delete()
        announce(user_id=user_id, change=FactorChange.REMOVED, factor=removed, now=now)
    row = PhoneFactor(id=new_id(), user_id=user_id, verified_at=real_now, created_at=real_now)
    row.number_sealed = seal(number.e164, row.place())
    row.number_index = number_index(number.e164)
    row.save(force_insert=True)
    added = phone_as_factor(row)
    welcome_factor(user_id=user_id, factor=added, now=now)
    return added
