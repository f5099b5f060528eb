"""
Questions put to somebody's telephone: what, from where, how much; agreed with a signed answer.

The number shown where it is asked is typed on the telephone, so that nobody agrees by habit to a
question they did not ask (NIST SP 800-63B-4, 3.1.3.4). The answer is signed by a key that never
leaves the telephone's browser: its cookies, copied, agree to nothing.
"""

import json
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from encaisse.identity.approvers import answers_elsewhere, approvers_of, tell
from encaisse.identity.codes import refuse_haste
from encaisse.identity.core import (
    APPROVAL_DIGITS,
    APPROVAL_LIVE,
    APPROVAL_MOVES,
    CODE_LIFE,
    CODE_WINDOW,
    ApprovalState,
    approval_statement,
    code_typed,
)
from encaisse.identity.errors import (
    ApprovalDenied,
    ApprovalOver,
    ApprovalWaiting,
    ApproverRefused,
    NoApprover,
    NumberWrong,
)
from encaisse.identity.events import ApprovalRefused
from encaisse.identity.models import Approval, Approver, User
from encaisse.kernel.errors import NotFound
from encaisse.kit.crypto import seal, unseal
from encaisse.kit.events import publish
from encaisse.kit.identifiers import new_id
from encaisse.kit.p256 import from_base64, is_signed

_S = ApprovalState


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """
    What the person reads on their telephone, and what agreeing opens.

    `about` names one errand among those alike; `binding` must be the same when it is used.
    """

    said: str
    agent: str
    place: str
    about: str = ""
    binding: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was put, with the number shown where it was asked."""

    id: UUID
    question: Question
    number: str
    digest: str
    state: ApprovalState
    created_at: datetime
    expires_at: datetime


def ask(
    *, user_id: UUID, purpose: str, question: Question, device_id: UUID | None, real_now: datetime
) -> Asked:
    """
    Put a question, which replaces the one that waits. It is told to nobody yet: see `ring`.

    :raises NoApprover: no other telephone answers for them
    :raises TooManyCodes: the last ones are too recent
    """
    with transaction.atomic():
        User.objects.select_for_update().get(id=user_id)
        if not answers_elsewhere(user_id=user_id, device_id=device_id).exists():
            raise NoApprover
        refuse_haste(Approval.objects.all(), user_id=user_id, purpose=purpose, real_now=real_now)
        _live(user_id, purpose).update(state=_S.ENDED)
        row = Approval(
            id=new_id(),
            user_id=user_id,
            purpose=purpose,
            state=_S.OPEN,
            asked_on_id=device_id,
            expires_at=real_now + CODE_LIFE,
            created_at=real_now,
        )
        number = f"{secrets.randbelow(10**APPROVAL_DIGITS):0{APPROVAL_DIGITS}d}"
        content = json.dumps({**asdict(question), "number": number}, sort_keys=True)
        row.content_sealed = seal(content, row.place())
        row.save(force_insert=True)
    return read(row)


def ring(
    asked: Asked, *, user_id: UUID, device_id: UUID | None, url: str, real_now: datetime
) -> int:
    """Tell the telephones; return to how many it went. Never called inside a transaction."""
    return tell(
        answers_elsewhere(user_id=user_id, device_id=device_id),
        {
            "title": "Encaisse demande votre accord",
            "body": f"{asked.question.said}\n{asked.question.agent}, {asked.question.place}",
            "url": url,
            "tag": str(asked.id),
        },
        seconds=int(CODE_LIFE.total_seconds()),
        topic=asked.id.hex,
        real_now=real_now,
    )


def waiting_for(approver: Approver, *, real_now: datetime) -> list[Asked]:
    """Return what this telephone may answer now, newest first."""
    rows = Approval.objects.filter(
        user_id=approver.user_id, state=_S.OPEN, expires_at__gt=real_now
    ).exclude(asked_on_id=approver.device_id)
    return [read(row) for row in rows.order_by("-created_at")]


def agree(
    *, approver: Approver, approval_id: UUID, number: str, signature: str, real_now: datetime
) -> None:
    """
    Agree, once. Never called inside a transaction: a wrong number ends the question.

    :raises ApprovalOver: it was answered, or is too old
    :raises ApproverRefused: the signature is not of this telephone's key
    :raises NumberWrong: another number was shown
    """
    with transaction.atomic(durable=True):
        row = _lock_open(approver, approval_id, real_now)
        asked, typed = read(row), code_typed(number)
        _check_signed(approver, asked, typed, signature)
        is_right = secrets.compare_digest(typed, asked.number)
        _answer(row, approver, _S.AGREED if is_right else _S.ENDED, real_now)
        Approver.objects.filter(id=approver.id).update(last_used_at=real_now)
    if not is_right:
        raise NumberWrong


@transaction.atomic
def refuse(*, approver: Approver, approval_id: UUID, real_now: datetime) -> None:
    """
    Refuse, and let it be known: somebody else may have the person's password.

    :raises ApprovalOver: it was answered, or is too old
    """
    row = _lock_open(approver, approval_id, real_now)
    _answer(row, approver, _S.REFUSED, real_now)
    publish(ApprovalRefused(user_id=row.user_id, approval_id=row.id, at=real_now))


def last_asked(*, user_id: UUID, purpose: str, about: str = "", real_now: datetime) -> Asked | None:
    """Return the last question of this errand, unless it is too old or was used."""
    rows = Approval.objects.filter(user_id=user_id, purpose=purpose, expires_at__gt=real_now)
    row = rows.order_by("-created_at", "-id").first()
    if row is None or row.state == _S.SPENT:
        return None
    asked = read(row)
    return asked if asked.question.about == about else None


def use_approval(
    *, user_id: UUID, purpose: str, about: str = "", binding: str = "", real_now: datetime
) -> None:
    """
    Use an agreement, once, for what it was given.

    :raises ApprovalWaiting: nobody answered yet
    :raises ApprovalDenied: it was refused
    :raises ApprovalOver: there is none, it was used, it was for something else, or the telephone
        that agreed answers for them no more
    """
    with transaction.atomic():
        asked = last_asked(user_id=user_id, purpose=purpose, about=about, real_now=real_now)
        if asked is None or asked.question.binding != binding:
            raise ApprovalOver
        if asked.state is _S.OPEN:
            raise ApprovalWaiting
        if asked.state is not _S.AGREED:
            raise ApprovalDenied
        still = approvers_of(user_id=user_id).order_by().values("id")
        rows = Approval.objects.filter(id=asked.id, state=_S.AGREED, answered_by__in=still)
        # Of two at once, one uses it.
        if not rows.update(state=_S.SPENT):
            raise ApprovalOver


def question_by_id(*, approval_id: UUID) -> Asked | None:
    """Return a question, for as long as it is kept."""
    row = Approval.objects.filter(id=approval_id).first()
    return None if row is None else read(row)


def read(row: Approval) -> Asked:
    """Return a question in clear."""
    content = unseal(row.content_sealed, row.place())
    values = json.loads(content)
    number = values.pop("number")
    return Asked(
        id=row.id,
        question=Question(**values),
        number=number,
        digest=sha256(content.encode()).hexdigest(),
        state=_S(row.state),
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


def forget_approvals(*, real_now: datetime) -> int:
    """Delete the questions that neither open nor limit anything any more; return how many."""
    deleted, _by_table = Approval.objects.filter(created_at__lt=real_now - 2 * CODE_WINDOW).delete()
    return deleted


def _lock_open(approver: Approver, approval_id: UUID, real_now: datetime) -> Approval:
    # The telephone first: where it is taken away meanwhile, one of the two waits for the other.
    held = approvers_of(user_id=approver.user_id).select_for_update(of=("self",))
    if held.filter(id=approver.id).first() is None:
        raise ApprovalOver
    rows = Approval.objects.select_for_update(of=("self",)).filter(user_id=approver.user_id)
    row = rows.filter(id=approval_id).first()
    if row is None:
        raise NotFound
    is_own = row.asked_on_id == approver.device_id
    if row.state != _S.OPEN or row.expires_at <= real_now or is_own:
        raise ApprovalOver
    return row


def _answer(row: Approval, approver: Approver, state: ApprovalState, real_now: datetime) -> None:
    if state not in APPROVAL_MOVES[_S(row.state)]:
        raise ApprovalOver
    row.state, row.answered_by, row.answered_at = state, approver, real_now
    row.save(update_fields=["state", "answered_by", "answered_at"])


def _check_signed(approver: Approver, asked: Asked, number: str, signature: str) -> None:
    statement = approval_statement(str(asked.id), asked.digest, number)
    try:
        written = from_base64(signature)
    except ValueError:
        written = b""
    if not is_signed(statement, written, by=bytes(approver.public_key)):
        raise ApproverRefused(
            reason="il a perdu sa clé. Retirez-le dans « Ma connexion », puis ajoutez-le"
        )


def _live(user_id: UUID, purpose: str) -> QuerySet[Approval]:
    return Approval.objects.filter(user_id=user_id, purpose=purpose, state__in=APPROVAL_LIVE)
