"""
One-time codes: six digits, five tries, five minutes, one use, bound to what they are for.

Time is real here: the movable clock of a demonstration says nothing about secrets.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from encaisse.identity.core import (
    CODE_DIGITS,
    CODE_LIFE,
    CODE_TRIES,
    CODE_WINDOW,
    code_typed,
    wait_before_code,
)
from encaisse.identity.errors import CodeOver, CodeWrong, TooManyCodes
from encaisse.identity.models import OneTimeCode, User
from encaisse.kernel.errors import DomainError
from encaisse.kit.crypto import blind_index, is_index_of, seal, unseal
from encaisse.kit.identifiers import new_id

_PURPOSE = "one-time-code"


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """A code to be sent; only its digest is kept."""

    id: UUID
    code: str = field(repr=False)
    expires_at: datetime


@transaction.atomic
def issue_code(
    *, user_id: UUID, purpose: str, about: str = "", binding: str = "", real_now: datetime
) -> IssuedCode:
    """
    Make a code that replaces the one still open for this purpose.

    `about` is kept sealed and given back when the code is spent; `binding` (an amount and a
    payee, say) must be shown again, the same, with the code.

    :raises TooManyCodes: the last ones are too recent
    """
    User.objects.select_for_update().get(id=user_id)
    refuse_haste(OneTimeCode.objects.all(), user_id=user_id, purpose=purpose, real_now=real_now)
    _open_codes(user_id, purpose).update(closed_at=real_now)
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    row = OneTimeCode(
        id=new_id(),
        user_id=user_id,
        purpose=purpose,
        tries_left=CODE_TRIES,
        expires_at=real_now + CODE_LIFE,
        created_at=real_now,
    )
    # Keyed: a million digests of a million codes would otherwise be tried in a second.
    row.digest = blind_index(_keyed(row.id, code, binding), purpose=_PURPOSE)
    row.about_sealed = seal(about, row.place())
    row.save(force_insert=True)
    return IssuedCode(id=row.id, code=code, expires_at=row.expires_at)


def spend_code(
    *, user_id: UUID, purpose: str, code: str, binding: str = "", real_now: datetime
) -> str:
    """
    Use a code, once, and return what it was about. Never called inside a transaction: a wrong
    try counts whatever the caller does next.

    :raises CodeOver: there is no code any more
    :raises CodeWrong: another was typed, or for something else
    """
    with transaction.atomic(durable=True):
        about, refusal = _judge(user_id, purpose, code, binding, real_now)
    if refusal is not None:
        raise refusal
    return about


def open_code_about(*, user_id: UUID, purpose: str, real_now: datetime) -> str | None:
    """Return what the code still open is about, None where there is none."""
    row = _open_codes(user_id, purpose).filter(expires_at__gt=real_now, tries_left__gt=0).first()
    return None if row is None else unseal(row.about_sealed, row.place())


def forget_codes(*, real_now: datetime) -> int:
    """Delete the codes that neither open nor limit anything any more; return how many."""
    old = OneTimeCode.objects.filter(created_at__lt=real_now - 2 * CODE_WINDOW)
    deleted, _by_table = old.delete()
    return deleted


def _judge(
    user_id: UUID, purpose: str, code: str, binding: str, real_now: datetime
) -> tuple[str, DomainError | None]:
    row = _open_codes(user_id, purpose).select_for_update().first()
    if row is None or row.expires_at <= real_now or row.tries_left == 0:
        return "", CodeOver()
    typed = _keyed(row.id, code_typed(code), binding)
    if is_index_of(row.digest, typed, purpose=_PURPOSE):
        row.closed_at = real_now
        row.save(update_fields=["closed_at"])
        return unseal(row.about_sealed, row.place()), None
    row.tries_left -= 1
    row.save(update_fields=["tries_left"])
    return "", CodeWrong(tries_left=row.tries_left) if row.tries_left else CodeOver()


def _open_codes(user_id: UUID, purpose: str) -> QuerySet[OneTimeCode]:
    return OneTimeCode.objects.filter(user_id=user_id, purpose=purpose, closed_at__isnull=True)


def refuse_haste(sent: QuerySet[Any], *, user_id: UUID, purpose: str, real_now: datetime) -> None:
    """
    Let codes, and whatever else interrupts somebody, be asked for now and then only.

    :raises TooManyCodes: the last ones are too recent
    """
    recent = sent.filter(user_id=user_id, purpose=purpose, created_at__gt=real_now - CODE_WINDOW)
    wait = wait_before_code(list(recent.values_list("created_at", flat=True)), real_now)
    if wait:
        raise TooManyCodes(seconds=int(wait.total_seconds()) + 1)


def _keyed(row_id: UUID, code: str, binding: str) -> str:
    return f"{row_id}|{code}|{binding}"
