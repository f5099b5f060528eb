"""Webhooks: signed, retried, in order, and unreliable on demand."""

import time

from standardwebhooks import Webhook

from sandbox.harness import receiver


def deliveries(sandbox, merchant, event_type):
    events = sandbox.control("GET", "/events", params={"account_id": merchant.id})["data"]
    return next(event["deliveries"] for event in events if event["type"] == event_type)


class TestDelivery:
    def test_is_signed_by_the_standard(self, notified_merchant, sandbox, listener):
        payment = notified_merchant.paid_by_card()
        sandbox.flush()

        headers, body = listener.received[-1]
        event = Webhook(notified_merchant.endpoint["secret"]).verify(body, headers)

        assert event["type"] == "payment.captured"
        assert event["id"] == {name.lower(): headers[name] for name in headers}["webhook-id"]
        assert event["account"] == notified_merchant.id
        assert event["data"]["object"]["id"] == payment["id"]
        assert event["data"]["object"]["status"] == "captured"

    def test_happens_without_being_asked(self, notified_merchant, listener):
        notified_merchant.paid_by_card()

        deadline = time.monotonic() + 5
        while not listener.received and time.monotonic() < deadline:
            time.sleep(0.02)

        assert listener.types == ["payment.captured"]

    def test_tells_a_whole_story_in_order(self, notified_merchant, sandbox, listener):
        payment = notified_merchant.request_payment()
        notified_merchant.scripted(payment, card_number="4000000000000002")
        notified_merchant.scripted(payment, card_number="4242424242424242")
        notified_merchant.post(f"/payments/{payment['id']}/capture")
        notified_merchant.post("/refunds", {"payment": payment["id"], "amount": 500})
        sandbox.advance(days=1)

        assert listener.types == [
            "payment.attempt_failed",
            "payment.authorized",
            "payment.captured",
            "refund.succeeded",
            "payout.paid",
        ]

    def test_is_retried_as_the_clock_advances(self, notified_merchant, sandbox, listener):
        listener.status = 503
        notified_merchant.paid_by_card()
        sandbox.flush()
        sandbox.advance(minutes=2)
        listener.status = 204
        sandbox.advance(minutes=10)

        (delivery,) = deliveries(sandbox, notified_merchant, "payment.captured")

        assert delivery["state"] == "delivered"
        assert [attempt["status_code"] for attempt in delivery["attempts"]] == [503] * 4 + [204]
        assert len({event["id"] for event in listener.events}) == 1

    def test_is_given_up_after_the_last_retry(self, notified_merchant, sandbox, listener):
        listener.status = 500
        notified_merchant.paid_by_card()

        sandbox.advance(hours=3)
        (delivery,) = deliveries(sandbox, notified_merchant, "payment.captured")

        assert delivery["state"] == "failed"
        assert len(delivery["attempts"]) == 6

    def test_to_one_endpoint_is_not_held_up_by_another(self, sandbox, listener):
        with receiver() as silent:
            silent.hang_seconds = 3
            stuck = sandbox.merchant("Muet", webhook_url=silent.url)
            lively = sandbox.merchant("Vif", webhook_url=listener.url)
            stuck.paid_by_card()
            lively.paid_by_card()

            deadline = time.monotonic() + 2
            while not listener.received and time.monotonic() < deadline:
                time.sleep(0.02)

            assert listener.types == ["payment.captured"]
            assert silent.received == []
            silent.hang_seconds = 0
            sandbox.flush()

    def test_to_nowhere_says_why(self, sandbox):
        merchant = sandbox.merchant(webhook_url="http://127.0.0.1:1/closed")
        merchant.paid_by_card()
        sandbox.flush()

        (delivery,) = deliveries(sandbox, merchant, "payment.captured")

        assert delivery["attempts"][0]["error"] == "ConnectError"
        assert delivery["state"] == "pending"


class TestEndpoints:
    def test_answer_a_ping_at_once(self, merchant, listener):
        endpoint = merchant.post("/webhook_endpoints", {"url": listener.url})

        ping = merchant.post(f"/webhook_endpoints/{endpoint['id']}/ping")

        headers, body = listener.received[0]
        assert (ping["delivered"], ping["status_code"]) == (True, 200)
        assert Webhook(endpoint["secret"]).verify(body, headers)["type"] == "ping"

    def test_say_when_a_ping_does_not_arrive(self, merchant):
        endpoint = merchant.post("/webhook_endpoints", {"url": "http://127.0.0.1:1/"})

        ping = merchant.post(f"/webhook_endpoints/{endpoint['id']}/ping")

        assert (ping["delivered"], ping["status_code"]) == (False, None)

    def test_are_replaced_at_the_same_address(self, sandbox, merchant, listener):
        former = merchant.post("/webhook_endpoints", {"url": listener.url})
        current = merchant.post("/webhook_endpoints", {"url": listener.url})
        merchant.paid_by_card()
        sandbox.flush()

        headers, body = listener.received[0]
        assert former["secret"] != current["secret"]
        assert len(listener.received) == 1
        assert Webhook(current["secret"]).verify(body, headers)

    def test_hear_nothing_once_deleted(self, sandbox, merchant, listener):
        endpoint = merchant.post("/webhook_endpoints", {"url": listener.url})
        merchant.ask("DELETE", f"/webhook_endpoints/{endpoint['id']}")
        merchant.paid_by_card()
        sandbox.flush()

        again = merchant.ask("DELETE", f"/webhook_endpoints/{endpoint['id']}")

        assert listener.received == []
        assert again.status_code == 404


class TestChaos:
    def test_loses_events_until_they_are_sent_again(self, notified_merchant, sandbox, listener):
        notified_merchant.chaos(drop_types=["payment.captured"], next=1)
        notified_merchant.paid_by_card()
        sandbox.flush()
        lost = list(listener.types)

        events = sandbox.control("GET", "/events", params={"account_id": notified_merchant.id})
        sandbox.control("POST", f"/webhooks/{events['data'][0]['id']}/redeliver")
        sandbox.flush()

        assert lost == []
        assert listener.types == ["payment.captured"]
        assert events["data"][0]["deliveries"][0]["state"] == "dropped"

    def test_sends_twice_the_same_event(self, notified_merchant, sandbox, listener):
        notified_merchant.chaos(webhooks={"duplicate": 1}, next=1)
        notified_merchant.paid_by_card()
        notified_merchant.paid_by_card("5555555555554444")
        sandbox.flush()

        identifiers = [event["id"] for event in listener.events]
        assert len(identifiers) == 3
        assert len(set(identifiers)) == 2

    def test_delays(self, notified_merchant, sandbox, listener):
        notified_merchant.chaos(webhooks={"delay_seconds": 600}, next=1)
        notified_merchant.paid_by_card()
        sandbox.flush()
        before = list(listener.types)
        sandbox.advance(minutes=11)

        assert before == []
        assert listener.types == ["payment.captured"]

    def test_shuffles(self, notified_merchant, sandbox, listener):
        notified_merchant.chaos(webhooks={"shuffle": True}, next=12)
        made = [notified_merchant.paid_by_card()["id"] for _ in range(12)]
        sandbox.flush()

        received = [event["data"]["object"]["id"] for event in listener.events]
        assert sorted(received) == sorted(made)
        assert received != made

    def test_is_listed_and_reset(self, sandbox, merchant):
        merchant.chaos(api={"error_500": 1}, next=3)

        listed = sandbox.control("GET", "/chaos")["data"]
        mine = [rule for rule in listed if rule["account_id"] == merchant.id]
        reset = sandbox.control("DELETE", "/chaos")["data"]

        assert (mine[0]["next"], mine[0]["api"]["error_500"]) == (3, 1)
        assert reset == []
        assert merchant.get("/account")["id"] == merchant.id
