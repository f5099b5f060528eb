"""The step of signing in that weighs the risk, and asks for what is missing."""

from typing import cast

from allauth.account.stages import LoginStage
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from encaisse.identity.access import judge
from encaisse.identity.factors import has_factor
from encaisse.identity.models import User
from encaisse.identity.proofs import Outcome, Proof, is_enough
from encaisse.organizations.safeguards import preset_of_person
from encaisse.risk.presets import Level
from encaisse.web.entrance.adapter import SESSION_ACCESS
from encaisse.web.entrance.origin import origin_of
from encaisse.web.entrance.sending import SIGNING_IN, Errand, in_this_browser
from encaisse.web.entrance.shown import proofs_shown


class EntranceStage(LoginStage):
    """After the password or the passkey: nothing more, one more proof, two, or a closed door."""

    key = "entrance"
    urlname = "entrance"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        if self.login.user is None:
            return None, True
        user = self.person
        origin = origin_of(self.request, user_id=user.id)
        event = judge(
            user=user,
            origin=origin,
            preset=preset_of_person(user_id=user.id),
            real_now=timezone.now(),
        )
        if event.outcome == Outcome.REFUSED:
            name = "frozen" if user.frozen_at else "refused"
            page = render(self.request, f"entrance/{name}.html", {"reasons": event.reasons})
            page.status_code = 403
            return page, False
        self.request.session[SESSION_ACCESS] = str(event.id)
        self.state["level"] = event.level
        self.state["opened_for"] = user.get_session_auth_hash()
        if self.is_passed():
            return None, True
        return redirect("entrance"), True

    @property
    def person(self) -> User:
        return cast("User", self.login.user)

    @property
    def level(self) -> Level:
        return Level(self.state["level"])

    @property
    def address(self) -> str:
        return reverse("entrance")

    @property
    def errand(self) -> Errand:
        return in_this_browser(self.request, SIGNING_IN)

    def is_over(self) -> bool:
        """Tell whether the account was frozen, or its password changed, since it was shown."""
        person = self.person
        before = self.state.get("opened_for", "")
        same = constant_time_compare(before, person.get_session_auth_hash())
        return person.frozen_at is not None or not person.is_active or not same

    def give_up(self) -> HttpResponse:
        """Forget the password that was shown, and ask for it again."""
        return cast("HttpResponse", self.abort())  # type: ignore[no-untyped-call]  # allauth's

    def is_passed(self) -> bool:
        """Tell whether what was shown since the password is enough for the level."""
        shown = self.shown()
        return is_enough(self.level, shown, has_factor=has_factor(user_id=self.person.id))

    def shown(self) -> set[Proof]:
        user = self.person
        shown = proofs_shown(self.request, user, origin=origin_of(self.request, user_id=user.id))
        if self.login.signup:
            # They have just chosen the password and answered at the address.
            shown |= {Proof.PASSWORD, Proof.EMAIL}
        return shown
