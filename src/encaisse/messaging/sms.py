"""Handing a text message to a gateway over HTTP, with an outcome that is never guessed."""

import json
import stat
from pathlib import Path

from django.conf import settings

from encaisse.kit.http import AnswerLost, NothingSent, ask
from encaisse.messaging.core import TextState, filled, text_outcome

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class GatewayMissing(Exception):
    """No gateway is set up, or its secret can be read by other accounts of the machine."""


def hand_over(*, to: str, text: str) -> tuple[TextState, str]:
    """
    Give one message to the gateway; return what is known, and why it was refused.

    :raises GatewayMissing: there is none
    :raises AskedInsideTransaction: a transaction is open
    """
    body = filled(json.loads(settings.ENCAISSE_SMS_BODY), to=to, text=text)
    try:
        answer = ask(
            "POST",
            gateway_address(),
            headers=_headers(),
            json=body,
            timeout_seconds=settings.ENCAISSE_SMS_TIMEOUT_SECONDS,
        )
    except NothingSent:
        return TextState.REFUSED, "no_connection"
    except AnswerLost:
        return TextState.UNKNOWN, "no_answer"
    outcome = text_outcome(answer.status)
    return outcome, "" if outcome is TextState.SENT else f"status_{answer.status}"


def is_set_up() -> bool:
    """Tell whether text messages can be sent from here."""
    return bool(settings.ENCAISSE_SMS_URL or _sandbox())


def gateway_address() -> str:
    """:raises GatewayMissing: none is set up"""
    address: str = settings.ENCAISSE_SMS_URL or _sandbox()
    if not address:
        raise GatewayMissing("ENCAISSE_SMS_URL")
    return address


def _sandbox() -> str:
    is_there = settings.DEMO and settings.ENCAISSE_SANDBOX_URL
    return f"{settings.ENCAISSE_SANDBOX_URL}/sms" if is_there else ""


def _headers() -> dict[str, str]:
    path: Path | None = settings.ENCAISSE_SMS_SECRET_FILE
    if path is None or not settings.ENCAISSE_SMS_URL:
        return {}
    if path.stat().st_mode & _OTHERS:
        raise GatewayMissing(f"chmod 600 {path}")
    return {"Authorization": f"Bearer {path.read_text().strip()}"}
