"""Signing in with a passkey alone: what is refused is written, as a wrong password is."""

from allauth.mfa.webauthn.views import LoginWebAuthnView
from django.http import HttpResponse
from django.utils import timezone

from encaisse.identity.access import NOBODY, record_failure
from encaisse.identity.forms import PasskeySignIn
from encaisse.web.access import public
from encaisse.web.entrance.origin import origin_of


class _SignIn(LoginWebAuthnView):
    def form_invalid(self, form: PasskeySignIn) -> HttpResponse:
        """Write it for whoever the answer claims to be; allauth limits how often one may try."""
        record_failure(
            user_id=form.claimed_by,
            origin=origin_of(self.request, user_id=form.claimed_by or NOBODY),
            real_now=timezone.now(),
        )
        answer: HttpResponse = super().form_invalid(form)
        return answer


sign_in = public("the door itself: an answer of a passkey is the proof")(_SignIn.as_view())
