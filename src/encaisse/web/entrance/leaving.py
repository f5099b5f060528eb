"""Signing out, and what the browser then forgets."""

from typing import Any

from allauth.account.views import LogoutView
from django.http import HttpResponse

from encaisse.web.access import public


class _Leave(LogoutView):
    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post(*args, **kwargs)
        # Only what was kept of pages: with its cookies the browser would forget that it is known,
        # with its storage the key by which a telephone gives its owner's agreement (ADR 16).
        response["Clear-Site-Data"] = '"cache"'
        return response


leave = public("whoever is in may leave")(_Leave.as_view())
