"""Refunds that the fraud engine weighs: signed where they astonish, done at once otherwise."""

import pytest
from django.urls import reverse

from encaisse.cli.fraud_explain import _explained
from encaisse.fraud.core.cases import Label, LabelSource
from encaisse.fraud.core.passage import Stage
from encaisse.fraud.core.verdicts import Verdict
from encaisse.fraud.models import FraudDecision
from encaisse.fraud.queries import decisions_of
from encaisse.fraud.services.explaining import remake
from encaisse.fraud.services.labels import learn
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Role
from encaisse.organizations.models import Operation
from encaisse.payments.models import Dispute, PaymentAttempt, PaymentIntent
from factories.organizations import Firm
from factories.payments import PayableFirm
from functional.asking import card_payment, refund, refunds, state_of
from functional.signing import Signer, asked, words
from functional.test_api import Program, eur
from plugins.world import eventually


@pytest.fixture
def firm(world):
    return PayableFirm(world)


@pytest.fixture
def owner(firm):
    return Signer(firm, firm.owner)


@pytest.fixture
def payment(firm):
    return card_payment(firm, 15_000)


def attempt_of(firm, payment):
    with acting_for(firm.id):
        return PaymentAttempt.objects.get(intent_id=payment.id)


def two_payments(firm):
    for _number in range(2):
        firm.pay(firm.request(15_000))

    def captured():
        with acting_for(firm.id):
            rows = list(PaymentIntent.objects.filter(state="captured"))
        return rows if len(rows) == 2 else None

    return eventually(captured)


def known_as_fraud(firm, payment):
    learn(
        organization_id=firm.id, passage_id=attempt_of(firm, payment).id, label=Label.FRAUD,
        source=LabelSource.MERCHANT, now=business_now(),
    )  # fmt: skip


def contested(firm, payment, state="needs_response"):
    attempt = attempt_of(firm, payment)
    with acting_for(firm.id):
        Dispute.objects.create(
            organization_id=firm.id, intent_id=payment.id, connection_id=attempt.connection_id,
            provider_id="dp_1", amount_minor=1_000, reason="fraudulent", state=state,
            created_at=business_now(),
        )  # fmt: skip


def decided(firm):
    with acting_for(firm.id):
        return list(FraudDecision.objects.filter(stage=Stage.REFUND).order_by("created_at"))


def ask_api(program, payment, cents):
    return program.post("/refunds", {"payment_id": str(payment.id), "amount": eur(cents)})


class TestAnOrdinaryRefund:
    def test_is_done_at_once_and_its_decision_is_kept(self, firm, owner, payment):
        refund(owner, payment, "20,00")

        (row,) = decided(firm)
        assert refunds(firm) == [2_000]
        assert (row.outcome, row.amount_minor, row.reasons) == (Verdict.ALLOW, 2_000, [])
        assert row.facts["share"] == pytest.approx(2 / 15)

    def test_is_done_at_once_through_the_api(self, firm, payment):
        answer = ask_api(Program(firm), payment, 2_000)

        assert answer.status_code == 201
        assert decided(firm)[0].facts["by_key"] is True

    def test_is_no_decision_on_the_payment(self, firm, owner, payment):
        refund(owner, payment, "20,00")

        with acting_for(firm.id):
            rows = decisions_of(organization_id=firm.id, passage_ids=[attempt_of(firm, payment).id])
            assert Stage.REFUND not in {row.stage for row in rows}


class TestARefundOfAPaymentKnownAsAFraud:
    def test_is_signed_however_small_it_is(self, firm, owner, payment):
        known_as_fraud(firm, payment)

        answer = refund(owner, payment, "1,00")

        page = words(owner.page_of(asked(firm)))
        assert answer["Location"].startswith("/a-signer/")
        assert "Ce paiement a été reconnu comme une fraude." in page
        assert refunds(firm) == []

    def test_says_so_before_the_last_button(self, firm, owner, payment):
        known_as_fraud(firm, payment)

        page = owner.client.post(reverse("payment_refund", args=[payment.id]), {"amount": "1,00"})

        assert "Ce remboursement se signe" in words(page.content.decode())
        assert decided(firm) == []

    def test_is_done_once_signed(self, firm, owner, payment):
        known_as_fraud(firm, payment)
        refund(owner, payment, "1,00")

        owner.sign(asked(firm))

        assert refunds(firm) == [100]

    def test_is_signed_by_a_person_where_a_program_asks(self, firm, payment):
        known_as_fraud(firm, payment)

        answer = ask_api(Program(firm), payment, 100)

        assert answer.status_code == 202
        assert refunds(firm) == []


class TestARefundOfAContestedPayment:
    def test_is_signed_by_two_where_there_are_two(self, firm, owner, payment):
        other = Signer(firm, role=Role.MANAGER)
        contested(firm, payment)
        refund(owner, payment, "1,00")
        operation = asked(firm)

        owner.sign(operation)
        after_one = refunds(firm)
        other.sign(operation)

        assert (operation.needed, after_one) == (2, [])
        assert refunds(firm) == [100]

    def test_is_signed_by_the_only_one_there_is(self, firm, owner, payment):
        contested(firm, payment)
        refund(owner, payment, "1,00")

        owner.sign(asked(firm))

        assert state_of(asked(firm)) == "done"
        assert refunds(firm) == [100]

    def test_is_ordinary_again_once_the_firm_won(self, firm, owner, payment):
        contested(firm, payment, state="won")

        refund(owner, payment, "1,00")

        assert refunds(firm) == [100]


class TestManyRefunds:
    def test_of_one_person_in_an_hour_are_signed_from_the_fifth(self, firm, owner):
        first, second = two_payments(firm)
        for _time in range(2):
            refund(owner, first, "1,00")
        third, fourth, fifth = (refund(owner, second, "1,00") for _time in range(3))

        page = words(owner.page_of(asked(firm)))
        assert not third["Location"].startswith("/a-signer/")
        assert not fourth["Location"].startswith("/a-signer/")
        assert fifth["Location"].startswith("/a-signer/")
        assert "5 remboursements en une heure par la même personne" in page
        assert refunds(firm) == [100] * 4

    def test_asked_before_any_is_signed_are_counted_together(self, firm, owner, payment):
        known_as_fraud(firm, payment)

        for _time in range(5):
            refund(owner, payment, "1,00")

        last = decided(firm)[-1]
        assert refunds(firm) == []
        assert (last.facts["hand_refunds_1h"], last.facts["hand_euros_1h"]) == (5, 5.0)
        assert "refunds_in_a_hurry" in {reason["code"] for reason in last.reasons}

    def test_of_one_payment_by_a_program_are_signed_from_the_fourth(self, firm, payment):
        program = Program(firm)

        answers = [ask_api(program, payment, 100).status_code for _ in range(4)]

        assert answers == [201, 201, 201, 202]
        assert "par morceaux" in decided(firm)[-1].reasons[0]["sentence"]


class TestADecision:
    def test_is_made_again_from_what_was_known(self, firm, owner, payment):
        known_as_fraud(firm, payment)
        refund(owner, payment, "1,00")
        (row,) = decided(firm)

        explained = _explained(row.id)

        assert explained["is_same"] is True
        assert explained["stage"] == "refund"

    def test_made_again_from_other_facts_is_another(self, firm, owner, payment):
        refund(owner, payment, "1,00")
        (row,) = decided(firm)
        row.facts["is_fraud"] = True

        with acting_for(firm.id):
            assert remake(row).is_same is False

    def test_is_in_the_feed_and_has_its_page(self, firm, owner, payment):
        known_as_fraud(firm, payment)
        refund(owner, payment, "1,00")
        (row,) = decided(firm)

        feed = words(owner.client.get(reverse("decisions")).content.decode())
        page = words(owner.client.get(reverse("decision", args=[row.id])).content.decode())

        assert "Un remboursement est demandé" in feed
        assert "à signer, même sous votre plafond" in page
        assert "Même décision, mêmes raisons" in page
        assert "Probabilité d’une fraude" not in page

    def test_is_nobody_elses(self, firm, owner, payment):
        refund(owner, payment, "1,00")
        other = Firm()

        with acting_for(other.id):
            assert not FraudDecision.objects.exists()
            assert not Operation.objects.exists()
