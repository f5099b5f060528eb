"""What holds every code typed at the second step: so many tries, and each code only once."""

from datetime import datetime
from uuid import UUID

from allauth.mfa import app_settings
from django.core.cache import cache

from encaisse.identity.limits import ON_SECOND_STEP, give_back, spend
from encaisse.kit.crypto import digest


def count_try(*, user_id: UUID, real_now: datetime) -> None:
    """
    Count one try before the code is looked at.

    :raises TooManyTries: the person's tries are used up for now
    """
    spend([(ON_SECOND_STEP, str(user_id))], real_now=real_now)


def take_try_back(*, user_id: UUID, real_now: datetime) -> None:
    """Only wrong codes use the limit up."""
    give_back([(ON_SECOND_STEP, str(user_id))], real_now=real_now)


def is_first_use(*, user_id: UUID, code: str) -> bool:
    """
    Tell whether a code of an application was never used, and mark it for as long as it is valid.

    RFC 6238 (5.2) asks that a code open once. allauth remembers it for one period, and accepts it
    during three.
    """
    periods = 2 * app_settings.TOTP_TOLERANCE + 1
    key = digest(f"{user_id}|{''.join(code.split())}").hex()
    return bool(cache.add(f"totp-used-{key}", "y", timeout=periods * app_settings.TOTP_PERIOD))
