"""Codes on their way to somebody who is signing in."""

from collections.abc import Mapping

from allauth.account.adapter import get_adapter
from django.http import HttpRequest
from django.utils import timezone

from encaisse.identity.codes import issue_code
from encaisse.identity.models import User
from encaisse.identity.phones import code_text, send_text
from encaisse.identity.proofs import Proof

PURPOSES: Mapping[Proof, str] = {Proof.SMS: "sign_in:sms", Proof.EMAIL: "sign_in:email"}


def send_code(request: HttpRequest, *, user: User, proof: Proof) -> None:
    """
    Send a code for signing in.

    :raises TooManyCodes: the last ones are too recent
    :raises NoPhone: they have none any more
    :raises TextNotSent: it surely did not leave
    """
    now = timezone.now()
    issued = issue_code(user_id=user.id, purpose=PURPOSES[proof], real_now=now)
    if proof is Proof.SMS:
        text = code_text(issued.code, reason="votre connexion")
        send_text(user_id=user.id, text=text, kind=PURPOSES[proof], real_now=now)
    else:
        get_adapter(request).send_mail("entrance/mail/code", user.email, {"code": issued.code})
