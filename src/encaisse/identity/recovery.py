"""
The way back in of somebody who lost everything: their guardian agrees, a day passes during which
anybody concerned may stop it, then a mailed link and the guardian's code open together.

Every time here is real: no demonstration's clock shortens the day.
"""

import secrets
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import transaction

from encaisse.identity.access import reopen
from encaisse.identity.core import (
    EMERGENCY_LENGTH,
    RECOVERY_MOVES,
    RECOVERY_OPEN,
    RECOVERY_PAUSE,
    RECOVERY_TRIES,
    RecoveryState,
    emergency_code,
    emergency_typed,
    recovery_after_time,
)
from encaisse.identity.errors import RecoveryClosed, RecoveryWrong
from encaisse.identity.events import RecoveryMoved
from encaisse.identity.factors import lose_factors
from encaisse.identity.guardians import guardian_of
from encaisse.identity.models import Recovery, User
from encaisse.kernel.errors import NotFound
from encaisse.kit.crypto import Place, blind_index, digest, is_index_of, seal, unseal
from encaisse.kit.events import publish
from encaisse.kit.identifiers import new_id
from encaisse.kit.jobs import enqueue

_PURPOSE = "recovery-code"
_ASKED = Place("job", "recovery_address", UUID(int=0))


def ask(*, email: str) -> None:
    """
    Take a request from a stranger who says it is theirs.

    A job looks whether it is: the answer and its delay are the same for any address.
    """
    sealed = seal(email.strip().lower(), _ASKED).hex()
    enqueue("identity.open_recovery", sealed=sealed)


def asked_address(sealed: str) -> str:
    """:raises tink.TinkError: not sealed by us"""
    return unseal(bytes.fromhex(sealed), _ASKED)


@transaction.atomic
def open_recovery(*, email: str, now: datetime, real_now: datetime) -> Recovery | None:
    """Begin, where the address is proven, has a guardian who agreed, and asked nothing lately."""
    address = EmailAddress.objects.filter(email__iexact=email, verified=True).first()
    if address is None:
        return None
    user = User.objects.select_for_update().get(id=address.user_id)
    guardianship = guardian_of(user_id=user.id)
    # The table says it too: only a guardian who agreed has an account here.
    guardian_id = guardianship.guardian_id if guardianship is not None else None
    if guardian_id is None or _is_recent(user.id, real_now):
        return None
    row = Recovery.objects.create(
        id=new_id(),
        user=user,
        guardian_id=guardian_id,
        state=RecoveryState.REQUESTED,
        state_since=real_now,
        tries_left=RECOVERY_TRIES,
        created_at=real_now,
    )
    _tell(row, by=None, now=now)
    return row


@transaction.atomic
def approve(*, recovery_id: UUID, guardian_id: UUID, now: datetime, real_now: datetime) -> str:
    """
    Agree, as the guardian, and return the code to give by voice: shown once. A day begins.

    :raises NotFound: this person vouches for nobody here
    :raises RecoveryClosed: it waits for no answer any more
    """
    row = _of_guardian(recovery_id, guardian_id)
    code = emergency_code([secrets.randbelow(32) for _sign in range(EMERGENCY_LENGTH)])
    row.code_digest = blind_index(_keyed(row.id, code), purpose=_PURPOSE)
    _move(row, RecoveryState.APPROVED, by=guardian_id, now=now, real_now=real_now)
    return code


@transaction.atomic
def refuse(*, recovery_id: UUID, guardian_id: UUID, now: datetime, real_now: datetime) -> None:
    """
    Refuse as the guardian, even after having agreed.

    :raises NotFound: this person vouches for nobody here
    :raises RecoveryClosed: it is over
    """
    row = _of_guardian(recovery_id, guardian_id)
    _move(row, RecoveryState.REFUSED, by=guardian_id, now=now, real_now=real_now)


@transaction.atomic
def cancel(*, recovery_id: UUID, by: UUID, now: datetime, real_now: datetime) -> None:
    """
    Stop it at once. Who may is judged above: the person themselves, or an owner of their firms.

    :raises NotFound: no such request
    :raises RecoveryClosed: it is over
    """
    _move(_locked(recovery_id), RecoveryState.CANCELLED, by=by, now=now, real_now=real_now)


def advance(*, now: datetime, real_now: datetime) -> int:
    """Let time do its part: open what waited a day, end what waited too long."""
    ids = Recovery.objects.filter(state__in=sorted(RECOVERY_OPEN)).values_list("id", flat=True)
    return sum(_advance(recovery_id, now, real_now) for recovery_id in list(ids))


@transaction.atomic(durable=True)
def _redeem(token: str, code: str, now: datetime, real_now: datetime) -> User | None:
    row = _of_token(token)
    later = recovery_after_time(RecoveryState(row.state), since=row.state_since, now=real_now)
    if later is not RecoveryState.DUE or row.tries_left == 0:
        raise RecoveryClosed
    if not is_index_of(row.code_digest or b"", _keyed(row.id, code), purpose=_PURPOSE):
        row.tries_left -= 1
        row.save(update_fields=["tries_left"])
        return None
    lose_factors(user_id=row.user_id)
    reopen(user_id=row.user_id, by_user_id=row.guardian_id, real_now=real_now)
    _move(row, RecoveryState.DONE, by=row.user_id, now=now, real_now=real_now)
    return row.user


def redeem(*, token: str, code: str, now: datetime, real_now: datetime) -> User:
    """
    Use the mailed link with the guardian's code, both at once: new factors are then asked for.

    Never called inside a transaction: a wrong try counts whatever the caller does next.

    :raises NotFound: no such link
    :raises RecoveryClosed: it is over
    :raises RecoveryWrong: not the guardian's code
    """
    user = _redeem(token, code, now, real_now)
    if user is None:
        raise RecoveryWrong
    return user


def open_recovery_of(*, user_id: UUID) -> Recovery | None:
    """Return the request that is under way for a person."""
    rows = Recovery.objects.filter(user_id=user_id, state__in=sorted(RECOVERY_OPEN))
    return rows.select_related("user", "guardian").first()


def open_recoveries_of(*, user_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Return the requests under way for these people, by person."""
    rows = Recovery.objects.filter(user_id__in=user_ids, state__in=sorted(RECOVERY_OPEN))
    return dict(rows.values_list("user_id", "id"))


def recoveries_to_answer(*, guardian_id: UUID) -> list[Recovery]:
    """Return the open requests of those a guardian vouches for."""
    rows = Recovery.objects.filter(guardian_id=guardian_id, state__in=sorted(RECOVERY_OPEN))
    return list(rows.select_related("user").order_by("created_at"))


def recovery(*, recovery_id: UUID) -> Recovery:
    """:raises NotFound: no such request"""
    row = Recovery.objects.filter(id=recovery_id).select_related("user", "guardian").first()
    if row is None:
        raise NotFound
    return row


def mailed_token(row: Recovery) -> str:
    """Return the secret of the mailed link."""
    return unseal(row.token_sealed or b"", row.place())


@transaction.atomic
def _advance(recovery_id: UUID, now: datetime, real_now: datetime) -> int:
    row = _locked(recovery_id)
    state = RecoveryState(row.state)
    later = recovery_after_time(state, since=row.state_since, now=real_now)
    if later is state:
        return 0
    if later is RecoveryState.DUE:
        token = secrets.token_urlsafe(24)
        row.token_sealed, row.token_digest = seal(token, row.place()), digest(token)
    _move(row, later, by=None, now=now, real_now=real_now)
    return 1


def _move(
    row: Recovery, target: RecoveryState, *, by: UUID | None, now: datetime, real_now: datetime
) -> None:
    if target not in RECOVERY_MOVES[RecoveryState(row.state)]:
        raise RecoveryClosed
    row.state, row.state_since = target, real_now
    row.save()
    _tell(row, by=by, now=now)


def _tell(row: Recovery, *, by: UUID | None, now: datetime) -> None:
    state = RecoveryState(row.state)
    publish(RecoveryMoved(user_id=row.user_id, recovery_id=row.id, state=state, by=by, at=now))
    enqueue("identity.send_letter", kind=f"recovery_{state}", object_id=row.id)


def _is_recent(user_id: UUID, real_now: datetime) -> bool:
    rows = Recovery.objects.filter(user_id=user_id)
    return (
        rows.filter(state__in=sorted(RECOVERY_OPEN)).exists()
        or rows.filter(state_since__gt=real_now - RECOVERY_PAUSE).exists()
    )


def _locked(recovery_id: UUID) -> Recovery:
    row = Recovery.objects.select_for_update().filter(id=recovery_id).first()
    if row is None:
        raise NotFound
    return row


def _of_guardian(recovery_id: UUID, guardian_id: UUID) -> Recovery:
    row = _locked(recovery_id)
    if row.guardian_id != guardian_id:
        raise NotFound
    return row


def _of_token(token: str) -> Recovery:
    row = Recovery.objects.select_for_update().filter(token_digest=digest(token)).first()
    if row is None:
        raise NotFound
    return row


def _keyed(recovery_id: UUID, code: str) -> str:
    return f"{recovery_id}|{emergency_typed(code)}"
