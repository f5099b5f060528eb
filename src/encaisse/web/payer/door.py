"""The way in of payer pages: a secret in the address, a language, headers that protect both."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from encaisse.kernel.errors import DomainError, NotFound
from encaisse.kernel.language import Language
from encaisse.organizations.errors import HandleUnknown
from encaisse.organizations.handles import HandleKind, resolve_handle
from encaisse.web.payer.words import Words, words_for

_Arguments = ParamSpec("_Arguments")


@dataclass(frozen=True, slots=True)
class Visit:
    """Where a token leads, and in which language its bearer reads."""

    token: str
    organization_id: UUID
    target_id: UUID
    words: Words
    is_language_chosen: bool


_View = Callable[Concatenate[HttpRequest, Visit, _Arguments], HttpResponse]


def payer_page(
    kind: HandleKind,
) -> Callable[[_View[_Arguments]], Callable[..., HttpResponse]]:
    """Open a page by its token; an unknown token and a row that is gone look the same."""

    def decorate(view: _View[_Arguments]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def wrapped(
            request: HttpRequest, token: str, *args: _Arguments.args, **kwargs: _Arguments.kwargs
        ) -> HttpResponse:
            words = words_for(language_of(request))
            try:
                place = resolve_handle(kind=kind, token=token)
                visit = Visit(
                    token, place.organization_id, place.target_id, words, bool(_chosen(request))
                )
                response = view(request, visit, *args, **kwargs)
            except (HandleUnknown, NotFound) as error:
                response = _gone(request, words, error)
            return _protected(request, response)

        wrapped.is_public = "opened by an unguessable token"  # type: ignore[attr-defined]  # read by the architecture test
        return wrapped

    return decorate


def allow_forms_to(response: HttpResponse, host: str) -> HttpResponse:
    """Let the page's form end at the provider: a redirect after POST is a form target too."""
    target = f"'self' {host}" if host else "'self'"
    response["Content-Security-Policy"] = _policy(target)
    return response


def _policy(form_action: str) -> str:
    return (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; "
        f"form-action {form_action}; base-uri 'none'; frame-ancestors 'none'"
    )


def _protected(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    response.setdefault("Content-Security-Policy", _policy("'self'"))
    response.setdefault("Cache-Control", "no-store")
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    if request.GET.get("lang") in set(Language):
        response.set_cookie(
            settings.PAYER_LANGUAGE_COOKIE_NAME,
            request.GET["lang"],
            max_age=31_536_000,
            samesite="Lax",
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return response


def language_of(request: HttpRequest) -> Language:
    """Return what was asked for, or was the last time, or what the browser reads."""
    chosen = _chosen(request)
    if chosen:
        return Language(chosen)
    accepted = request.headers.get("Accept-Language", "fr")[:2].lower()
    return Language.FRENCH if accepted in {"fr", ""} else Language.ENGLISH


def _chosen(request: HttpRequest) -> str:
    asked = request.GET.get("lang") or request.COOKIES.get(settings.PAYER_LANGUAGE_COOKIE_NAME, "")
    return asked if asked in set(Language) else ""


def _gone(request: HttpRequest, words: Words, error: DomainError) -> HttpResponse:
    return render(request, "payer/gone.html", {"w": words, "code": error.code}, status=404)
