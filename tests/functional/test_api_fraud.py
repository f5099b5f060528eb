"""Decisions, payments to check and contested ones, as programs read them."""

import pytest
from django.test import Client

from encaisse.fraud.models import ReviewCase
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.api_keys import create_api_key
from encaisse.organizations.core import Permission
from encaisse.payments.core import AttemptState
from encaisse.payments.models import PaymentAttempt
from factories.payments import NO_PROOF_CARD, PayableFirm
from plugins.world import eventually


@pytest.fixture
def firm(world):
    return PayableFirm(world)


@pytest.fixture
def held(firm):
    firm.pay(firm.request(20_000), NO_PROOF_CARD)
    return eventually(lambda: case_of(firm))


def case_of(firm):
    with acting_for(firm.id):
        return ReviewCase.objects.select_related("decision").first()


def attempt_of(firm):
    with acting_for(firm.id):
        return PaymentAttempt.objects.latest("created_at")


def program(firm, *scopes: Permission) -> Client:
    key = create_api_key(
        organization_id=firm.id,
        actor=firm.actor,
        name="Essai",
        scopes=scopes,
        expires_at=None,
        now=business_now(),
    )
    return Client(headers={"Authorization": f"Bearer {key.secret}"})


class TestForPrograms:
    def test_decisions_and_what_waits_are_read_with_their_reasons(self, firm, held):
        client = program(firm, Permission.FRAUD_READ)

        [waiting] = client.get("/api/v1/reviews").json()["data"]
        decision = client.get(f"/api/v1/decisions/{held.decision_id}").json()

        assert waiting["id"] == str(held.id)
        assert waiting["state"] == "waiting"
        assert waiting["amount"] == {"amount": 20_000, "currency": "EUR"}
        assert waiting["deadline_at"]
        assert decision["outcome"] == "hold"
        assert decision["reasons"] == waiting["reasons"]
        assert decision["reasons"][0]["code"] == "not_authenticated"
        assert client.get(f"/api/v1/reviews/{held.id}").json() == waiting

    def test_are_never_shown_to_a_key_that_may_not_read_them(self, firm, held):
        client = program(firm, Permission.PAYMENTS_READ)

        assert client.get("/api/v1/reviews").status_code == 403
        assert client.get("/api/v1/decisions").status_code == 403


class TestDisputes:
    def test_are_read_with_the_last_moment_to_answer(self, firm):
        firm.pay(firm.request(12_000))
        eventually(lambda: attempt_of(firm).state == AttemptState.CAPTURED)
        attempt = attempt_of(firm)
        firm.world.control(
            "/disputes", {"payment_id": attempt.provider_id, "reason": "product_not_received"}
        )
        client = program(firm, Permission.PAYMENTS_READ)

        [dispute] = eventually(lambda: client.get("/api/v1/disputes").json()["data"])

        assert dispute["payment_id"] == str(attempt.intent_id)
        assert dispute["state"] == "needs_response"
        assert dispute["reason"] == "product_not_received"
        assert dispute["evidence_due_at"]
        assert client.get(f"/api/v1/disputes/{dispute['id']}").json() == dispute
