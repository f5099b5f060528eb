"""A person at the door, as tests speak of them."""

from datetime import timedelta
from random import randrange

from allauth.account.models import EmailAddress
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from encaisse.identity.access import accesses_of
from encaisse.identity.models import AccessEvent
from encaisse.identity.proofs import Outcome
from encaisse.identity.services import enrol_second_factor
from factories.organizations import Firm
from functional.web_people import PASSWORD

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0"


class Person:
    """An owner with a code application, and what they type."""

    def __init__(self) -> None:
        self.firm = Firm()
        self.user = self.firm.owner
        self.user.set_password(PASSWORD)
        self.user.save()
        EmailAddress.objects.create(
            user=self.user, email=self.user.email, verified=True, primary=True
        )
        self.factor = enrol_second_factor(user=self.user)
        # Limits outlive a test: each person has networks of their own, in France and in Brazil.
        self.home = f"82.{randrange(64, 67)}.{randrange(256)}.1"
        self.there = f"200.{randrange(144, 148)}.{randrange(256)}.1"

    def types_password(self, client, *, address=None, password=PASSWORD):
        return client.post(
            reverse("account_login"),
            {"login": self.user.email, "password": password},
            REMOTE_ADDR=address or self.home,
        )

    def shows_spare_code(self, client, *, address=None):
        return client.post(
            reverse("entrance"),
            {"code": self.factor.recovery_codes.pop()},
            REMOTE_ADDR=address or self.home,
        )

    def lives_here(self, days=20):
        """Sign in from home, and be known there since weeks."""
        client = Client(headers={"user-agent": FIREFOX})
        self.types_password(client)
        self.shows_spare_code(client)
        event = AccessEvent.objects.get(user=self.user, outcome=Outcome.PASSED)
        for day in range(days, 0, -1):
            event.pk, event.at = None, timezone.now() - timedelta(days=day)
            event.save(force_insert=True)
        return client

    def accesses(self):
        return list(accesses_of(user_id=self.user.id))


def same_device(client):
    """The same browser once signed out: only what recognises the device is left."""
    fresh = Client(headers={"user-agent": FIREFOX})
    name = settings.DEVICE_COOKIE_NAME
    fresh.cookies[name] = client.cookies[name].value
    return fresh


def is_in(client):
    return client.get(reverse("activity")).status_code == 200
