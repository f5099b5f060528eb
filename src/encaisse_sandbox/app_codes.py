"""The code that the bank's app shows: it changes by itself, and is good for one request only."""

import hmac
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP_SECONDS = 30
_DIGITS = 6
# A code typed while it changes is still good.
_STEPS_ACCEPTED = 2


def shown(secret: str, moment: datetime) -> str:
    """Return the code at this moment (RFC 6238)."""
    return _code(secret, int(moment.timestamp()))


def seconds_left(moment: datetime) -> int:
    """Return for how long the code shown stays the same."""
    return STEP_SECONDS - int(moment.timestamp()) % STEP_SECONDS


def is_right(secret: str, typed: str, moment: datetime) -> bool:
    """Tell whether this is the code shown now, or the one before."""
    now = int(moment.timestamp())
    good = [_code(secret, now - step * STEP_SECONDS) for step in range(_STEPS_ACCEPTED)]
    return any(hmac.compare_digest(typed.encode(), code.encode()) for code in good)


def _code(secret: str, seconds: int) -> str:
    return TOTP(bytes.fromhex(secret), _DIGITS, SHA256(), STEP_SECONDS).generate(seconds).decode()
