"""Writing people."""

from dataclasses import dataclass, field

from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.hashers import make_password
from django.db import transaction

from encaisse.identity.models import User
from encaisse.identity.recovery_codes import show_once


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """What a person keeps to prove who they are: shown once."""

    totp_secret: str = field(repr=False)
    recovery_codes: list[str] = field(repr=False)


@transaction.atomic
def create_user(*, email: str, password: str | None, full_name: str = "") -> User:
    """
    Add a person whose address is known to be theirs.

    Without a password they sign in only by another factor, or after a reset.
    """
    address = email.strip().lower()
    user = User(email=address, full_name=full_name, password=make_password(password))
    user.save(force_insert=True)
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    return user


@transaction.atomic
def enrol_second_factor(*, user: User) -> SecondFactor:
    """Give a person a one-time code generator and recovery codes."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    # Whoever calls is given them here, once.
    return SecondFactor(totp_secret=secret, recovery_codes=show_once(user_id=user.id))
