"""What allauth does to a person's factors, told in our words."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpRequest

from encaisse.identity.core import FactorChange
from encaisse.identity.factors import (
    announce,
    factor_of,
    recovery_codes_left,
    welcome_factor,
)
from encaisse.identity.models import User
from encaisse.identity.open_sessions import end_all_sessions
from encaisse.kit.clock import business_now


def note_added(authenticator: Authenticator, **_more: Any) -> None:
    welcome_factor(
        user_id=authenticator.user_id, factor=factor_of(authenticator), now=business_now()
    )


def note_renewed(authenticator: Authenticator, **_more: Any) -> None:
    announce(
        user_id=authenticator.user_id,
        change=FactorChange.RENEWED,
        factor=factor_of(authenticator),
        now=business_now(),
    )


def note_used(request: HttpRequest, authenticator: Authenticator, **_more: Any) -> None:
    """Count aloud the recovery codes that are left, each time one is used."""
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        left = recovery_codes_left(user_id=authenticator.user_id)
        messages.info(request, f"Ce code de secours ne servira plus. Il vous en reste {left}.")


def note_password(request: HttpRequest, user: User, **_more: Any) -> None:
    """End at once what the former password opened: Django would, when it is next used."""
    end_all_sessions(user_id=user.id, keep=request.session.session_key or "")
