"""People who open the back office in tests."""

import json
import re
import time
from uuid import uuid4

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.conf import settings
from django.test import Client, override_settings
from django.utils import timezone

from encaisse.audit.queries import entries
from encaisse.identity.devices import remember
from encaisse.identity.factors import has_factor
from encaisse.identity.services import enrol_second_factor
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Role
from encaisse.organizations.invitations import accept_invitation, invite_member
from encaisse.organizations.queries import members
from encaisse.organizations.team import add_member
from factories.organizations import NOW, make_user
from plugins.world import eventually

MODEL_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
_CODE = re.compile(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", re.MULTILINE)
PASSWORD = "un long tuyau de cuivre"


class Newcomer:
    """Somebody without an account yet."""

    def __init__(self) -> None:
        self.name = "Nadia Martin"
        self.email = f"nadia.{uuid4().hex[:12]}@example.test"

    def mailed_code(self, world) -> str:
        return eventually(lambda: self._find_code(world))

    def _find_code(self, world) -> str | None:
        path = f"/mail?to={self.email}"
        letters = world.control(path, method="GET")["data"]
        found = [
            re.search(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", item["text"], re.MULTILINE) for item in letters
        ]
        return next((match[0] for match in found if match), None)

    @staticmethod
    def totp(secret: str) -> str:
        # The one of now: the one before it ends at any moment.
        counter = sorted(yield_hotp_counters_from_time())[1]
        return format_hotp_value(hotp_value(secret, counter))

    def stored_factors(self) -> str:
        rows = Authenticator.objects.filter(user__email=self.email)
        return json.dumps([row.data for row in rows])


def protected(user):
    """Give somebody the second factor their role demands, as their first sign-in would have."""
    if not has_factor(user_id=user.id):
        enrol_second_factor(user=user)
    return user


def signed_in(firm, role: Role | None = None, *, proven: bool = False) -> Client:
    """Return a client at work in the firm: its owner, or somebody with another role."""
    user = firm.owner
    if role is not None:
        user = make_user()
        add_member(organization_id=firm.id, actor=firm.actor, user_id=user.id, role=role, now=NOW)
    client = Client()
    client.force_login(protected(user), backend=MODEL_BACKEND)
    if proven:
        prove(client, user)
        show_code_too(client)
    return client


def prove(client: Client, user) -> None:
    """Leave the client as after its person gave the password again, on a device of theirs."""
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time(), "reauthenticated": True}
    ]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    device = remember(user_id=user.id, token="", agent="Firefox", real_now=timezone.now())
    client.cookies[settings.DEVICE_COOKIE_NAME] = device.token


def show_code_too(client: Client) -> None:
    """Leave the client as after a code of the application, besides the password."""
    session = client.session
    shown = {"method": "mfa", "type": "totp", "at": time.time(), "reauthenticated": True}
    session["account_authentication_methods"] = [
        *session["account_authentication_methods"],
        shown,
    ]
    session.save()


def cookie_of(firm, world) -> dict[str, str]:
    """Return what a browser holds once the firm's owner has signed in and proven it."""
    # The server signs sessions with its own key.
    with override_settings(SECRET_KEY=(world.folder / "secret_key").read_text()):
        # The browser is one that nobody has seen, so that a code was asked too.
        key = signed_in(firm, proven=True).session.session_key
    return {
        "name": settings.SESSION_COOKIE_NAME,
        "value": key,
        "url": world.url,
    }


def invite(firm, email, role=Role.ACCOUNTANT, **values):
    defaults = {
        "organization_id": firm.id,
        "actor": firm.actor,
        "invited_by": firm.owner.id,
        "real_now": timezone.now(),
        "now": business_now(),
    }
    return invite_member(email=email, role=role, **{**defaults, **values})


def person_at(email):
    """Somebody who proved this address, signed in nowhere yet."""
    user = make_user()
    user.email = email
    user.save()
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def client_of(user):
    client = Client()
    client.force_login(protected(user), backend=MODEL_BACKEND)
    return client


def accept(firm, invitation, user, **values):
    defaults = {"real_now": timezone.now(), "now": business_now(), "addresses": [user.email]}
    return accept_invitation(
        organization_id=firm.id,
        invitation_id=invitation.id,
        actor=firm.actor,
        user_id=user.id,
        **{**defaults, **values},
    )


def roles_of(firm):
    with acting_for(firm.id):
        return {row.user_id: row.role for row in members(organization_id=firm.id)}


def audited(firm):
    with acting_for(firm.id):
        return [entry.action for entry in entries(organization_id=firm.id)]


def forget_the_device(tab):
    """Make the browser one that no account has seen."""
    tab.context.clear_cookies(name="device")


def problem_of(message):
    """Return what the console complains of: not that signing out emptied what was kept."""
    return [] if message.text.startswith("Clear-Site-Data header on") else [message.text]
