"""The process: starts, survives a kill, stops quickly; its network fails on demand."""

import json
import signal
import sqlite3
import subprocess
import threading
import time

import httpx
import pytest

from sandbox.harness import CONTROL


class TestProcess:
    def test_answers_when_it_says_it_is_ready(self, sandbox):
        answer = sandbox.client.get("/healthz")

        assert answer.json() == {"status": "ok"}
        assert sandbox.output.read_text().count("ready on") == 1

    def test_survives_a_kill(self, own_sandbox):
        merchant = own_sandbox.merchant()
        payment = merchant.request_payment()
        merchant.scripted(payment, card_number="4242424242424242")
        before = own_sandbox.control("GET", "/clock")["offset_seconds"]
        own_sandbox.advance(days=2)

        own_sandbox.kill()
        own_sandbox.start()
        captured = merchant.post(f"/payments/{payment['id']}/capture")

        assert captured["status"] == "captured"
        assert own_sandbox.control("GET", "/clock")["offset_seconds"] == before + 2 * 86_400
        clock = json.loads((own_sandbox.data / "clock.json").read_text())
        assert clock == {"offset_seconds": before + 2 * 86_400}

    def test_delivers_after_a_restart_what_it_owed_before(self, own_sandbox, listener):
        listener.status = 500
        merchant = own_sandbox.merchant(webhook_url=listener.url)
        merchant.paid_by_card()
        own_sandbox.flush()

        own_sandbox.kill()
        listener.status = 200
        own_sandbox.start()
        own_sandbox.advance(minutes=1)

        assert len({event["id"] for event in listener.events}) == 1
        assert len(listener.events) == 2

    @pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
    def test_stops_within_three_seconds_even_while_answering(self, own_sandbox, signal_number):
        merchant = own_sandbox.merchant()
        payment = merchant.request_payment()
        merchant.scripted(payment, card_number="4000000000006975")
        thread = threading.Thread(target=ignore_failure, args=(merchant, payment))
        thread.start()
        time.sleep(0.3)

        started = time.monotonic()
        code = own_sandbox.stop(signal_number)
        seconds = time.monotonic() - started
        thread.join()

        assert code == 0
        assert seconds < 3

    def test_names_a_port_that_is_taken(self, sandbox, tmp_path):
        command = [*sandbox.command(), "--data-dir", str(tmp_path)]

        second = subprocess.run(  # our own program
            command, capture_output=True, text=True, timeout=20, check=False
        )

        assert second.returncode == 1
        assert str(sandbox.port) in second.stderr

    def test_answers_more_than_fifty_requests_a_second(self, sandbox, merchant):
        started = time.monotonic()
        for _ in range(100):
            merchant.request_payment()
        seconds = time.monotonic() - started

        assert seconds < 2

    def test_keeps_no_key_in_clear(self, sandbox, merchant):
        stored = sqlite3.connect(sandbox.data / "sandbox.sqlite3")
        rows = stored.execute("SELECT * FROM accounts WHERE id = ?", (merchant.id,)).fetchall()
        stored.close()

        api_key = merchant.headers["Authorization"].removeprefix("Bearer ")
        assert api_key not in str(rows)


def ignore_failure(merchant, payment):
    with httpx.Client(base_url=merchant.sandbox.url, timeout=20) as client:
        try:
            client.post(f"/v1/payments/{payment['id']}/capture", headers=merchant.headers, json={})
        except httpx.HTTPError:
            return


class TestNetworkFailures:
    def test_a_lost_answer_hides_a_capture_that_happened(self, merchant):
        payment = merchant.request_payment()
        merchant.scripted(payment, card_number="4000000000000341")
        path = f"/payments/{payment['id']}/capture"

        with pytest.raises(httpx.RemoteProtocolError):
            merchant.ask("POST", path, {}, key="capture-1")
        again = merchant.ask("POST", path, {}, key="capture-1")

        assert merchant.payment(payment)["status"] == "captured"
        assert again.json()["amount_captured"] == 45_000
        assert again.headers["Idempotent-Replayed"] == "true"

    def test_a_slow_answer_is_slow_only_when_it_acts(self, merchant):
        payment = merchant.request_payment()
        merchant.scripted(payment, card_number="4000000000006975")
        path = f"/payments/{payment['id']}/capture"

        with pytest.raises(httpx.ReadTimeout):
            merchant.ask("POST", path, {}, key="capture-1", timeout=1)
        again = merchant.ask("POST", path, {}, key="capture-1", timeout=1)

        assert again.json()["status"] == "captured"

    def test_an_error_500_did_nothing(self, merchant):
        merchant.chaos(api={"error_500": 1}, next=1)
        body = {"url": "http://a.example/hook"}

        failed = merchant.ask("POST", "/webhook_endpoints", body, key="e")
        retried = merchant.ask("POST", "/webhook_endpoints", body, key="e")

        assert failed.status_code == 500
        assert retried.status_code == 201
        assert "Idempotent-Replayed" not in retried.headers

    def test_a_429_says_when_to_come_back(self, merchant):
        merchant.chaos(api={"error_429": 1}, next=1)

        answer = merchant.ask("GET", "/account")

        assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")

    def test_an_answer_dropped_after_the_act_is_replayed(self, merchant):
        payment = merchant.paid_by_card()
        merchant.chaos(api={"drop_after": 1}, next=1)
        body = {"payment": payment["id"], "amount": 700}

        with pytest.raises(httpx.RemoteProtocolError):
            merchant.ask("POST", "/refunds", body, key="r")
        replayed = merchant.ask("POST", "/refunds", body, key="r")

        assert replayed.headers["Idempotent-Replayed"] == "true"
        assert merchant.payment(payment)["amount_refunded"] == 700

    def test_a_timeout_did_nothing(self, merchant):
        payment = merchant.paid_by_card()
        merchant.chaos(api={"timeout": 1}, next=1)

        with pytest.raises(httpx.ReadTimeout):
            merchant.ask("POST", "/refunds", {"payment": payment["id"], "amount": 1}, timeout=0.5)

        assert merchant.payment(payment)["amount_refunded"] == 0


class TestControlPlane:
    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"X-Encaisse-Sandbox": "yes"},
            CONTROL | {"Origin": "http://127.0.0.1:8000"},
            CONTROL | {"Sec-Fetch-Site": "same-origin"},
            CONTROL | {"Host": "evil.example"},
        ],
    )
    def test_is_closed_to_pages_and_strangers(self, sandbox, headers):
        answer = sandbox.client.get("/control/clock", headers=headers)

        assert answer.status_code == 403

    def test_says_what_is_wrong_with_a_request(self, sandbox):
        unknown = sandbox.client.post(
            "/control/transfers",
            json={"to_iban": "FR76", "amount": 1, "from_name": "A"},
            headers=CONTROL,
        )
        no_json = sandbox.client.post("/control/sms", content=b"to=1", headers=CONTROL)
        no_path = sandbox.client.get("/control/nothing", headers=CONTROL)

        assert unknown.status_code == no_path.status_code == 404
        assert no_json.json()["error"]["code"] == "invalid_request"

    def test_carries_text_messages(self, sandbox):
        before = sandbox.control("GET", "/clock")["now"]
        sandbox.control("POST", "/sms", {"to": "+33639980001", "text": "Votre code : 482913"})

        found = sandbox.control("GET", "/sms", params={"to": "+33639980001", "since": before})

        assert found["data"][0]["text"] == "Votre code : 482913"

    def test_advances_the_clock_in_time_order(self, sandbox, merchant):
        slow = merchant.request_transfer(reference="LENT")
        merchant.scripted(slow, bank="lente")
        merchant.request_payment(reference="OUBLI", expires_in_seconds=1800)
        merchant.paid_by_card("4000000000000259", reference="FRAUDE")

        happened = sandbox.advance(days=4)
        mine = [
            line.split()[2] if "paiement" in line else "LENT"
            for line in happened
            if any(word in line for word in ("LENT", "OUBLI", "FRAUDE"))
        ]

        assert mine == ["OUBLI", "LENT", "FRAUDE"]

    def test_refuses_to_go_back_in_time(self, sandbox):
        answer = sandbox.client.post("/control/clock/advance", json={"days": -1}, headers=CONTROL)

        assert answer.status_code == 400


class TestAWorldThatBeginsInThePast:
    def test_lives_through_it_and_comes_back_to_the_present(self, own_sandbox):
        begun = own_sandbox.control("POST", "/clock/begin", {"at": "2024-03-01T08:00:00+01:00"})
        merchant = own_sandbox.merchant()
        merchant.paid_by_card()
        own_sandbox.advance(days=2)
        behind = -own_sandbox.control("GET", "/clock")["offset_seconds"]
        own_sandbox.control("POST", "/clock/advance", {"minutes": behind / 60})

        payouts = merchant.get("/payouts")["data"]

        assert begun["now"].startswith("2024-03-01T07:00")
        assert [payout["paid_at"][:10] for payout in payouts] == ["2024-03-02"]
        assert own_sandbox.control("GET", "/clock")["offset_seconds"] == 0

    def test_is_refused_once_something_happened(self, own_sandbox):
        merchant = own_sandbox.merchant()
        merchant.request_payment()

        answer = own_sandbox.client.post(
            "/control/clock/begin", json={"at": "2024-03-01T08:00:00Z"}, headers=CONTROL
        )

        assert answer.status_code == 409
        assert answer.json()["error"]["code"] == "world_begun"
