"""Somebody who signs operations in tests, with the codes of an application."""

import re

from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.test import Client
from django.urls import reverse

from encaisse.identity.services import enrol_second_factor
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Role
from encaisse.organizations.models import Operation
from encaisse.organizations.team import add_member
from factories.organizations import NOW, make_user
from functional.web_people import MODEL_BACKEND, prove


class Signer:
    """A member who has just given their password again, on a device of theirs."""

    def __init__(self, firm, user=None, *, role: Role | None = None) -> None:
        self.firm = firm
        self.user = user or make_user()
        if role is not None:
            add_member(
                organization_id=firm.id, actor=firm.actor, user_id=self.user.id, role=role, now=NOW
            )
        self.secret = enrol_second_factor(user=self.user).totp_secret
        self.client = Client()
        self.client.force_login(self.user, backend=MODEL_BACKEND)
        prove(self.client, self.user)
        self._used: set[int] = set()

    def code(self) -> str:
        """Return a code that has not served yet, the one that stays valid longest."""
        counter = max(set(yield_hotp_counters_from_time()) - self._used)
        self._used.add(counter)
        return format_hotp_value(hotp_value(self.secret, counter))

    def sign(self, operation: Operation, code: str | None = None):
        """Read the page, then give a code there."""
        self.page_of(operation)
        return self.give(operation, code)

    def give(self, operation: Operation, code: str | None = None):
        return self.client.post(
            reverse("operation", args=[operation.id]), {"code": code or self.code()}
        )

    def page_of(self, operation: Operation) -> str:
        return self.client.get(reverse("operation", args=[operation.id])).content.decode()


def asked(firm) -> Operation:
    """Return the operation asked last of those that are signed."""
    with acting_for(firm.id):
        rows = Operation.objects.select_related("asked_by").filter(needed__gt=0)
        return rows.order_by("-asked_at").first()


def words(html: str) -> str:
    """Return the text of a page, spaces folded."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
