"""Codes guessed, typed again, or typed by many at the same moment."""

import threading
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa import app_settings
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from encaisse.identity import emergency
from encaisse.identity.codes import issue_code, spend_code
from encaisse.identity.core import (
    CODE_DIGITS,
    CODE_TRIES,
    CODE_WINDOW,
    CODES_IN_WINDOW,
    EMERGENCY_LENGTH,
    EMERGENCY_TRIES,
)
from encaisse.identity.errors import CodeOver
from encaisse.identity.limits import ON_SECOND_STEP
from encaisse.kernel.errors import DomainError
from factories.organizations import NOW, make_user
from functional.door import Person, is_in
from functional.web_people import PASSWORD, Newcomer

DAY = timedelta(days=1)
# The chance, in a day of doing nothing else, that somebody with the password finds a code.
SMALL = 1 / 1000


def in_a_day(limit) -> float:
    return limit.burst + DAY / limit.refill


class TestHowMuchMayBeGuessed:
    def test_codes_of_an_application(self):
        valid_at_once = 2 * app_settings.TOTP_TOLERANCE + 1

        assert in_a_day(ON_SECOND_STEP) * valid_at_once / 10**app_settings.TOTP_DIGITS < SMALL

    def test_recovery_codes(self):
        valid = app_settings.RECOVERY_CODE_COUNT

        assert in_a_day(ON_SECOND_STEP) * valid / 10**app_settings.RECOVERY_CODE_DIGITS < SMALL

    def test_codes_sent_by_text_or_mail(self):
        tries = CODE_TRIES * CODES_IN_WINDOW * (DAY / CODE_WINDOW)

        assert tries / 10**CODE_DIGITS < SMALL

    def test_emergency_codes(self):
        assert EMERGENCY_TRIES / 32**EMERGENCY_LENGTH < SMALL / 10**12


@pytest.fixture
def person():
    return Person()


def at_the_second_step(person):
    client = Client()
    answer = person.types_password(client)
    assert answer["Location"] == reverse("entrance")
    return client


def types(client, code, **headers):
    return client.post(reverse("entrance"), {"code": code}, **headers)


def code_of_a_fast_clock(person):
    """The code that will be valid for longest: its telephone is half a minute ahead of us."""
    latest = max(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(person.factor.totp_secret, latest))


class TestTries:
    @pytest.mark.parametrize("code", ["000000", "00000000", "ABCD-EFGH-JKLM"])
    def test_wrong_codes_use_up_one_limit_whatever_the_door_and_the_address(self, person, code):
        for number in range(ON_SECOND_STEP.burst):
            types(at_the_second_step(person), code, REMOTE_ADDR=f"200.147.{number}.9")

        client = at_the_second_step(person)
        answer = types(client, person.factor.recovery_codes[0])

        assert not is_in(client)
        said = answer.context["form"].errors.as_data()["code"][0].code
        assert said in {"too_many_tries", "too_many_login_attempts"}

    def test_they_come_back_one_by_one(self, person):
        for _try in range(ON_SECOND_STEP.burst + 5):
            types(at_the_second_step(person), "000000")

        with time_machine.travel(timezone.now() + ON_SECOND_STEP.refill):
            taken = types(at_the_second_step(person), person.factor.recovery_codes[0])
            again = types(at_the_second_step(person), "000000")
            refused = types(at_the_second_step(person), person.factor.recovery_codes[1])

        assert taken.status_code == 302
        assert (again.status_code, refused.status_code) == (422, 422)

    def test_right_codes_use_nothing_up(self, person):
        for _time in range(9):
            client = at_the_second_step(person)
            types(client, person.factor.recovery_codes.pop())

            assert is_in(client)
            client.post(reverse("account_logout"))


class TestOnce:
    @pytest.mark.parametrize("seconds", [1, 29, 31, 45, 59, 61, 85])
    def test_a_code_of_an_application_opens_once_while_it_is_valid(self, person, seconds):
        start = timezone.now().replace(second=0, microsecond=0)
        with time_machine.travel(start):
            code = code_of_a_fast_clock(person)
        with time_machine.travel(start):
            first = at_the_second_step(person)
            types(first, code)
            assert is_in(first)

        with time_machine.travel(start + timedelta(seconds=seconds)):
            second = at_the_second_step(person)
            types(second, code)

            assert not is_in(second)

    @pytest.mark.parametrize("mark", ["-", " ", ".", "/"])
    def test_nor_does_it_open_written_otherwise(self, person, mark):
        code = code_of_a_fast_clock(person)
        first, second = at_the_second_step(person), at_the_second_step(person)
        types(first, code)

        types(second, f"{code[:3]}{mark}{code[3:]}")

        assert is_in(first)
        assert not is_in(second)

    def test_nor_does_it_prove_somebody_again(self, person):
        code = code_of_a_fast_clock(person)
        client = at_the_second_step(person)
        types(client, code)

        with time_machine.travel(timezone.now() + timedelta(seconds=31)):
            answer = client.post(reverse("mfa_reauthenticate"), {"code": code})

        assert answer.status_code != 302

    def test_a_recovery_code_typed_by_twenty_at_once_opens_once(self, person):
        clients = [at_the_second_step(person) for _ in range(20)]
        code = person.factor.recovery_codes[0]

        all_at_once(lambda client: types(client, code), clients)

        assert [is_in(client) for client in clients].count(True) == 1

    def test_a_code_of_an_application_typed_by_twenty_at_once_opens_once(self, person):
        clients = [at_the_second_step(person) for _ in range(20)]
        code = Newcomer.totp(person.factor.totp_secret)

        all_at_once(lambda client: types(client, code), clients)

        assert [is_in(client) for client in clients].count(True) == 1

    def test_a_code_by_text_typed_by_twenty_at_once_opens_once(self):
        user, now = make_user(), timezone.now()
        issued = issue_code(user_id=user.id, purpose="sign_in:sms", real_now=now)

        refused = all_at_once(
            lambda _: spend_code(
                user_id=user.id, purpose="sign_in:sms", code=issued.code, real_now=now
            ),
            range(20),
        )

        assert [type(error) for error in refused] == [CodeOver] * 19

    def test_an_emergency_code_typed_by_twenty_at_once_opens_once(self, person):
        now, opened = timezone.now(), []
        code = emergency.issue(
            user_id=person.user.id, issued_by=make_user().id, now=NOW, real_now=now
        )

        all_at_once(
            lambda _: opened.append(
                emergency.verify(user_id=person.user.id, code=code, now=NOW, real_now=now)
            ),
            range(20),
        )

        assert opened.count(True) == 1

    def test_twenty_wrong_codes_at_once_count_as_many(self):
        user, now = make_user(), timezone.now()
        issued = issue_code(user_id=user.id, purpose="sign_in:sms", real_now=now)
        wrong = f"{(int(issued.code) + 1) % 10**CODE_DIGITS:06d}"

        all_at_once(
            lambda _: spend_code(user_id=user.id, purpose="sign_in:sms", code=wrong, real_now=now),
            range(20),
        )

        with pytest.raises(CodeOver):
            spend_code(user_id=user.id, purpose="sign_in:sms", code=issued.code, real_now=now)


def test_a_password_alone_never_says_whether_the_second_step_would_pass(person):
    client = Client()
    wrong = person.types_password(client, password="x" * 20)
    nobody = Client().post(
        reverse("account_login"), {"login": Newcomer().email, "password": PASSWORD}
    )

    assert wrong.status_code == nobody.status_code
    assert wrong.context["form"].errors.as_json() == nobody.context["form"].errors.as_json()


def all_at_once(action, arguments):
    """Run the action for each argument at the same moment; return what was refused."""
    arguments = list(arguments)
    start, refused = threading.Barrier(len(arguments)), []

    def run(argument):
        start.wait()
        try:
            action(argument)
        except DomainError as error:
            refused.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[argument]) for argument in arguments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return refused
