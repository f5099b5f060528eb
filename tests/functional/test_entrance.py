"""At the door: what is asked, of whom, and what happens to whoever should not be there."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import randrange

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import mail
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from encaisse.identity.access import accesses_of, past_of, reopen
from encaisse.identity.devices import devices
from encaisse.identity.factors import lose_factors
from encaisse.identity.limits import Limit, TooManyTries, give_back, spend
from encaisse.identity.models import AccessEvent, Session, User
from encaisse.identity.open_sessions import LIMITS
from encaisse.identity.proofs import Outcome
from encaisse.identity.services import enrol_second_factor
from encaisse.identity.sessions import stored_key
from encaisse.kit.crypto import blind_index, forget_keys, is_index_of
from encaisse.kit.keyring import KeyRing, create_keyset_file, read_keyset, replace_keyset_file
from encaisse.organizations.safeguards import Rules, set_rules
from encaisse.risk.presets import Level, Preset
from factories.organizations import NOW, Firm
from functional.web_people import PASSWORD, Newcomer, audited

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


@pytest.fixture
def person():
    return Person()


def same_device(client):
    """The same browser once signed out: only what recognises the device is left."""
    fresh = Client(headers={"user-agent": FIREFOX})
    name = settings.DEVICE_COOKIE_NAME
    fresh.cookies[name] = client.cookies[name].value
    return fresh


def codes_of(answer):
    return {error.code for error in answer.context["form"].non_field_errors().data}


def is_in(client):
    return client.get(reverse("activity")).status_code == 200


def test_a_device_nobody_knows_is_asked_for_a_second_factor(person):
    client = Client(headers={"user-agent": FIREFOX})

    answer = person.types_password(client)

    assert answer["Location"] == reverse("entrance")
    assert not is_in(client)
    assert person.shows_spare_code(client).status_code == 302
    assert is_in(client)


def test_a_known_device_at_home_enters_with_the_password(person):
    known = same_device(person.lives_here())

    person.types_password(known)

    assert is_in(known)
    latest = person.accesses()[0]
    assert (latest.level, latest.agent, latest.country) == (
        Level.SIMPLIFIED,
        "Firefox sur Windows",
        "FR",
    )


def test_the_token_of_somebody_else_s_device_is_worth_nothing(person):
    other = Person()
    client = same_device(other.lives_here())
    person.lives_here()

    person.types_password(client)

    assert not is_in(client)


def test_from_a_new_country_two_proofs_are_asked(person):
    person.lives_here()
    client = Client()
    with time_machine.travel(timezone.now() + timedelta(days=3)):
        person.types_password(client, address=person.there)
        person.shows_spare_code(client, address=person.there)
        assert not is_in(client)

        page = client.get(reverse("entrance") + "?par=mail", REMOTE_ADDR=person.there)
        client.post(reverse("entrance") + "?par=mail", {"envoyer": "1"}, REMOTE_ADDR=person.there)
        code = mail.outbox[-1].subject.rpartition(" ")[2]
        client.post(reverse("entrance") + "?par=mail", {"code": code}, REMOTE_ADDR=person.there)

        assert "Recevoir un code" in page.content.decode()
        assert is_in(client)
        passed = person.accesses()[0]
    assert (passed.outcome, passed.level) == (Outcome.PASSED, Level.REINFORCED)
    assert set(passed.proofs) >= {"password", "recovery_code", "email"}
    assert any("ce pays" in reason["sentence"] for reason in passed.reasons)


class TestAnImpossibleTravel:
    @pytest.fixture
    def refused(self, person):
        person.browser = person.lives_here()
        thief = Client()
        for _try in range(3):
            person.types_password(thief, address=person.there, password="x" * 20)
        person.answer = person.types_password(thief, address=person.there)
        person.thief = thief
        return person

    def test_after_failures_from_an_unknown_device_it_is_refused(self, refused):
        assert refused.answer.status_code == 403
        assert "access_refused" in refused.answer.content.decode()
        assert not is_in(refused.thief)
        assert "access:refused" in audited(refused.firm)

    def test_no_new_device_enters_any_more_but_the_known_one_does(self, refused):
        elsewhere, known = Client(), same_device(refused.browser)

        assert refused.types_password(elsewhere).status_code == 403
        refused.types_password(known)
        if not is_in(known):
            refused.shows_spare_code(known)
        assert is_in(known)

    def test_an_owner_opens_it_again(self, refused):
        now = timezone.now()
        assert reopen(user_id=refused.user.id, by_user_id=refused.user.id, real_now=now)
        assert not reopen(user_id=refused.user.id, by_user_id=refused.user.id, real_now=now)

        client = Client()
        assert refused.types_password(client).status_code == 302
        assert User.objects.get(id=refused.user.id).locked_at is None
        assert "access:reopened" in audited(refused.firm)


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


def test_a_firm_chooses_its_policy_and_the_chain_says_so(person):
    set_rules(
        organization_id=person.firm.id,
        actor=person.firm.actor,
        rules=Rules(preset=Preset.STRICT),
        now=NOW,
    )
    known = same_device(person.lives_here())

    person.types_password(known)

    assert not is_in(known)
    assert person.accesses()[0].policy == Preset.STRICT
    assert "safeguards:set" in audited(person.firm)


def test_failures_do_not_push_habits_out_of_memory(person):
    person.lives_here(days=3)
    event = person.accesses()[0]
    event.outcome = Outcome.FAILED
    for _time in range(150):
        event.pk = None
        event.save(force_insert=True)

    past = past_of(user_id=person.user.id, real_now=timezone.now())

    assert sum(access.passed for access in past) == 4
    assert sum(access.failed for access in past) == 100


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


def test_whoever_lost_their_factors_leaves_nothing_open_behind(person):
    lost = person.lives_here()

    lose_factors(user_id=person.user.id)

    assert not is_in(lost)
    assert not devices(user_id=person.user.id).exists()


def test_a_code_made_before_the_keys_were_renewed_still_counts(settings, tmp_path):
    settings.ENCAISSE_KEYSET, path = "", tmp_path / "keyset.json"
    settings.ENCAISSE_KEYSET_FILE = path
    create_keyset_file(path)
    made = blind_index("row|123456", purpose="one-time-code")

    ring = KeyRing.parse(read_keyset(path))
    replace_keyset_file(path, ring.renewed(timezone.now()))
    forget_keys()

    assert is_index_of(made, "row|123456", purpose="one-time-code")
    assert not is_index_of(made, "row|123457", purpose="one-time-code")
    assert blind_index("row|123456", purpose="one-time-code") != made
