"""What a password must be: long, and not one that thieves already have. Nothing else."""

import hashlib
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from encaisse.identity.factors import has_factor
from encaisse.identity.guessing import Guess, guess
from encaisse.kit.http import AnswerLost, NothingSent, ask

LENGTH_ALONE = 15
LENGTH_WITH_FACTOR = 12
_PREFIX_LENGTH = 5
_TIMEOUT_SECONDS = 2.0


class LongEnough:
    """15 characters, or 12 for whoever also shows a second factor (NIST SP 800-63B-4)."""

    def validate(self, password: str, user: Any = None) -> None:
        needed = LENGTH_WITH_FACTOR if _has_factor(user) else LENGTH_ALONE
        if len(password) < needed:
            raise ValidationError(
                f"Au moins {needed} caractères. Une petite phrase convient très bien.",
                code="password_too_short",
            )

    def get_help_text(self) -> str:
        return f"Au moins {LENGTH_ALONE} caractères. Une petite phrase convient très bien."


class NeverGuessed:
    """
    Refuse what thieves try first, from lists kept here: this check needs no network.

    (NIST SP 800-63B-4, 3.1.1.2: commonly used, expected or compromised; no composition rules.)
    """

    def validate(self, password: str, user: Any = None) -> None:
        found = guess(password, common=_common(), personal=_personal(user))
        if found is not None:
            raise ValidationError(_GUESSED[found], code=f"password_{found}")

    def get_help_text(self) -> str:
        return ""


class NeverBreached:
    """Refuse a password known to thieves. No answer from the list lets the person go on."""

    def validate(self, password: str, user: Any = None) -> None:  # noqa: ARG002  Django's shape
        if settings.ENCAISSE_BREACH_URL and _is_listed(password):
            raise ValidationError(
                "Ce mot de passe figure dans une fuite connue. Choisissez-en un autre.",
                code="password_breached",
            )

    def get_help_text(self) -> str:
        return ""


def know_words_of(source: Callable[[UUID], Iterable[str]]) -> None:
    """Let a package above name what else belongs to a person, as the names of their firms."""
    if source not in _sources:
        _sources.append(source)


_sources: list[Callable[[UUID], Iterable[str]]] = []
_GUESSED = {
    Guess.COMMON: "Ce mot de passe est de ceux que l’on essaie en premier. Quelques mots sans "
    "rapport entre eux sont plus sûrs, et plus faciles à retenir.",
    Guess.REPEATS: "Des touches voisines ou un même morceau répété se devinent vite. Quelques mots "
    "sans rapport entre eux sont plus sûrs.",
    Guess.PERSONAL: "Ce mot de passe contient surtout votre nom, votre adresse ou celui de votre "
    "entreprise : quelqu’un qui vous connaît l’essaierait.",
}


@cache
def _common() -> frozenset[str]:
    return frozenset(CommonPasswordValidator().passwords)


def _personal(user: Any) -> list[str]:
    if user is None:
        return []
    words = [str(getattr(user, "full_name", "")), str(getattr(user, "email", ""))]
    if getattr(user, "pk", None) is not None:
        words += [word for source in _sources for word in source(user.pk)]
    return words


def _has_factor(user: Any) -> bool:
    if user is None or user.pk is None:
        return False
    return has_factor(user_id=user.pk)


def _is_listed(password: str) -> bool:
    # SHA-1 is what the range protocol names its lists by; five characters of it go out.
    name = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
    url = f"{settings.ENCAISSE_BREACH_URL}/{name[:_PREFIX_LENGTH]}"
    try:
        answer = ask("GET", url, headers={"Add-Padding": "true"}, timeout_seconds=_TIMEOUT_SECONDS)
    except (NothingSent, AnswerLost):
        return False
    suffix = name[_PREFIX_LENGTH:]
    lines = answer.body.decode("ascii", "replace").splitlines() if answer.status == 200 else []
    return any(_counts(line, suffix) for line in lines)


def _counts(line: str, suffix: str) -> bool:
    """Tell whether a line names this hash; padding lines count zero."""
    listed, _, count = line.partition(":")
    return listed.strip().upper() == suffix and count.strip() not in {"", "0"}
