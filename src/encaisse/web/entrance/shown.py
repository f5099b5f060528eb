"""What somebody has shown of themselves in this browser, a moment ago."""

import time
from collections.abc import Mapping
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from encaisse.identity.access import Origin
from encaisse.identity.models import User
from encaisse.identity.proofs import Proof

FRESH_SECONDS = 15 * 60
_OF_ALLAUTH: Mapping[str, Proof] = {
    Authenticator.Type.TOTP: Proof.TOTP,
    Authenticator.Type.RECOVERY_CODES: Proof.RECOVERY_CODE,
    Authenticator.Type.WEBAUTHN: Proof.PASSKEY,
    "emergency": Proof.EMERGENCY_CODE,
}


def proofs_shown(request: HttpRequest, user: User, *, origin: Origin) -> set[Proof]:
    """Return the proofs of the last quarter of an hour, the device being one if it is known."""
    shown = {proof for record in _fresh(request, user) for proof in _proofs_of(record)}
    if origin.device_id is not None:
        shown.add(Proof.KNOWN_DEVICE)
    return shown


def has_just_shown(request: HttpRequest, user: User) -> bool:
    """Tell whether any proof, signing in included, is of the last quarter of an hour."""
    return bool(_fresh(request, user))


def _fresh(request: HttpRequest, user: User) -> list[dict[str, Any]]:
    records = get_authentication_records(request, user)
    return [record for record in records if time.time() - record["at"] < FRESH_SECONDS]


def _proofs_of(record: Mapping[str, str]) -> set[Proof]:
    if record["method"] == "password":
        return {Proof.PASSWORD}
    kind = record.get("type", "")
    proof = _OF_ALLAUTH.get(kind)
    if proof is None and kind in set(Proof):
        proof = Proof(kind)
    return {proof} if proof else set()
