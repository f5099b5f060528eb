"""Nothing opens before a second factor where a role demands one."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from encaisse.identity.core import Standing
from encaisse.identity.factors import standing
from encaisse.organizations.core import demands_second_factor
from encaisse.web.access import SignedInRequest, with_places

SESSION_NEXT = "after_enrolment"
# The pages of enrolment themselves, the proofs they ask for, and the way out.
_OPEN = frozenset(
    {
        "enrol", "entrance", "mfa_add_webauthn", "mfa_activate_totp", "totp_image", "phone_add",
        "phone_confirm", "phone_resend", "mfa_view_recovery_codes",
        "mfa_download_recovery_codes", "account_logout", "account_login",
        "account_reauthenticate", "confirm", "mfa_reauthenticate", "mfa_reauthenticate_webauthn",
        "account_email_verification_sent", "recovery",
    }
)  # fmt: skip


class EnrolmentMiddleware:
    """Lead whoever must enrol to where it is done, and remember where they were going."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *_arguments: Any
    ) -> HttpResponse | None:
        match = request.resolver_match
        if match is None or match.url_name in _OPEN or not _is_of_somebody(view):
            return None
        if not request.user.is_authenticated:
            return None
        missing = what_is_missing(with_places(request))
        if missing is Standing.READY:
            return None
        if request.method == "GET":
            request.session[SESSION_NEXT] = request.get_full_path()
        codes = missing is Standing.CODES_UNSEEN
        return redirect("mfa_view_recovery_codes" if codes else "enrol")


def what_is_missing(request: SignedInRequest) -> Standing:
    """Tell what a person must still do before anything opens."""
    is_demanded = any(demands_second_factor(place.role) for place in request.places)
    if not (request.user.must_enrol or is_demanded):
        return Standing.READY
    return standing(user=request.user)


def _is_of_somebody(view: Callable[..., HttpResponse]) -> bool:
    return (
        hasattr(view, "permission")
        or hasattr(view, "is_for_signed_in")
        or view.__module__.startswith("allauth.")
    )
