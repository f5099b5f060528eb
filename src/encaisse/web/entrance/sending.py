"""Codes on their way to somebody, for one errand: they open that and nothing else."""

import secrets
from dataclasses import dataclass, replace

from allauth.account.adapter import get_adapter
from django.http import HttpRequest
from django.utils import timezone

from encaisse.identity.codes import issue_code, open_code_about, spend_code
from encaisse.identity.models import User
from encaisse.identity.phones import code_text, note_use, send_text
from encaisse.identity.proofs import Proof


@dataclass(frozen=True, slots=True)
class Errand:
    """
    What a code is for: `said` is read in the message, `binding` must be the same when it is used.

    `about` names one errand among those alike.
    """

    name: str
    said: str
    letter: str
    about: str = ""
    binding: str = ""

    def purpose(self, proof: Proof) -> str:
        return f"{self.name}:{proof}"


SIGNING_IN = Errand("sign_in", said="votre connexion", letter="entrance/mail/code")
CONFIRMING = Errand(
    "confirm", said="une action sensible dans votre compte", letter="entrance/mail/confirm"
)
_SESSION_MARK = "errand_mark"


def in_this_browser(request: HttpRequest, errand: Errand) -> Errand:
    """Keep an errand to the session that asks: what is agreed for one opens no other."""
    mark = request.session.get(_SESSION_MARK)
    if mark is None:
        mark = request.session[_SESSION_MARK] = secrets.token_urlsafe(16)
    return replace(errand, about=mark, binding=mark)


def send_code(request: HttpRequest, *, user: User, proof: Proof, errand: Errand) -> None:
    """
    Send a code by text or by mail.

    :raises TooManyCodes: the last ones are too recent
    :raises NoPhone: they have none any more
    :raises TextNotSent: it surely did not leave
    """
    now, purpose = timezone.now(), errand.purpose(proof)
    issued = issue_code(
        user_id=user.id, purpose=purpose, about=errand.about, binding=errand.binding, real_now=now
    )
    if proof is Proof.SMS:
        text = code_text(issued.code, reason=errand.said)
        send_text(user_id=user.id, text=text, kind=purpose, real_now=now)
    else:
        context = {"code": issued.code, "said": errand.said}
        get_adapter(request).send_mail(errand.letter, user.email, context)


def use_code(*, user: User, proof: Proof, code: str, errand: Errand) -> Proof:
    """
    Use a code that was sent, and return what it proves. Never called inside a transaction.

    :raises CodeOver: there is no code any more
    :raises CodeWrong: another was typed, or for something else
    """
    now = timezone.now()
    spend_code(
        user_id=user.id,
        purpose=errand.purpose(proof),
        code=code,
        binding=errand.binding,
        real_now=now,
    )
    if proof is Proof.SMS:
        note_use(user_id=user.id, real_now=now)
    return proof


def is_sent(*, user: User, proof: Proof, errand: Errand) -> bool:
    """Tell whether a code for this very errand waits to be used."""
    about = open_code_about(user_id=user.id, purpose=errand.purpose(proof), real_now=timezone.now())
    return about == errand.about
