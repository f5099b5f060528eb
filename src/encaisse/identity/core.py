"""What proves who somebody is, and what may happen to such proofs. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class FactorKind(StrEnum):
    """What a person shows beside a password, strongest first."""

    PASSKEY = "passkey"
    TOTP = "totp"
    PHONE = "phone"
    APPROVER = "approver"
    RECOVERY_CODES = "recovery_codes"


class FactorChange(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    RENEWED = "renewed"
    # A passkey whose counter went back: somebody may hold a copy of it.
    COPY_SUSPECTED = "copy_suspected"


@dataclass(frozen=True, slots=True)
class Factor:
    """One of the things a person can prove themselves with."""

    kind: FactorKind
    id: str
    name: str
    created_at: datetime
    last_used_at: datetime | None


CODE_DIGITS = 6
CODE_TRIES = 5
CODE_LIFE = timedelta(minutes=5)
CODE_PAUSE = timedelta(seconds=30)
CODE_WINDOW = timedelta(hours=1)
CODES_IN_WINDOW = 6


def code_typed(text: str) -> str:
    """Return the digits of a code as people type it, with spaces or dashes."""
    return "".join(character for character in text if character.isascii() and character.isdigit())


def wait_before_code(sent: Sequence[datetime], now: datetime) -> timedelta:
    """Return how long to wait before the next code, given when the last ones were sent."""
    recent = sorted(moment for moment in sent if moment > now - CODE_WINDOW)
    if not recent:
        return timedelta(0)
    ends = [recent[-1] + CODE_PAUSE]
    if len(recent) >= CODES_IN_WINDOW:
        ends.append(recent[-CODES_IN_WINDOW] + CODE_WINDOW)
    return max(max(ends) - now, timedelta(0))


class ApprovalState(StrEnum):
    """A question put to somebody's telephone."""

    OPEN = "open"
    AGREED = "agreed"
    REFUSED = "refused"
    # Replaced by a newer one, or answered with a number that was not the one shown.
    ENDED = "ended"
    SPENT = "spent"


_A = ApprovalState
APPROVAL_MOVES: Mapping[ApprovalState, frozenset[ApprovalState]] = {
    _A.OPEN: frozenset({_A.AGREED, _A.REFUSED, _A.ENDED}),
    _A.AGREED: frozenset({_A.SPENT, _A.ENDED}),
    _A.REFUSED: frozenset(),
    _A.ENDED: frozenset(),
    _A.SPENT: frozenset(),
}
APPROVAL_LIVE = frozenset(state for state, moves in APPROVAL_MOVES.items() if moves)
APPROVAL_DIGITS = 2


def approval_statement(approval_id: str, content_digest: str, number: str) -> bytes:
    """Return what a telephone signs: this question, all it says, and the number it was shown."""
    return f"encaisse-approval-1\n{approval_id}\n{content_digest}\n{number}".encode()


class Standing(StrEnum):
    """How far somebody is with their factors."""

    NO_FACTOR = "no_factor"
    CODES_UNSEEN = "codes_unseen"
    READY = "ready"


EMERGENCY_LIFE = timedelta(hours=24)
EMERGENCY_TRIES = 10
# Without the signs that read alike: 60 bits in twelve of them.
_EMERGENCY_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
EMERGENCY_LENGTH = 12


def emergency_code(random_numbers: Sequence[int]) -> str:
    """Write a code in groups of four, out of numbers below 32."""
    signs = "".join(_EMERGENCY_SIGNS[number] for number in random_numbers)
    return "-".join(signs[start : start + 4] for start in range(0, len(signs), 4))


def emergency_typed(text: str) -> str:
    """Return the signs of such a code as typed, empty where it cannot be one."""
    signs = "".join(character for character in text.upper() if character in _EMERGENCY_SIGNS)
    kept = "".join(character for character in text.upper() if character.isalnum())
    return signs if len(signs) == EMERGENCY_LENGTH and signs == kept else ""


class GuardianState(StrEnum):
    """A person asked to vouch for another, should they lose everything."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    ENDED = "ended"


class RecoveryState(StrEnum):
    """Somebody lost every factor: their guardian agrees, a day passes, then a way in opens."""

    REQUESTED = "requested"
    APPROVED = "approved"
    DUE = "due"
    DONE = "done"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    EXPIRED = "expired"


_R = RecoveryState
RECOVERY_MOVES: Mapping[RecoveryState, frozenset[RecoveryState]] = {
    _R.REQUESTED: frozenset({_R.APPROVED, _R.REFUSED, _R.CANCELLED, _R.EXPIRED}),
    _R.APPROVED: frozenset({_R.DUE, _R.REFUSED, _R.CANCELLED, _R.EXPIRED}),
    _R.DUE: frozenset({_R.DONE, _R.REFUSED, _R.CANCELLED, _R.EXPIRED}),
    _R.DONE: frozenset(),
    _R.CANCELLED: frozenset(),
    _R.REFUSED: frozenset(),
    _R.EXPIRED: frozenset(),
}
RECOVERY_OPEN = frozenset(state for state, moves in RECOVERY_MOVES.items() if moves)
RECOVERY_DELAY = timedelta(hours=24)
# How long the guardian has to answer, and the person to use the way in.
RECOVERY_PATIENCE = timedelta(days=3)
RECOVERY_PAUSE = timedelta(hours=1)
RECOVERY_TRIES = 10


def recovery_after_time(state: RecoveryState, *, since: datetime, now: datetime) -> RecoveryState:
    """Return what a request becomes by itself; `since` is when it took its state."""
    if state is RecoveryState.APPROVED and now >= since + RECOVERY_DELAY:
        return RecoveryState.DUE
    waits = state in {RecoveryState.REQUESTED, RecoveryState.DUE}
    if waits and now >= since + RECOVERY_PATIENCE:
        return RecoveryState.EXPIRED
    return state


def went_back(*, known: int, shown: int) -> bool:
    """
    Tell whether a signature counter shows that a copy of the key is in use.

    Zero on both sides means that the device counts nothing, as synchronised passkeys do
    (WebAuthn level 3, 6.1.1).
    """
    return (known > 0 or shown > 0) and shown <= known
