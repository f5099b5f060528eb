"""A frozen person has no session, even one that was opening while they were frozen."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect


class FrozenMiddleware:
    """Sign whoever is frozen out, whatever they ask for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, _view: Callable[..., HttpResponse], *_arguments: Any
    ) -> HttpResponse | None:
        if not request.user.is_authenticated or request.user.frozen_at is None:
            return None
        logout(request)
        return redirect("account_login")
