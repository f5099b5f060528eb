"""What allauth asks of us at the door: limits of our own, our steps, what follows a sign-in."""

from typing import Any, cast
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from encaisse.identity.access import NOBODY, grant, record_failure
from encaisse.identity.adapter import AccountAdapter as PlainAdapter
from encaisse.identity.devices import device_at, remember
from encaisse.identity.limits import TooManyTries, give_back, limits_for, spend
from encaisse.identity.models import User
from encaisse.identity.open_sessions import begin
from encaisse.identity.queries import person_at
from encaisse.kit.places import address_range
from encaisse.kit.proxies import client_address
from encaisse.organizations.safeguards import preset_of_person
from encaisse.web.entrance.origin import (
    device_token,
    origin_of,
    set_device_cookie,
)
from encaisse.web.entrance.shown import proofs_shown

SESSION_ACCESS = "access_id"
_ALLAUTH_STEP = "allauth.mfa.stages.AuthenticateStage"
_OUR_STEP = "encaisse.web.entrance.stage.EntranceStage"


class AccountAdapter(PlainAdapter):
    """Accounts at the door of the web."""

    def get_login_stages(self) -> list[str]:
        """Put our second step, which weighs the risk first, in the place of allauth's."""
        return [_OUR_STEP if path == _ALLAUTH_STEP else path for path in super().get_login_stages()]

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the try before the password is looked at: a thousand at once count a thousand."""
        address = credentials.get("email", "").strip().lower()
        tries = limits_for(
            account=address,
            address_range=address_range(client_address(request)),
            device_id=device_at(address=address, token=device_token(request)),
        )
        try:
            spend(tries, real_now=timezone.now())
        except TooManyTries as error:
            raise ValidationError(error.message, code=error.code) from error
        self._tries = tries

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        user = cast("User | None", super().authenticate(request, **credentials))
        if user is not None:
            give_back(self._tries, real_now=timezone.now())
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Write the failure, whether or not anybody has this address: it takes the same time."""
        person = person_at(address=credentials.get("email", ""))
        record_failure(
            user_id=person.id if person else None,
            origin=origin_of(request, user_id=person.id if person else NOBODY),
            real_now=timezone.now(),
        )

    def post_login(  # type: ignore[override]  # passed through untouched
        self, request: HttpRequest, user: User, **options: Any
    ) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **options)
        now, origin = timezone.now(), origin_of(request, user_id=user.id)
        device = remember(
            user_id=user.id, token=device_token(request), agent=origin.agent, real_now=now
        )
        set_device_cookie(response, device)
        access_id = request.session.pop(SESSION_ACCESS, None)
        request.session.save()
        if access_id is not None:
            grant(
                event_id=UUID(access_id),
                proofs=proofs_shown(request, user, origin=origin),
                device=device,
                real_now=now,
            )
        begin(
            user_id=user.id,
            session_key=request.session.session_key or "",
            origin=origin,
            device_id=device.device_id,
            preset=preset_of_person(user_id=user.id),
            real_now=now,
        )
        return response
