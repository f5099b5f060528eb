"""Somebody signed in shows more of themselves, before what is more sensitive than usual."""

from dataclasses import dataclass

from allauth.account.internal.flows.reauthentication import resume_request
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from encaisse.identity.models import User
from encaisse.identity.proofs import Proof
from encaisse.risk.presets import Level
from encaisse.web.access import (
    SESSION_CONFIRM,
    SignedInRequest,
    is_of_this_firm,
    signed_in_page,
)
from encaisse.web.entrance.sending import CONFIRMING, Errand, in_this_browser
from encaisse.web.entrance.views import walk
from encaisse.web.entrance.weighing import is_proven, recent_proofs


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The same ways as at the door, for a level that one operation asks."""

    request: SignedInRequest
    level: Level

    @property
    def person(self) -> User:
        return self.request.user

    @property
    def address(self) -> str:
        return self.request.get_full_path()

    @property
    def errand(self) -> Errand:
        return in_this_browser(self.request, CONFIRMING)

    def shown(self) -> set[Proof]:
        return recent_proofs(self.request, self.person)

    def is_passed(self) -> bool:
        return is_proven(self.request, self.person, self.level)

    def exit(self) -> HttpResponse:
        return resume_request(self.request) or redirect("home")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_page("each person proves who they are for themselves")
def confirm(request: SignedInRequest) -> HttpResponse:
    asked = request.session.get(SESSION_CONFIRM)
    if asked is None:
        return redirect("home")
    if not is_of_this_firm(request, asked):
        del request.session[SESSION_CONFIRM]
        messages.error(request, "Vous avez changé d’entreprise entre-temps : rien n’a été fait.")
        return redirect("home")
    confirmation = Confirmation(request, Level(asked["level"]))
    if confirmation.is_passed():
        return confirmation.exit()
    return walk(request, confirmation, submit="Continuer")
