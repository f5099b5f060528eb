"""Text messages: a row before the gateway is asked, its words erased once they left."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from encaisse.kernel.phones import PhoneNumber
from encaisse.kit.crypto import seal
from encaisse.kit.identifiers import new_id
from encaisse.messaging.core import TextState
from encaisse.messaging.errors import TextNotSent
from encaisse.messaging.models import OutboundText
from encaisse.messaging.sms import GatewayMissing, hand_over

_KEPT = timedelta(days=30)
_REASONS = {
    "no_connection": "la passerelle ne répond pas",
    "gateway_missing": "aucune passerelle n’est réglée",
}


def send_text(*, number: PhoneNumber, text: str, kind: str, real_now: datetime) -> TextState:
    """
    Send a text message now: somebody waits for it. Never called inside a transaction.

    An outcome that stays unknown is not tried again: the person asks for another message.

    :raises TextNotSent: it surely did not leave
    """
    row = _write(number=number, text=text, kind=kind, real_now=real_now)
    try:
        outcome, failure = hand_over(to=number.e164, text=text)
    except GatewayMissing:
        outcome, failure = TextState.REFUSED, "gateway_missing"
    _record(row.id, outcome, failure, real_now)
    if outcome is TextState.REFUSED:
        raise TextNotSent(reason=_REASONS.get(failure, "refusé par la passerelle"))
    return outcome


def forget_texts(*, real_now: datetime) -> int:
    """Delete old rows; return how many. They prove nothing that a journal does not tell."""
    deleted, _by_table = OutboundText.objects.filter(created_at__lt=real_now - _KEPT).delete()
    return deleted


@transaction.atomic
def _write(*, number: PhoneNumber, text: str, kind: str, real_now: datetime) -> OutboundText:
    row = OutboundText(id=new_id(), kind=kind, state=TextState.SENDING, created_at=real_now)
    row.number_sealed = seal(number.e164, row.place("number"))
    row.text_sealed = seal(text, row.place("text"))
    row.save(force_insert=True)
    return row


@transaction.atomic
def _record(row_id: UUID, outcome: TextState, failure: str, real_now: datetime) -> None:
    # Whatever came of it, nothing sends these words again: they hold a code.
    OutboundText.objects.filter(id=row_id).update(
        state=outcome,
        failure=failure,
        text_sealed=None,
        sent_at=real_now if outcome is TextState.SENT else None,
    )
