"""One's own factors: what there is, what is taken away."""

from typing import cast

from allauth.account.adapter import get_adapter as account_adapter
from allauth.account.views import EmailView
from allauth.mfa.adapter import get_adapter as factor_adapter
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from encaisse.identity.approvers import approvers_of
from encaisse.identity.core import Factor, FactorKind
from encaisse.identity.factors import factors_of, recovery_codes_left, remove_factor
from encaisse.identity.guardians import guardian_of, guardianships_for
from encaisse.identity.recovery import open_recovery_of
from encaisse.kernel.errors import DomainError, NotFound
from encaisse.kit.clock import business_now
from encaisse.organizations.queries import must_prove_twice
from encaisse.web.access import SignedInRequest, proven_for_factors, signed_in_page
from encaisse.web.errors import error_page
from encaisse.web.factors.words import REMOVED_MAILS, WORDS

_OWN = "each person sees and changes their own factors only"


@require_GET
@signed_in_page(_OWN)
def index(request: SignedInRequest) -> HttpResponse:
    factors = factors_of(user_id=request.user.id)
    context = {
        "passkeys": [one for one in factors if one.kind is FactorKind.PASSKEY],
        "totp": next((one for one in factors if one.kind is FactorKind.TOTP), None),
        "phone": next((one for one in factors if one.kind is FactorKind.PHONE), None),
        "approvers": approvers_of(user_id=request.user.id),
        "codes_left": recovery_codes_left(user_id=request.user.id),
        "guardian": guardian_of(user_id=request.user.id),
        "recovery": open_recovery_of(user_id=request.user.id),
        "vouches": bool(guardianships_for(user_id=request.user.id)),
        "is_demanded": must_prove_twice(user_id=request.user.id),
        "has_factor": bool(factors),
    }
    return render(request, "mfa/index.html", context)


_addresses = EmailView.as_view()
_change_addresses = proven_for_factors(_addresses)


@signed_in_page(_OWN)
def addresses(request: SignedInRequest) -> HttpResponse:
    """Show allauth's page of addresses; what warns somebody moves with a factor of theirs only."""
    opened = _change_addresses if request.method == "POST" else _addresses
    return cast("HttpResponse", opened(request))


@require_http_methods(["GET", "HEAD", "POST"])
@proven_for_factors
@signed_in_page(_OWN)
def remove(request: SignedInRequest, kind: str, factor_id: str) -> HttpResponse:
    try:
        factor = _own(request, kind, factor_id)
        if request.method == "POST":
            return _remove(request, factor)
    except DomainError as error:
        return error_page(request, error)
    is_last = len(factors_of(user_id=request.user.id)) == 1
    context = {
        "factor": factor,
        "words": WORDS[factor.kind],
        "is_last": is_last,
        "is_kept": is_last and must_prove_twice(user_id=request.user.id),
    }
    return render(request, "factors/remove.html", context)


@require_GET
@signed_in_page(_OWN)
def remove_totp(request: SignedInRequest) -> HttpResponse:
    """Lead the address that allauth knows to our page."""
    for one in factors_of(user_id=request.user.id):
        if one.kind is FactorKind.TOTP:
            return redirect("factor_remove", one.kind, one.id)
    return redirect("mfa_index")


@require_GET
@signed_in_page(_OWN)
def to_index(request: SignedInRequest) -> HttpResponse:  # noqa: ARG001  Django's shape
    return redirect("mfa_index")


@require_GET
@signed_in_page(_OWN)
def totp_image(request: SignedInRequest) -> HttpResponse:
    """Draw the secret that the open enrolment page shows, for a telephone to scan."""
    secret = request.session.get(SECRET_SESSION_KEY)
    if not secret:
        raise Http404
    adapter = factor_adapter()
    drawing = adapter.build_totp_svg(adapter.build_totp_url(request.user, secret))
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": "default-src 'none'"}
    return HttpResponse(drawing, content_type="image/svg+xml", headers=headers)


def _own(request: SignedInRequest, kind: str, factor_id: str) -> Factor:
    for one in factors_of(user_id=request.user.id):
        if (one.kind, one.id) == (kind, factor_id):
            return one
    raise NotFound


def _remove(request: SignedInRequest, factor: Factor) -> HttpResponse:
    remove_factor(
        user_id=request.user.id,
        kind=factor.kind,
        factor_id=factor.id,
        keeps_one=must_prove_twice(user_id=request.user.id),
        now=business_now(),
    )
    account_adapter(request).send_notification_mail(
        REMOVED_MAILS[factor.kind], request.user, {"name": factor.name}
    )
    messages.success(request, f"« {factor.name} » n’ouvre plus votre compte.")
    return redirect("mfa_index")
