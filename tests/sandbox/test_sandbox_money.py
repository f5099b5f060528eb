"""Refunds, disputes, payouts and the bank: the money adds up."""

from datetime import UTC, date, datetime
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
import schwifty
from hypothesis import given
from hypothesis import strategies as st

from encaisse_sandbox import amounts, cards, identifiers
from encaisse_sandbox.clock import paris_moment, parse
from sandbox.harness import CONTROL

NAMESPACE = {"c": "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"}


def last_payout(merchant):
    return merchant.get("/payouts")["data"][-1]


class TestArithmetic:
    @given(st.integers(0, 10**12), st.integers(1, 10**6))
    def test_rounds_half_up(self, numerator, denominator):
        quotient, remainder = divmod(numerator, denominator)
        expected = quotient + (2 * remainder >= denominator)

        assert amounts.half_up(numerator, denominator) == expected

    @pytest.mark.parametrize(
        ("brand", "country", "amount", "fee"),
        [
            ("visa", "FR", 45_000, 655),
            ("visa", "US", 45_000, 1_330),
            ("mastercard", "DE", 250, 29),
            ("visa", "FR", 1, 25),
            ("amex", "FR", 10_000, 215),
        ],
    )
    def test_takes_the_published_fee(self, brand, country, amount, fee):
        assert cards.fee(brand, country, amount) == fee

    def test_makes_ibans_that_a_bank_would_accept(self):
        made = [identifiers.new_french_iban() for _ in range(50)]

        assert all(schwifty.IBAN(iban, validate_bban=True) for iban in made)
        assert all(identifiers.is_iban(iban) for iban in made)
        assert not identifiers.is_iban(made[0][:-1] + str((int(made[0][-1]) + 1) % 10))

    def test_publishes_only_numbers_that_pass_luhn(self):
        assert all(identifiers.passes_luhn(card.number) for card in cards.CARDS)
        assert len({card.number for card in cards.CARDS}) == len(cards.CARDS)

    def test_knows_paris_through_the_change_of_hour(self):
        assert paris_moment(date(2026, 10, 25), 6) == datetime(2026, 10, 25, 5, tzinfo=UTC)
        assert paris_moment(date(2026, 10, 24), 6) == datetime(2026, 10, 24, 4, tzinfo=UTC)


class TestRefund:
    def test_gives_back_no_more_than_was_taken(self, merchant):
        payment = merchant.paid_by_card()

        first = merchant.post("/refunds", {"payment": payment["id"], "amount": 40_000})
        too_much = merchant.ask("POST", "/refunds", {"payment": payment["id"], "amount": 5_001})
        rest = merchant.post("/refunds", {"payment": payment["id"], "amount": 5_000})

        assert first["status"] == rest["status"] == "succeeded"
        assert too_much.status_code == 409
        assert too_much.json()["error"]["code"] == "refund_exceeds_payment"
        assert merchant.payment(payment)["amount_refunded"] == 45_000
        assert len(merchant.get("/refunds", payment=payment["id"])["data"]) == 2
        assert merchant.get(f"/refunds/{first['id']}")["amount"] == 40_000

    def test_needs_a_captured_payment(self, merchant):
        payment = merchant.request_payment()

        answer = merchant.ask("POST", "/refunds", {"payment": payment["id"], "amount": 1})

        assert answer.json()["error"]["code"] == "payment_not_refundable"

    def test_of_a_transfer_leaves_the_bank_at_once(self, merchant):
        payment = merchant.request_transfer()
        merchant.scripted(payment, bank="phare")

        merchant.post("/refunds", {"payment": payment["id"], "amount": 15_000})
        credit, debit = merchant.bank_lines()

        assert (credit["amount"], debit["amount"]) == (45_000, -15_000)
        assert debit["counterparty_iban"] == credit["counterparty_iban"]

    def test_can_be_made_to_fail(self, notified_merchant, sandbox, listener):
        payment = notified_merchant.paid_by_card()
        notified_merchant.chaos(api={"refund_failed": 1}, next=1)

        refund = notified_merchant.post("/refunds", {"payment": payment["id"], "amount": 100})
        sandbox.flush()

        assert refund["status"] == "failed"
        assert listener.types[-1] == "refund.failed"
        assert notified_merchant.payment(payment)["amount_refunded"] == 0

    def test_can_be_made_to_wait(self, notified_merchant, sandbox, listener):
        payment = notified_merchant.paid_by_card()
        notified_merchant.chaos(api={"refund_pending": 1}, next=1)

        refund = notified_merchant.post("/refunds", {"payment": payment["id"], "amount": 100})
        sandbox.advance(hours=2)

        assert refund["status"] == "pending"
        assert notified_merchant.get(f"/refunds/{refund['id']}")["status"] == "succeeded"
        assert "refund.succeeded" in listener.types


class TestDispute:
    def test_comes_by_itself_three_days_after_a_fraud(self, notified_merchant, sandbox, listener):
        payment = notified_merchant.paid_by_card("4000000000000259")

        sandbox.advance(days=2, hours=23)
        before = notified_merchant.get("/disputes")["data"]
        sandbox.advance(hours=2)
        (dispute,) = notified_merchant.get("/disputes")["data"]

        assert before == []
        assert payment["authentication"]["liability_shift"] is False
        assert (dispute["reason"], dispute["amount"]) == ("fraudulent", 45_000)
        assert dispute["status"] == "needs_response"
        assert "dispute.opened" in listener.types

    def test_takes_the_money_and_a_fee_then_gives_the_money_back(self, sandbox, merchant):
        payment = merchant.paid_by_card()
        sandbox.advance(days=1)
        asked = {"payment_id": payment["id"], "reason": "product_not_received", "amount": 10_000}
        dispute = sandbox.control("POST", "/disputes", asked)
        sandbox.advance(days=1)
        taken = last_payout(merchant)
        sandbox.control("POST", f"/disputes/{dispute['id']}/close", {"outcome": "won"})
        sandbox.advance(days=1)
        given_back = last_payout(merchant)

        assert (taken["amount"], taken["gross"], taken["fee"]) == (-11_500, -10_000, 1_500)
        assert (given_back["amount"], given_back["fee"]) == (10_000, 0)
        assert merchant.bank_lines()[1]["amount"] == -11_500
        assert merchant.get(f"/disputes/{dispute['id']}")["status"] == "won"

    def test_closes_once(self, sandbox, merchant):
        payment = merchant.paid_by_card()
        asked = {"payment_id": payment["id"], "reason": "fraudulent"}
        dispute = sandbox.control("POST", "/disputes", asked)
        path = f"/disputes/{dispute['id']}/close"
        sandbox.control("POST", path, {"outcome": "lost"})

        again = sandbox.client.post(f"/control{path}", json={"outcome": "won"}, headers=CONTROL)

        assert again.json()["error"]["code"] == "dispute_closed"


class TestPayout:
    def test_pays_the_days_before_net_of_every_fee(self, sandbox, merchant):
        french = merchant.paid_by_card()
        american = merchant.paid_by_card("4000000000000846")
        transfer = merchant.request_transfer()
        merchant.scripted(transfer, bank="deux_rives")
        merchant.post("/refunds", {"payment": french["id"], "amount": 5_000})

        happened = sandbox.advance(days=1)
        (payout,) = merchant.get("/payouts")["data"]
        kinds = [(item["kind"], item["payment"], item["net"]) for item in payout["items"]]

        assert kinds == [
            ("payment", french["id"], 44_345),
            ("payment", american["id"], 43_670),
            ("fee", transfer["id"], -35),
            ("refund", french["id"], -5_000),
        ]
        assert payout["amount"] == payout["gross"] - payout["fee"] == 82_980
        assert sum(item["net"] for item in payout["items"]) == payout["amount"]
        assert any(payout["bank_reference"] in line for line in happened)
        assert merchant.get(f"/payouts/{payout['id']}") == payout

    def test_can_reach_the_bank_short_of_what_was_announced_once(self, sandbox, merchant):
        merchant.chaos(payout_short_cents=1_240, next=1)
        for _ in range(2):
            merchant.paid_by_card()
            sandbox.advance(days=1, hours=6)

        payouts, lines = merchant.get("/payouts")["data"], merchant.bank_lines()

        short = [p["amount"] - line["amount"] for p, line in zip(payouts, lines, strict=True)]
        assert short == [1_240, 0]

    def test_reaches_the_bank_at_six_in_paris_under_its_reference(self, sandbox, merchant):
        merchant.paid_by_card()

        sandbox.advance(days=1)
        payout, (line,) = last_payout(merchant), merchant.bank_lines()
        paid_at = parse(payout["paid_at"])

        assert line["remittance"] == payout["bank_reference"]
        assert line["amount"] == payout["amount"]
        assert (
            0 <= (paid_at - paris_moment(date.fromisoformat(line["booking_date"]), 6)).seconds < 5
        )

    def test_leaves_today_for_tomorrow(self, sandbox, merchant):
        merchant.paid_by_card()
        sandbox.advance(days=1)
        merchant.paid_by_card()

        today = len(merchant.get("/payouts")["data"])
        sandbox.advance(days=1)

        assert (today, len(merchant.get("/payouts")["data"])) == (1, 2)

    def test_lists_what_is_new_since(self, sandbox, merchant):
        merchant.paid_by_card()
        sandbox.advance(days=1)
        now = sandbox.control("GET", "/clock")["now"]
        merchant.paid_by_card()
        sandbox.advance(days=1)

        assert len(merchant.get("/payouts")["data"]) == 2
        assert len(merchant.get("/payouts", updated_since=now)["data"]) == 1


class TestStatement:
    def statement(self, merchant, first, last):
        answer = merchant.ask(
            "GET", "/bank/statement", params={"iban": merchant.iban, "from": first, "to": last}
        )
        assert answer.headers["content-type"].startswith("application/xml")
        return ET.fromstring(answer.content)  # noqa: S314  # our own server's answer

    def balance(self, root, code):
        for balance in root.iterfind(".//c:Bal", NAMESPACE):
            if balance.findtext("c:Tp/c:CdOrPrtry/c:Cd", None, NAMESPACE) == code:
                return self.signed(balance)
        raise AssertionError(code)

    def signed(self, element):
        cents = int(Decimal(element.findtext("c:Amt", None, NAMESPACE)) * 100)
        is_credit = element.findtext("c:CdtDbtInd", None, NAMESPACE) == "CRDT"
        return cents if is_credit else -cents

    def transfer(self, sandbox, merchant, amount, **changes):
        asked = {
            "to_iban": merchant.iban,
            "amount": amount,
            "remittance": "Facture F-2026-0147 réglée",
            "from_name": "Hôtel & Spa <Ouest>",
            "from_iban": "FR7630006000011234567890189",
            "end_to_end_id": "E2E-1",
        }
        return sandbox.control("POST", "/transfers", asked | changes)

    def test_adds_up_over_days(self, sandbox, merchant):
        self.transfer(sandbox, merchant, 81_240)
        sandbox.control(
            "POST",
            "/bank-transactions",
            {"iban": merchant.iban, "amount": -1_990, "label": "COTISATION CARTE"},
        )
        sandbox.advance(days=1)
        self.transfer(sandbox, merchant, 500, instant=True)
        today = merchant.bank_lines()[-1]["booking_date"]

        root = self.statement(merchant, today, "2099-12-31")
        entries = [self.signed(entry) for entry in root.iterfind(".//c:Ntry", NAMESPACE)]
        everything = self.statement(merchant, "2020-01-01", "2099-12-31")

        assert merchant.bank_lines()[0]["booking_date"] < today
        assert self.balance(root, "OPBD") == 79_250
        assert entries == [500]
        assert self.balance(root, "CLBD") == 79_750
        assert self.balance(everything, "OPBD") == 0
        assert self.balance(everything, "CLBD") == 79_750

    def test_says_who_paid_and_why(self, sandbox, merchant):
        line = self.transfer(sandbox, merchant, 81_240)

        root = self.statement(merchant, "2020-01-01", "2099-12-31")
        entry = root.find(".//c:Ntry", NAMESPACE)
        found = {
            path: entry.findtext(f".//{path}", None, NAMESPACE)
            for path in (
                "c:AcctSvcrRef",
                "c:EndToEndId",
                "c:Dbtr/c:Pty/c:Nm",
                "c:DbtrAcct/c:Id/c:IBAN",
                "c:RmtInf/c:Ustrd",
                "c:BkTxCd//c:SubFmlyCd",
            )
        }

        assert list(found.values()) == [
            line["id"],
            "E2E-1",
            "Hôtel & Spa <Ouest>",
            "FR7630006000011234567890189",
            "Facture F-2026-0147 réglée",
            "ESCT",
        ]

    @pytest.mark.parametrize(
        ("remittance", "path"),
        [
            ("RF18539007547034", ".//c:Strd/c:CdtrRefInf/c:Ref"),
            ("RF18 5390 0754 7034", ".//c:Strd/c:CdtrRefInf/c:Ref"),
            ("RF19539007547034", ".//c:RmtInf/c:Ustrd"),
        ],
    )
    def test_structures_only_true_creditor_references(self, sandbox, merchant, remittance, path):
        self.transfer(sandbox, merchant, 100, remittance=remittance)

        root = self.statement(merchant, "2020-01-01", "2099-12-31")

        assert root.findtext(path, None, NAMESPACE) == remittance.replace(" ", "")

    def test_may_be_empty(self, merchant):
        root = self.statement(merchant, "2020-01-01", "2020-01-31")

        assert root.find(".//c:Ntry", NAMESPACE) is None
        assert self.balance(root, "CLBD") == 0

    def test_is_for_the_holder_only(self, sandbox, merchant):
        stranger = sandbox.merchant("Curieux")

        answer = stranger.ask("GET", "/bank/statement", params={"iban": merchant.iban})

        assert answer.status_code == 404

    def test_refuses_what_xml_cannot_carry(self, sandbox, merchant):
        asked = {"to_iban": merchant.iban, "amount": 1, "from_name": "A\x01", "remittance": ""}

        answer = sandbox.client.post("/control/transfers", json=asked, headers=CONTROL)

        assert answer.status_code == 400

    def test_refuses_days_that_make_no_sense(self, merchant):
        asked = {"iban": merchant.iban}

        reversed_days = merchant.ask(
            "GET", "/bank/statement", params=asked | {"from": "2026-02-02", "to": "2026-02-01"}
        )
        unknown_day = merchant.ask(
            "GET", "/bank/transactions", params=asked | {"from": "2026-02-30"}
        )

        assert reversed_days.status_code == unknown_day.status_code == 400
