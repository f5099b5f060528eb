"""Payments through the API, as a merchant sees them."""

import pytest

DECLINED = {
    "4000000000000002": "generic_decline",
    "4000000000009995": "insufficient_funds",
    "4000000000000069": "expired_card",
    "4000000000000127": "incorrect_cvc",
    "4000000000009979": "stolen_card",
    "4000000000009987": "lost_card",
    "4000000000000119": "processing_error",
    "4000000000000101": "do_not_honor",
    "4000000000003238": "authentication_failed",
}


class TestCreatePayment:
    def test_waits_for_its_payer(self, merchant):
        payment = merchant.request_payment()

        assert payment["status"] == "requires_action"
        assert payment["card"] is None
        assert payment["attempts"] == []
        assert payment["checkout_url"].startswith(merchant.sandbox.url)

    @pytest.mark.parametrize(
        "change",
        [
            {"amount": 0},
            {"amount": 12.5},
            {"amount": True},
            {"currency": "USD"},
            {"method": "cheque"},
            {"reference": "x" * 65},
            {"return_url": "javascript:alert(1)"},
            {"method": "instant_transfer", "capture": "automatic"},
            {
                "method": "instant_transfer",
                "capture": "automatic",
                "payee": {"name": "A", "iban": "FR7612345"},
            },
        ],
    )
    def test_refuses_what_makes_no_sense(self, merchant, change):
        valid = merchant.request_payment()
        body = {name: valid[name] for name in ("amount", "currency", "method", "reference")}
        body |= {"return_url": "http://a.example", "cancel_url": "http://a.example"}

        answer = merchant.ask("POST", "/payments", body | change)

        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "invalid_request"

    def test_needs_a_known_key(self, sandbox):
        answer = sandbox.client.get("/v1/account", headers={"Authorization": "Bearer no"})

        assert answer.status_code == 401

    def test_is_invisible_to_another_merchant(self, sandbox, merchant):
        payment = merchant.request_payment()

        answer = sandbox.merchant("Autre").ask("GET", f"/payments/{payment['id']}")

        assert answer.status_code == 404


class TestCardPayment:
    def test_is_authorized_then_captured(self, merchant):
        payment = merchant.request_payment()

        paid = merchant.scripted(payment, card_number="4000 0000 0000 3220")
        held = merchant.payment(payment)
        captured = merchant.post(f"/payments/{payment['id']}/capture")

        assert paid["status"] == "authorized"
        assert paid["return_url"].endswith(f"/back?order=7&payment={payment['id']}")
        assert held["authentication"] == {
            "status": "authenticated",
            "version": "2.2.0",
            "eci": "05",
            "liability_shift": True,
        }
        assert (captured["status"], captured["amount_captured"]) == ("captured", 45_000)
        assert captured["card"]["last4"] == "3220"

    def test_can_be_captured_in_part_and_only_once(self, merchant):
        payment = merchant.request_payment()
        merchant.scripted(payment, card_number="5555555555554444")

        too_much = merchant.ask("POST", f"/payments/{payment['id']}/capture", {"amount": 45_001})
        captured = merchant.post(f"/payments/{payment['id']}/capture", {"amount": 10_000})
        again = merchant.ask("POST", f"/payments/{payment['id']}/capture", {})

        assert too_much.json()["error"]["code"] == "capture_exceeds_authorization"
        assert captured["amount_captured"] == 10_000
        assert captured["card"]["brand"] == "mastercard"
        assert again.json()["error"]["code"] == "payment_not_capturable"

    @pytest.mark.parametrize(("number", "code"), DECLINED.items())
    def test_may_be_tried_again_after_a_refusal(self, merchant, number, code):
        payment = merchant.request_payment()

        refused = merchant.scripted(payment, card_number=number)
        after = merchant.payment(payment)
        accepted = merchant.scripted(payment, card_number="4242424242424242")

        assert refused["status"] == "requires_action"
        assert after["decline"]["code"] == code
        assert after["attempts"][0]["decline_code"] == code
        assert after["attempts"][0]["card_last4"] == number[-4:]
        assert accepted["status"] == "authorized"

    def test_fails_at_the_attempt_limit(self, merchant):
        payment = merchant.request_payment(max_attempts=2)

        first = merchant.scripted(payment, card_number="4000000000000002")
        second = merchant.scripted(payment, card_number="4000000000000002")

        assert (first["status"], second["status"]) == ("requires_action", "failed")

    @pytest.mark.parametrize(
        ("otp", "code"),
        [("wrong", "authentication_failed"), ("refuse", "authentication_refused")],
    )
    def test_is_refused_without_the_right_code(self, merchant, otp, code):
        payment = merchant.request_payment()

        merchant.scripted(payment, card_number="4000000000003220", otp=otp)
        after = merchant.payment(payment)

        assert after["decline"]["code"] == code
        assert after["authentication"]["status"] == "failed"
        assert after["authentication"]["liability_shift"] is False

    def test_with_a_number_that_cannot_exist_is_no_attempt(self, sandbox, merchant):
        payment = merchant.request_payment()

        answer = sandbox.client.post(
            f"/control/payments/{payment['id']}/pay",
            json={"card_number": "4242424242424241"},
            headers={"X-Encaisse-Sandbox": "control"},
        )

        assert answer.status_code == 400
        assert merchant.payment(payment)["attempts"] == []


class TestCancelPayment:
    def test_closes_an_open_checkout(self, sandbox, merchant):
        payment = merchant.request_payment()

        canceled = merchant.post(f"/payments/{payment['id']}/cancel")
        page = sandbox.client.get(payment["checkout_url"])

        assert canceled["status"] == "canceled"
        assert "annulée" in page.text

    def test_releases_an_authorization(self, merchant):
        payment = merchant.request_payment()
        merchant.scripted(payment, card_number="4242424242424242")

        canceled = merchant.post(f"/payments/{payment['id']}/cancel")

        assert (canceled["status"], canceled["cancellation_reason"]) == ("canceled", "requested")

    def test_is_refused_once_captured(self, merchant):
        payment = merchant.paid_by_card()

        answer = merchant.ask("POST", f"/payments/{payment['id']}/cancel", {})

        assert answer.status_code == 409
        assert answer.json()["error"]["code"] == "payment_not_cancelable"


class TestTimePassing:
    def test_expires_an_unpaid_checkout(self, sandbox, merchant):
        payment = merchant.request_payment(expires_in_seconds=1800)

        sandbox.advance(minutes=31)

        assert merchant.payment(payment)["status"] == "expired"

    def test_releases_an_authorization_after_seven_days(self, sandbox, merchant):
        payment = merchant.request_payment()
        merchant.scripted(payment, card_number="4242424242424242")

        sandbox.advance(days=6, hours=23)
        before = merchant.payment(payment)["status"]
        sandbox.advance(hours=2)
        after = merchant.payment(payment)

        assert before == "authorized"
        assert after["status"] == "canceled"
        assert after["cancellation_reason"] == "authorization_expired"


class TestInstantTransfer:
    def test_credits_the_payee_at_once(self, merchant):
        payment = merchant.request_transfer(reference="RF18539007547034")

        paid = merchant.scripted(payment, bank="deux_rives")
        after = merchant.payment(payment)
        line = merchant.bank_lines()[0]

        assert paid["status"] == "captured"
        assert after["payer_bank"]["holder_name"] == "Camille Leroy"
        assert after["card"] is None
        assert (line["amount"], line["remittance"]) == (45_000, "RF18539007547034")
        assert line["counterparty_iban"].endswith(after["payer_bank"]["iban_last4"])

    def test_stays_pending_at_a_slow_bank(self, sandbox, merchant):
        payment = merchant.request_transfer()

        paid = merchant.scripted(payment, bank="lente")
        lines_before = merchant.bank_lines()
        sandbox.advance(hours=1)

        assert paid["status"] == "pending"
        assert lines_before == []
        assert merchant.payment(payment)["status"] == "captured"
        assert merchant.bank_lines()[0]["amount"] == 45_000

    @pytest.mark.parametrize(
        ("script", "code"),
        [
            ({"bank": "bas_de_laine"}, "insufficient_funds"),
            ({"bank": "phare", "sca": "refuse"}, "transfer_refused"),
            ({"bank": "phare", "sca": "wrong"}, "authentication_failed"),
        ],
    )
    def test_fails_when_the_bank_or_the_payer_refuses(self, merchant, script, code):
        payment = merchant.request_transfer()

        refused = merchant.scripted(payment, **script)

        assert refused["status"] == "failed"
        assert refused["decline"]["code"] == code
        assert merchant.bank_lines() == []


class TestListPayments:
    def test_pages_by_last_change(self, merchant):
        made = [merchant.request_payment(reference=f"R{number}") for number in range(5)]
        merchant.scripted(made[0], card_number="4242424242424242")

        first = merchant.get("/payments", limit=3, updated_since=made[0]["created_at"])
        second = merchant.get("/payments", limit=3, cursor=first["next_cursor"])
        references = [row["reference"] for row in first["data"] + second["data"]]

        assert references == ["R1", "R2", "R3", "R4", "R0"]
        assert second["next_cursor"] is None

    def test_finds_by_ids_and_by_reference(self, merchant):
        one, other = merchant.request_payment(reference="A"), merchant.request_payment()

        by_ids = merchant.get("/payments", ids=f"{one['id']},{other['id']},pay_unknown")["data"]
        by_reference = merchant.get("/payments", reference="A")["data"]

        assert {row["id"] for row in by_ids} == {one["id"], other["id"]}
        assert [row["id"] for row in by_reference] == [one["id"]]

    def test_refuses_too_many_ids(self, merchant):
        answer = merchant.ask("GET", "/payments", params={"ids": ",".join(["pay_x"] * 101)})

        assert answer.status_code == 400


class TestIdempotency:
    def test_gives_the_same_answer_again(self, merchant):
        payment = merchant.paid_by_card()
        body = {"payment": payment["id"], "amount": 1_000}

        first = merchant.ask("POST", "/refunds", body, key="once")
        again = merchant.ask("POST", "/refunds", body, key="once")

        assert again.json() == first.json()
        assert again.status_code == first.status_code == 201
        assert again.headers["Idempotent-Replayed"] == "true"
        assert merchant.payment(payment)["amount_refunded"] == 1_000

    def test_refuses_the_key_for_another_request(self, merchant):
        payment = merchant.paid_by_card()
        merchant.post("/refunds", {"payment": payment["id"], "amount": 1}, key="k")

        answer = merchant.ask("POST", "/refunds", {"payment": payment["id"], "amount": 2}, key="k")

        assert answer.status_code == 409
        assert answer.json()["error"]["code"] == "idempotency_key_reused"

    def test_belongs_to_one_merchant_and_thirty_days(self, sandbox, merchant):
        body = {"payment": merchant.paid_by_card()["id"], "amount": 100}
        merchant.post("/refunds", body, key="month")

        sandbox.advance(days=31)
        later = merchant.ask("POST", "/refunds", body, key="month")

        assert later.status_code == 201
        assert "Idempotent-Replayed" not in later.headers

    def test_repeats_a_refusal(self, merchant):
        payment = merchant.request_payment()

        first = merchant.ask("POST", f"/payments/{payment['id']}/capture", {}, key="c")
        merchant.scripted(payment, card_number="4242424242424242")
        again = merchant.ask("POST", f"/payments/{payment['id']}/capture", {}, key="c")

        assert first.status_code == again.status_code == 409
        assert again.json() == first.json()


class TestASparedProof:
    @pytest.mark.parametrize("exemption", ["low_value", "transaction_risk"])
    def test_leaves_the_loss_of_a_fraud_with_the_merchant(self, merchant, exemption):
        paid = merchant.paid_by_card(amount=2_000, three_d_secure=exemption)

        assert paid["status"] == "captured"
        assert paid["authentication"]["status"] == "not_required"
        assert paid["authentication"]["liability_shift"] is False

    def test_is_refused_by_a_bank_that_wants_it_and_asked_at_the_next_try(self, merchant):
        payment = merchant.request_payment(amount=2_000, three_d_secure="low_value")

        merchant.scripted(payment, card_number="4000000000003105")
        refused = merchant.payment(payment)
        merchant.scripted(payment, card_number="4000000000003105")
        paid = merchant.payment(payment)

        assert refused["decline"]["code"] == "authentication_required"
        assert refused["status"] == "requires_action"
        assert paid["status"] == "authorized"
        assert paid["authentication"]["liability_shift"] is True
