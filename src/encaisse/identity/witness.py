"""What allauth does to a person's factors, told in our words."""

from typing import Any

from allauth.mfa.models import Authenticator

from encaisse.identity.core import FactorChange
from encaisse.identity.factors import announce, factor_of
from encaisse.kit.clock import business_now


def note_added(authenticator: Authenticator, **_more: Any) -> None:
    _note(authenticator, FactorChange.ADDED)


def note_renewed(authenticator: Authenticator, **_more: Any) -> None:
    _note(authenticator, FactorChange.RENEWED)


def _note(authenticator: Authenticator, change: FactorChange) -> None:
    announce(
        user_id=authenticator.user_id,
        change=change,
        factor=factor_of(authenticator),
        now=business_now(),
    )
