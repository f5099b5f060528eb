"""What people fill in at the door, beside what allauth's own forms ask."""

from typing import Any
from uuid import UUID

from allauth.account.internal.flows.login import record_authentication
from allauth.core import context
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter as factor_adapter
from allauth.mfa.base.forms import AuthenticateForm, BaseAuthenticateForm, ReauthenticateForm
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.forms import GenerateRecoveryCodesForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn import forms as webauthn
from allauth.mfa.webauthn.internal import auth
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone

from encaisse.identity import emergency, passkeys, second_step
from encaisse.identity.core import code_typed, emergency_typed
from encaisse.identity.errors import NoFactor, PasskeyRefused
from encaisse.identity.factors import has_factor
from encaisse.identity.limits import TooManyTries
from encaisse.identity.models import User
from encaisse.identity.recovery_codes import as_kept
from encaisse.kernel.errors import DomainError
from encaisse.kit.clock import business_now


class SignupDetails(forms.Form):
    """allauth's sign-up form is built on this one."""

    full_name = forms.CharField(
        label="Votre nom",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True}),
    )
    field_order = ["full_name", "email", "password1"]

    def signup(self, _request: HttpRequest, user: User) -> None:
        user.full_name = self.cleaned_data["full_name"]
        user.save(update_fields=["full_name"])


class NewTotp(ActivateTOTPForm):
    """A code application that has just scanned our image."""

    code = forms.CharField(
        label="Code affiché par l’application",
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class NewPasskey(webauthn.AddWebAuthnForm):
    """A passkey just made by the device in the person's hands."""

    passwordless = None  # type: ignore[assignment]  # Django's way to drop an inherited field
    name = forms.CharField(
        label="Nom de cette clé",
        required=False,
        max_length=60,
        help_text="Pour la reconnaître plus tard, par exemple « Téléphone d’Anne ».",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super().clean()
            if "credential" in cleaned:
                passkeys.check_origin(auth.parse_registration_response(cleaned["credential"]))
        except PasskeyRefused as error:
            raise _said(error) from error
        except ValidationError as error:
            raise _said(PasskeyRefused()) from error
        finally:
            passkeys.spend_challenge()
        return cleaned


class _OwnPasskey(webauthn.AuthenticateWebAuthnForm):
    """An answer of a passkey: of this person, to this challenge, from this site, only once."""

    def clean_credential(self) -> Authenticator:
        response = self.cleaned_data["credential"]
        try:
            return self._proven(response)
        except DomainError as error:
            raise _said(error) from error
        finally:
            passkeys.spend_challenge()

    def _proven(self, response: Any) -> Authenticator:
        try:
            authenticator = super().clean_credential()
        except ValidationError as error:
            if error.code == "too_many_login_attempts":
                raise
            raise PasskeyRefused from error
        passkeys.check_origin(auth.parse_authentication_response(response))
        passkeys.count_signature(authenticator=authenticator, response=response, now=business_now())
        return authenticator


class PasskeyStep(_OwnPasskey):
    """The second step of signing in."""


class PasskeySignIn(_OwnPasskey, webauthn.LoginWebAuthnForm):
    """Signing in without a password."""

    claimed_by: UUID | None = None

    def clean_credential(self) -> Authenticator:
        self.claimed_by = passkeys.claimed_by(self.cleaned_data["credential"])
        return super().clean_credential()


class PasskeyProof(_OwnPasskey, webauthn.ReauthenticateWebAuthnForm):
    """Proving oneself again before something sensitive."""


class _CountedCode(BaseAuthenticateForm):
    """A code of the application or a recovery code: counted, and only once."""

    def clean_code(self) -> str:
        try:
            second_step.count_try(user_id=self.user.pk, real_now=timezone.now())
        except TooManyTries as error:
            raise _said(error) from error
        code = self.checked_code()
        second_step.take_try_back(user_id=self.user.pk, real_now=timezone.now())
        return code

    def checked_code(self) -> str:
        # Digits and nothing else: what is kept of a recovery code, typed as it is, opens nothing.
        typed = code_typed(self.cleaned_data["code"])
        self.cleaned_data["code"] = typed
        if len(typed) == app_settings.RECOVERY_CODE_DIGITS:
            self.cleaned_data["code"] = as_kept(user_id=self.user.pk, code=typed)
        code = str(super().clean_code())
        is_of_application = self.authenticator.type == Authenticator.Type.TOTP
        if is_of_application and not second_step.is_first_use(user_id=self.user.pk, code=code):
            raise factor_adapter().validation_error("incorrect_code")
        return code


class ProofAgain(_CountedCode, ReauthenticateForm):
    """The same, before something sensitive."""


class SecondStep(_CountedCode, AuthenticateForm):
    """A code of the application, a recovery code, or the one an owner gave in an emergency."""

    def checked_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if not emergency_typed(code):
            return super().checked_code()
        give_back_try = check_rate_limit(self.user)
        if not emergency.verify(
            user_id=self.user.id, code=code, now=business_now(), real_now=timezone.now()
        ):
            raise factor_adapter().validation_error("incorrect_code")
        give_back_try()
        self.authenticator = None
        return code

    def save(self) -> None:
        if self.authenticator is None:
            record_authentication(context.request, self.user, "mfa", type="emergency")
        else:
            super().save()


class RecoveryCodesRenewal(GenerateRecoveryCodesForm):
    """New recovery codes for whoever has any second factor, a telephone included."""

    def clean(self) -> dict[str, Any]:
        if not has_factor(user_id=self.user.id):
            raise _said(NoFactor())
        return self.cleaned_data


def _said(error: DomainError) -> ValidationError:
    return ValidationError(error.message, code=error.code)
