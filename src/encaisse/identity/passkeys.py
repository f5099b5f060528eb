"""
Passkeys: the address they are bound to, and what an answer of theirs must show.

allauth keeps what a device gives when the passkey is made: an identifier and a public key. Neither
opens anything, so that they stand in clear; the private key never leaves the device.
"""

from datetime import datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from fido2.webauthn import (
    AuthenticationResponse,
    RegistrationResponse,
    UserVerificationRequirement,
)

from encaisse.identity.core import FactorChange, went_back
from encaisse.identity.errors import PasskeyCopied, PasskeyRefused
from encaisse.identity.factors import announce, factor_of
from encaisse.identity.models import User

_LOCAL_NAME = "localhost"


def relying_party() -> str:
    """Return the name passkeys are bound to: the public host; a browser takes no numbers there."""
    host = urlsplit(settings.PUBLIC_URL).hostname or _LOCAL_NAME
    return _LOCAL_NAME if _is_loopback(host) else host


def usable_address() -> str:
    """Return the address at which passkeys work, empty where there is none."""
    parts = urlsplit(settings.PUBLIC_URL)
    name = relying_party()
    if _is_number(name) or (parts.scheme != "https" and name != _LOCAL_NAME):
        return ""
    return f"{parts.scheme}://{name}{f':{parts.port}' if parts.port else ''}"


def check_origin(response: AuthenticationResponse | RegistrationResponse) -> None:
    """
    Refuse what another site asked for, a neighbour under the same domain included.

    :raises PasskeyRefused: the ceremony did not take place on our own page
    """
    if urlsplit(response.response.client_data.origin).hostname != relying_party():
        raise PasskeyRefused


def claimed_by(response: Any) -> UUID | None:
    """Return whose passkey an answer pretends to be; nothing of it is proven."""
    try:
        auth.parse_authentication_response(response)
        claimed = auth.extract_user_from_response(response)
    except ValidationError:
        return None
    return UUID(str(claimed.pk))


def ask_for(*, user: User, challenge: bytes) -> dict[str, Any]:
    """
    Return what a browser asks the person's passkeys to sign: this challenge, and no other.

    Called again when the answer comes: the challenge is known from what is signed, not from the
    session that brings the answer.
    """
    options, state = auth.get_server().authenticate_begin(
        credentials=auth.get_credentials(user),
        user_verification=UserVerificationRequirement.REQUIRED,
        challenge=challenge,
    )
    auth.set_state(state)
    return dict(options)


def spend_challenge() -> None:
    """Make the open challenge useless, whatever came of it: an answer is shown once."""
    auth.clear_state()


def count_signature(*, authenticator: Authenticator, response: Any, now: datetime) -> None:
    """
    Keep the signature counter of a passkey that has just answered.

    :raises PasskeyCopied: it did not go up; the journals of the person's firms say so
    """
    shown = AuthenticationResponse.from_dict(response).response.authenticator_data.counter
    if not _advance(authenticator, shown):
        announce(
            user_id=authenticator.user_id,
            change=FactorChange.COPY_SUSPECTED,
            factor=factor_of(authenticator),
            now=now,
        )
        raise PasskeyCopied


@transaction.atomic
def _advance(authenticator: Authenticator, shown: int) -> bool:
    row = Authenticator.objects.select_for_update().get(pk=authenticator.pk)
    known = row.data.get("sign_count", row.wrap().authenticator_data.counter)
    if went_back(known=known, shown=shown):
        return False
    row.data["sign_count"] = shown
    row.save(update_fields=["data"])
    authenticator.data = row.data
    return True


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return _is_number(host) and ip_address(host).is_loopback
