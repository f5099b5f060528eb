"""Text messages and one-time codes, against the real telephone and gateways that answer badly."""

import json
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.db import connection, transaction
from django.utils import timezone

from encaisse.identity.codes import forget_codes, issue_code, open_code_about, spend_code
from encaisse.identity.core import CODE_LIFE, CODE_PAUSE, CODES_IN_WINDOW, FactorKind
from encaisse.identity.errors import CodeOver, CodeWrong, NoPhone, TooManyCodes
from encaisse.identity.factors import factors_of, remove_factor
from encaisse.identity.models import OneTimeCode, PhoneFactor
from encaisse.identity.phones import (
    finish_enrolment,
    phone_of,
    send_text,
    start_enrolment,
)
from encaisse.kernel.phones import PhoneNumber
from encaisse.kit.http import AskedInsideTransaction
from encaisse.messaging import texts
from encaisse.messaging.core import TextState, filled, text_outcome
from encaisse.messaging.errors import TextNotSent
from encaisse.messaging.models import OutboundText
from factories.organizations import NOW, Firm, make_user
from functional.web_people import audited

NUMBER = PhoneNumber("+33612345678")
WORDS = "Votre code : 424242"


class Gateway:
    """A gateway that answers as it is told and keeps what it heard."""

    def __init__(self) -> None:
        self.heard, self.status, self.delay = [], 200, 0.0
        outer = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.heard.append((dict(self.headers), json.loads(body)))
                time.sleep(outer.delay)
                self.send_response(outer.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_said):
                """Keep tests quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self.server.server_port}/sms"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def gateway(settings):
    opened = Gateway()
    settings.ENCAISSE_SMS_URL = opened.url
    yield opened
    opened.close()


def send(**values):
    defaults = {"number": NUMBER, "text": WORDS, "kind": "test", "real_now": timezone.now()}
    return texts.send_text(**{**defaults, **values})


def last_row():
    return OutboundText.objects.order_by("id").last()


class TestGateway:
    def test_a_message_taken_is_sent_and_its_words_are_erased(self, gateway):
        assert send() is TextState.SENT

        (_headers, body) = gateway.heard[-1]
        assert body == {"to": NUMBER.e164, "text": WORDS}
        assert (last_row().state, last_row().text_sealed) == (TextState.SENT, None)

    def test_the_number_is_sealed(self, gateway):
        send()

        with connection.cursor() as cursor:
            cursor.execute("SELECT t::text FROM messaging_outboundtext t WHERE id = %s",
                           [last_row().id])  # fmt: skip
            stored = cursor.fetchone()[0]
        assert NUMBER.e164 not in stored + bytes(last_row().number_sealed).decode("latin-1")

    @pytest.mark.parametrize("status", [400, 401, 404, 422, 429])
    def test_a_refusal_says_so(self, gateway, status):
        gateway.status = status

        with pytest.raises(TextNotSent):
            send()

        assert (last_row().state, last_row().failure) == (TextState.REFUSED, f"status_{status}")

    @pytest.mark.parametrize("status", [408, 500, 503])
    def test_what_nobody_knows_is_unknown_and_not_sent_again(self, gateway, status):
        gateway.status = status

        assert send() is TextState.UNKNOWN
        assert len(gateway.heard) == 1

    def test_a_gateway_that_does_not_answer_in_time_is_unknown(self, gateway, settings):
        settings.ENCAISSE_SMS_TIMEOUT_SECONDS = 0.2
        gateway.delay = 0.6

        assert send() is TextState.UNKNOWN
        assert last_row().failure == "no_answer"

    def test_a_closed_door_surely_sent_nothing(self, settings):
        settings.ENCAISSE_SMS_URL = "http://127.0.0.1:9/sms"

        with pytest.raises(TextNotSent):
            send()

        assert last_row().failure == "no_connection"

    def test_the_fields_of_another_gateway_are_filled_in(self, gateway, settings):
        settings.ENCAISSE_SMS_BODY = '{"messages": [{"dest": "{to}", "msg": "{text}"}], "n": 1}'
        send()

        (_headers, body) = gateway.heard[-1]
        assert body == {"messages": [{"dest": NUMBER.e164, "msg": WORDS}], "n": 1}

    def test_its_secret_comes_from_a_private_file(self, gateway, settings, tmp_path):
        path = tmp_path / "secret"
        path.write_text("jeton\n")
        path.chmod(0o600)
        settings.ENCAISSE_SMS_SECRET_FILE = path
        send()
        assert gateway.heard[-1][0]["Authorization"] == "Bearer jeton"

        path.chmod(0o644)
        with pytest.raises(TextNotSent):
            send()

        assert len(gateway.heard) == 1

    def test_without_any_gateway_it_says_so(self, settings):
        settings.ENCAISSE_SMS_URL, settings.DEMO = "", False

        with pytest.raises(TextNotSent):
            send()

    def test_it_is_never_asked_inside_a_transaction(self, gateway):
        with pytest.raises(AskedInsideTransaction), transaction.atomic():
            send()

        assert gateway.heard == []

    def test_old_rows_are_forgotten(self, gateway):
        send(real_now=datetime(2020, 1, 1, tzinfo=UTC))

        assert texts.forget_texts(real_now=datetime(2020, 2, 15, tzinfo=UTC)) == 1

    def test_an_unknown_status_is_never_final(self):
        assert text_outcome(302) is TextState.UNKNOWN
        assert filled({"a": [True, "{to}"]}, to="x", text="y") == {"a": [True, "x"]}


class TestSimulatedTelephone:
    def test_it_rings_for_real(self, world):
        send(number=PhoneNumber("+33639980077"))

        (message,) = world.control("/sms?to=%2B33639980077", method="GET")["data"]
        assert message["text"] == WORDS

    def test_a_number_nobody_answers_at_is_refused(self, world):
        with pytest.raises(TextNotSent):
            send(number=PhoneNumber("+33639989999"))


class TestCodes:
    def issue(self, user, **values):
        defaults = {"purpose": "test", "real_now": timezone.now()}
        return issue_code(user_id=user.id, **{**defaults, **values})

    def spend(self, user, code, **values):
        defaults = {"purpose": "test", "real_now": timezone.now()}
        return spend_code(user_id=user.id, code=code, **{**defaults, **values})

    def test_one_serves_once_and_gives_back_what_it_was_about(self):
        user = make_user()
        issued = self.issue(user, about="+33612345678")

        assert self.spend(user, issued.code) == "+33612345678"
        with pytest.raises(CodeOver):
            self.spend(user, issued.code)

    def test_it_is_not_stored(self):
        issued = self.issue(make_user())

        row = OneTimeCode.objects.get(id=issued.id)
        assert issued.code.encode() not in bytes(row.digest) + bytes(row.about_sealed)

    def test_five_tries_and_it_is_over(self):
        user = make_user()
        issued = self.issue(user)
        wrong = f"{(int(issued.code) + 1) % 10**6:06d}"
        for left in (4, 3, 2, 1):
            with pytest.raises(CodeWrong) as refused:
                self.spend(user, wrong)
            assert refused.value.facts["tries_left"] == left

        with pytest.raises(CodeOver):
            self.spend(user, wrong)
        with pytest.raises(CodeOver):
            self.spend(user, issued.code)

    def test_five_minutes_and_it_is_over(self):
        user, start = make_user(), timezone.now()
        issued = self.issue(user, real_now=start)

        with pytest.raises(CodeOver):
            self.spend(user, issued.code, real_now=start + CODE_LIFE)

    def test_it_opens_what_it_was_made_for_and_nothing_else(self):
        user, other = make_user(), make_user()
        issued = self.issue(user, binding="450,00 € à M. Leroy")

        for values in ({"binding": "4500,00 € à M. Leroy"}, {"binding": ""}):
            with pytest.raises(CodeWrong):
                self.spend(user, issued.code, **values)
        with pytest.raises(CodeOver):
            self.spend(user, issued.code, purpose="another")
        with pytest.raises(CodeOver):
            self.spend(other, issued.code)
        self.spend(user, issued.code, binding="450,00 € à M. Leroy")

    def test_a_new_one_replaces_the_former(self):
        user, start = make_user(), timezone.now()
        former = self.issue(user, real_now=start, about="former")
        self.issue(user, real_now=start + CODE_PAUSE, about="later")

        assert open_code_about(user_id=user.id, purpose="test", real_now=start) == "later"
        with pytest.raises((CodeWrong, CodeOver)):
            self.spend(user, former.code)

    def test_asking_again_and_again_is_slowed_down(self):
        user, start = make_user(), timezone.now()
        self.issue(user, real_now=start)
        with pytest.raises(TooManyCodes):
            self.issue(user, real_now=start + CODE_PAUSE / 2)
        for count in range(1, CODES_IN_WINDOW):
            self.issue(user, real_now=start + count * CODE_PAUSE)

        with pytest.raises(TooManyCodes):
            self.issue(user, real_now=start + timedelta(minutes=10))

        self.issue(user, real_now=start + timedelta(minutes=61))

    def test_two_at_the_same_moment_leave_one_open(self):
        user, problems = make_user(), []

        def ask():
            try:
                self.issue(user)
            except TooManyCodes as error:
                problems.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=ask) for _index in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert OneTimeCode.objects.filter(user=user, closed_at__isnull=True).count() == 1
        assert len(problems) == 3

    def test_a_race_spends_it_once(self):
        user = make_user()
        issued = self.issue(user)
        spent = []

        def spend():
            try:
                spent.append(self.spend(user, issued.code))
            except CodeOver:
                pass
            finally:
                connection.close()

        threads = [threading.Thread(target=spend) for _index in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(spent) == 1

    def test_old_ones_are_forgotten(self):
        long_ago = datetime(2021, 1, 1, tzinfo=UTC)
        user = make_user()
        self.issue(user, real_now=long_ago)

        assert forget_codes(real_now=long_ago + timedelta(hours=3)) >= 1
        assert not OneTimeCode.objects.filter(user=user).exists()


def texted_code(world, number):
    found = world.control(f"/sms?to=%2B{number.e164[1:]}", method="GET")["data"]
    return found[0]["text"].split("Code ")[1][:6]


class TestPhones:
    def enrol(self, world, user, number, start=None):
        start = start or timezone.now()
        start_enrolment(user_id=user.id, number=number, real_now=start)
        code = texted_code(world, number)
        return finish_enrolment(user_id=user.id, code=code, now=NOW, real_now=start)

    def test_a_code_proves_the_number_which_is_sealed(self, world):
        firm, number = Firm(), PhoneNumber("+33639980101")
        factor = self.enrol(world, firm.owner, number)

        assert phone_of(firm.owner.id) == number
        assert (factor.kind, factor.name) == (FactorKind.PHONE, "•• •• •• 01 01")
        row = PhoneFactor.objects.get(user=firm.owner)
        assert number.e164.encode() not in bytes(row.number_sealed) + bytes(row.number_index)
        assert "factor:added" in audited(firm)

    def test_another_number_replaces_it_and_the_journal_tells_both(self, world):
        firm, later = Firm(), timezone.now() + 2 * CODE_PAUSE
        self.enrol(world, firm.owner, PhoneNumber("+33639980102"))
        self.enrol(world, firm.owner, PhoneNumber("+33639980103"), start=later)

        assert phone_of(firm.owner.id) == PhoneNumber("+33639980103")
        assert [a for a in audited(firm) if a.startswith("factor")].count("factor:added") == 2
        assert "factor:removed" in audited(firm)

    def test_it_is_written_to_until_it_is_removed(self, world):
        user, number = Firm().owner, PhoneNumber("+33639980104")
        self.enrol(world, user, number)
        send_text(user_id=user.id, text="Bonjour", kind="test", real_now=timezone.now())
        assert world.control("/sms?to=%2B33639980104", method="GET")["data"][0]["text"] == "Bonjour"

        (factor,) = factors_of(user_id=user.id)
        remove_factor(user_id=user.id, kind=factor.kind, factor_id=factor.id,
                      keeps_one=False, now=NOW)  # fmt: skip

        with pytest.raises(NoPhone):
            send_text(user_id=user.id, text="Bonjour", kind="test", real_now=timezone.now())
