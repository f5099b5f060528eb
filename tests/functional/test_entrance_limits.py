"""At the door: guessers slowed down, sessions that end, addresses believed."""

import html
import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from encaisse.identity.limits import Limit, TooManyTries, give_back, spend
from encaisse.identity.models import Session
from encaisse.identity.open_sessions import LIMITS
from encaisse.identity.proofs import Outcome
from encaisse.identity.sessions import stored_key
from encaisse.risk.presets import Preset
from functional.door import Person, is_in, same_device
from functional.web_people import Newcomer


@pytest.fixture
def person():
    return Person()


def codes_of(answer):
    return {error.code for error in answer.context["form"].non_field_errors().data}


class TestGuessing:
    def test_the_eleventh_try_waits_and_the_owner_at_home_does_not(self, person):
        known = same_device(person.lives_here())
        answers = [
            person.types_password(Client(), address=f"200.147.{number}.1", password="x" * 20)
            for number in range(14)
        ]

        codes = [codes_of(answer) for answer in answers]
        assert codes.count({"too_many_tries"}) >= 3
        assert not is_in(known)
        person.types_password(known)
        if not is_in(known):
            person.shows_spare_code(known)
        assert is_in(known)

    def test_an_unknown_address_meets_the_same_limit(self):
        nobody = Newcomer().email
        answers = [
            Client().post(
                reverse("account_login"),
                {"login": nobody, "password": "x" * 20},
                REMOTE_ADDR=f"200.148.{number}.9",
            )
            for number in range(12)
        ]

        assert codes_of(answers[-1]) == {"too_many_tries"}

    def test_a_failure_is_written_and_a_success_costs_nothing(self, person):
        client = same_device(person.lives_here(days=0))
        for _time in range(15):
            person.types_password(client)
            assert is_in(client)
            client.post(reverse("account_logout"))
        person.types_password(Client(), password="x" * 20)

        assert person.accesses()[0].outcome == Outcome.FAILED

    def test_fifty_tries_at_once_are_ten(self):
        limit = Limit("test", burst=10, refill=timedelta(hours=1))
        key, now = Newcomer().email, timezone.now()

        def attempt(_number):
            try:
                spend([(limit, key)], real_now=now)
            except TooManyTries as error:
                return error.facts["wait_seconds"]
            finally:
                connections.close_all()
            return 0

        with ThreadPoolExecutor(8) as pool:
            waits = list(pool.map(attempt, range(50)))

        assert waits.count(0) == 10
        assert max(waits) == 3600
        give_back([(limit, key)], real_now=now)
        spend([(limit, key)], real_now=now)

    def test_tries_come_back_with_time(self):
        limit = Limit("test", burst=2, refill=timedelta(minutes=3))
        tries, now = [(limit, Newcomer().email)], timezone.now()
        spend(tries, real_now=now)
        spend(tries, real_now=now)

        with pytest.raises(TooManyTries):
            spend(tries, real_now=now + timedelta(minutes=2))
        spend(tries, real_now=now + timedelta(minutes=3))


class TestSessions:
    def test_the_table_holds_no_key_and_nothing_readable(self, person):
        client = person.lives_here()
        key = client.cookies[settings.SESSION_COOKIE_NAME].value

        row = Session.objects.get(session_key=stored_key(key))

        assert not Session.objects.filter(session_key=key).exists()
        assert str(person.user.id).encode() not in bytes(row.session_data)
        assert person.home.encode() not in bytes(row.address_sealed)

    def test_signing_in_changes_the_key(self, person):
        client = Client()
        client.get(reverse("account_login"))
        person.types_password(client)
        before = client.cookies[settings.SESSION_COOKIE_NAME].value
        person.shows_spare_code(client)

        assert client.cookies[settings.SESSION_COOKIE_NAME].value != before
        assert not Session.objects.filter(session_key=stored_key(before)).exists()

    def test_one_is_ended_from_another(self, person):
        lost = person.lives_here()
        known = same_device(lost)
        person.types_password(known)
        [other] = [
            row for row in known.get(reverse("activity")).context["sessions"] if not row.is_this_one
        ]

        known.post(reverse("session_end", args=[other.name]))

        assert not is_in(lost)
        assert is_in(known)

    def test_somebody_else_s_is_not_theirs_to_end(self, person):
        other = Person()
        victim, mine = other.lives_here(), person.lives_here()
        [theirs] = victim.get(reverse("activity")).context["sessions"]

        assert mine.post(reverse("session_end", args=[theirs.name])).status_code == 404
        assert is_in(victim)

    def test_it_ends_when_unused_and_in_any_case(self, person):
        client, start = person.lives_here(), timezone.now()
        limits = LIMITS[Preset.EQUILIBRE]

        with time_machine.travel(start + limits.idle - timedelta(minutes=5)):
            assert is_in(client)
        with time_machine.travel(start + limits.idle + timedelta(minutes=5)):
            assert is_in(client)
        with time_machine.travel(start + 2 * limits.idle + timedelta(minutes=10)):
            assert not is_in(client)

    def test_a_page_left_open_does_not_carry_it_on(self, person):
        client, start = person.lives_here(), timezone.now()
        limits = LIMITS[Preset.EQUILIBRE]
        page = client.get(reverse("home")).content.decode()
        asked = html.unescape(re.search(r'hx-headers="([^"]+)"', page)[1])

        with time_machine.travel(start + limits.idle - timedelta(minutes=5)):
            assert client.get(reverse("home"), headers=json.loads(asked)).status_code == 200
        with time_machine.travel(start + limits.idle + timedelta(minutes=5)):
            left = client.get(reverse("home"), headers=json.loads(asked))
            assert (left.status_code, left["HX-Refresh"]) == (204, "true")
            assert not is_in(client)

    def test_use_does_not_carry_it_past_its_end(self, person):
        client, start = person.lives_here(), timezone.now()
        limits = LIMITS[Preset.EQUILIBRE]

        hour = timedelta(hours=0)
        while hour < limits.absolute - timedelta(hours=1):
            hour += timedelta(hours=3)
            with time_machine.travel(start + min(hour, limits.absolute - timedelta(minutes=1))):
                assert is_in(client)
        with time_machine.travel(start + limits.absolute + timedelta(minutes=1)):
            assert not is_in(client)


def test_what_stands_before_our_proxies_is_whatever_anybody_says(person, settings):
    client = Client()
    client.post(
        reverse("account_login"),
        {"login": person.user.email, "password": "x" * 20},
        headers={"x-forwarded-for": person.home},
        REMOTE_ADDR=person.there,
    )
    settings.ENCAISSE_TRUSTED_PROXIES = 1
    client.post(
        reverse("account_login"),
        {"login": person.user.email, "password": "x" * 20},
        headers={"x-forwarded-for": f"1.2.3.4, {person.home}"},
        REMOTE_ADDR="127.0.0.1",
    )

    assert [event.country for event in person.accesses()] == ["FR", "BR"]


def test_a_wrong_password_is_written_whoever_it_is_for(person):
    person.lives_here(days=1)
    written = []
    for address in (person.user.email, Newcomer().email):
        with CaptureQueriesContext(connection) as asked:
            Client().post(
                reverse("account_login"),
                {"login": address, "password": "x" * 20},
                REMOTE_ADDR=person.home,
            )
        written.append([query["sql"].split("(")[0] for query in asked if "INSERT" in query["sql"]])

    assert written[0] == written[1]
    assert any("identity_accessevent" in statement for statement in written[1])
