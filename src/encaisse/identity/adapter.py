"""What allauth asks of us: where people go next, and how their factors are kept."""

import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from io import BytesIO
from typing import Any
from uuid import UUID

import segno
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest
from django.urls import reverse

from encaisse.identity.factors import factors_of
from encaisse.identity.passkeys import relying_party
from encaisse.identity.proofs import device_name
from encaisse.kit.crypto import Place, seal, unseal

# allauth seals a text without saying whose it is, so that the place names the table only.
FACTOR_PLACE = Place("mfa_authenticator", "data", UUID(int=0))

FACTORS_APP = "allauth.mfa"
_SIGNED_IN_AT = "signed_in_at"
_ENROLMENT_SECONDS = 600
_PROOFS = {
    "reauthenticate": "Entrer mon mot de passe",
    "mfa_reauthenticate": "Entrer un code de mon application, ou un code de secours",
    "mfa_reauthenticate:webauthn": "Utiliser une clé d’accès",
}


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are opened and confirmed by e-mail; the messages are ours, in French."""

    def login(self, request: HttpRequest, user: Any) -> None:
        super().login(request, user)
        request.session[_SIGNED_IN_AT] = time.time()

    def is_reauthentication_required(self, *, app: str, **more: Any) -> bool:
        """Take a sign-in of a few minutes ago as proof enough to add a first factor."""
        if app == FACTORS_APP and _is_enrolling(self.request):
            return False
        return bool(super().is_reauthentication_required(app=app, **more))

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002  allauth's shape
        return reverse("mfa_index")

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [one | {"description": _PROOFS[one["id"]]} for one in methods]


def _is_enrolling(request: HttpRequest) -> bool:
    """Tell whether somebody has just signed in and had no factor to be asked for, or lost them."""
    signed_in_at = request.session.get(_SIGNED_IN_AT, 0)
    if not request.user.is_authenticated or time.time() - signed_in_at > _ENROLMENT_SECONDS:
        return False
    factors = factors_of(user_id=request.user.pk)
    return request.user.must_enrol or all(
        factor.created_at.timestamp() > signed_in_at for factor in factors
    )


class FactorAdapter(DefaultMFAAdapter):
    """
    TOTP secrets and the seed of recovery codes are never stored in clear.

    A passkey is a public key: it is not sealed.
    """

    def encrypt(self, text: str) -> str:
        return urlsafe_b64encode(seal(text, FACTOR_PLACE)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(urlsafe_b64decode(encrypted_text), FACTOR_PLACE)

    def build_totp_svg(self, url: str) -> str:
        """Draw the code without a style of its own: the page's policy allows none."""
        drawing = BytesIO()
        code = segno.make(url, error="m", micro=False)
        code.save(drawing, kind="svg", scale=4, border=2, dark="#000", light="#fff", xmldecl=False)
        return drawing.getvalue().decode()

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # noqa: A002, ARG002  allauth's shape
        agent = context.request.headers.get("User-Agent", "") if context.request else ""
        return device_name(agent, first_name=str(user.full_name).partition(" ")[0])

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": relying_party(), "name": "Encaisse"}
