"""A session that has just proven more takes another key: a copy made before is worth nothing."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

_PROOFS = frozenset(
    {"account_reauthenticate", "confirm", "mfa_reauthenticate", "mfa_reauthenticate_webauthn"}
)
_METHODS = "account_authentication_methods"


class ElevationMiddleware:
    """Change the key of a session at each proof it adds (ASVS 5.0, 7.2.4)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return self._get_response(request)
        before = request.session.get(_METHODS)
        response = self._get_response(request)
        match = request.resolver_match
        is_proof = match is not None and match.url_name in _PROOFS
        if is_proof and request.session.get(_METHODS) != before:
            request.session.cycle_key()
        return response
