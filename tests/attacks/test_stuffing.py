"""
Lists of stolen passwords tried from everywhere: the thief stays out, the owner comes in.

A tenth of what `bench/bench_stuffing.py` does to a real server.
"""

import time
from datetime import timedelta
from random import Random

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from encaisse.identity.limits import ON_ACCOUNT, OVER_ALL
from encaisse.identity.models import AccessEvent, Allowance, User
from encaisse.organizations.safeguards import Rules, set_rules
from encaisse.risk.presets import Preset
from factories.organizations import NOW
from functional.door import FIREFOX, Person, is_in, same_device
from functional.test_entrance_limits import codes_of
from functional.web_people import PASSWORD, Newcomer

TRIES, PLACES = 1_000, 50
NEW_DEVICE_WITHIN = ON_ACCOUNT.refill
CHOICE = Random(20261123)


def tries_of(victims, *, right=()):
    """Yield the address, the account and the password of each try, as a list of leaks has them."""
    accounts = [person.user.email for person in victims] * 30
    accounts += [Newcomer().email for _ in range(TRIES - len(accounts) - len(right))]
    pairs = [(account, f"motdepasse{number}") for number, account in enumerate(accounts)]
    pairs += [(person.user.email, PASSWORD) for person in right]
    CHOICE.shuffle(pairs)
    for number, (account, password) in enumerate(pairs):
        yield f"200.{140 + number % PLACES // 10}.{number % PLACES}.9", account, password


def attempt(address, account, password):
    client = Client()
    answer = client.post(
        reverse("account_login"), {"login": account, "password": password}, REMOTE_ADDR=address
    )
    return client, answer


def comes_in(person, client, *, ways=("", "?par=mail")):
    """Sign in with everything that is asked; tell whether it opened."""
    answer = person.types_password(client)
    if is_in(client) or answer.status_code == 403 or not is_asked_more(answer):
        return is_in(client)
    person.shows_spare_code(client)
    if not is_in(client):
        from django.core import mail  # noqa: PLC0415  where a code by mail is asked

        client.post(reverse("entrance") + ways[1], {"envoyer": "1"}, REMOTE_ADDR=person.home)
        code = mail.outbox[-1].subject.rpartition(" ")[2]
        client.post(reverse("entrance") + ways[1], {"code": code}, REMOTE_ADDR=person.home)
    return is_in(client)


def is_asked_more(answer):
    return answer.get("Location") == reverse("entrance")


class Attack:
    """The list is tried; meanwhile an owner signs in from where they always do."""

    def __init__(self) -> None:
        self.victims = [Person() for _ in range(5)]
        self.owner = self.victims[0]
        known = self.owner.lives_here()
        self.entered, self.owner_in, self.reached, started = [], [], 0, time.monotonic()
        for number, one in enumerate(tries_of(self.victims, right=self.victims[1:3])):
            client, answer = attempt(*one)
            self.reached += answer.context is None or "too_many_tries" not in codes_of(answer)
            if is_in(client):
                self.entered.append(one)
            if number % 200 == 100:
                self.owner_in.append(comes_in(self.owner, same_device(known)))
        self.seconds = time.monotonic() - started

    def failures(self, person):
        return AccessEvent.objects.filter(user=person.user, outcome="failed").count()


def test_a_thousand_tries_from_fifty_places_let_the_owner_in_and_nobody_else():
    attack = Attack()

    assert attack.entered == []
    assert attack.owner_in == [True] * 5
    # What is over a limit is refused before any password is compared.
    assert attack.reached <= OVER_ALL.burst + attack.seconds / OVER_ALL.refill.total_seconds() + 1
    assert max(map(attack.failures, attack.victims)) <= ON_ACCOUNT.burst + 1
    victims = [person.user.id for person in attack.victims]
    assert not User.objects.filter(id__in=victims, locked_at__isnull=False).exists()
    with time_machine.travel(timezone.now() + NEW_DEVICE_WITHIN):
        assert comes_in(attack.owner, Client(headers={"user-agent": FIREFOX}))


@pytest.mark.parametrize("preset", list(Preset))
def test_failures_of_strangers_close_no_door_to_somebody_with_every_proof(preset):
    """Under the strictest policy too, and in the minute that follows."""
    person = Person()
    set_rules(
        organization_id=person.firm.id, actor=person.firm.actor, rules=Rules(preset=preset), now=NOW
    )
    person.lives_here()
    for number in range(10):
        attempt(f"200.147.{number}.9", person.user.email, f"motdepasse{number}")
    Allowance.objects.all().delete()
    for number in range(10, 20):
        attempt(f"200.147.{number}.9", person.user.email, f"motdepasse{number}")
    Allowance.objects.all().delete()

    assert comes_in(person, Client(headers={"user-agent": FIREFOX}))


def test_a_known_device_is_no_way_around_for_whoever_stole_its_cookie_only():
    person = Person()
    thief = same_device(person.lives_here())

    answers = [person.types_password(thief, password="x" * 20) for _ in range(12)]

    assert codes_of(answers[-1]) == {"too_many_tries"}
    assert settings.DEVICE_COOKIE_NAME in thief.cookies
    with time_machine.travel(timezone.now() + timedelta(minutes=1, seconds=1)):
        assert comes_in(person, same_device(thief))
