"""A program asks, a person signs: refunds over the ceiling, through the API."""

import pytest

from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.services import revoke_api_key
from encaisse.payments.models import PaymentIntent
from factories.payments import PayableFirm
from functional.signing import Signer, asked
from functional.test_api import Program, eur
from plugins.world import eventually


@pytest.fixture
def firm(world):
    return PayableFirm(world)


@pytest.fixture
def program(firm):
    return Program(firm)


@pytest.fixture
def payment(firm):
    firm.pay(firm.request(90_000))

    def captured():
        with acting_for(firm.id):
            return PaymentIntent.objects.filter(state="captured").first()

    return eventually(captured)


def ask_for(program, payment, minor: int, key: str | None = None):
    body = {"payment_id": str(payment.id), "amount": eur(minor)}
    return program.post("/refunds", body, key=key)


def test_a_large_refund_waits_for_a_person_and_is_made_once(firm, program, payment):
    answer = ask_for(program, payment, 50_000, key="one")
    again = ask_for(program, payment, 50_000, key="one")
    operation = answer.json()
    waiting = program.get(f"/operations/{operation['id']}").json()
    before = program.get("/refunds").json()["data"]

    Signer(firm, firm.owner).sign(asked(firm))

    after = program.get(f"/operations/{operation['id']}").json()
    (refund,) = program.get("/refunds").json()["data"]
    assert (answer.status_code, again.json()) == (202, operation)
    assert (waiting["state"], before) == ("open", [])
    assert after["state"] == "done"
    assert (refund["id"], refund["amount"]) == (after["made_id"], eur(50_000))


def test_nothing_is_done_for_a_key_revoked_meanwhile(firm, program, payment):
    ask_for(program, payment, 50_000)
    revoke_api_key(
        organization_id=firm.id, actor=firm.actor, key_id=program.key_id, now=business_now()
    )

    page = Signer(firm, firm.owner)
    page.sign(asked(firm))

    assert asked(firm).state == "failed"
    assert asked(firm).failure == "api_key_invalid"


def test_what_cannot_be_given_back_is_refused_at_once(program, payment):
    answer = ask_for(program, payment, 90_001)

    assert answer.status_code == 409
    assert answer.json()["code"] == "refund_exceeds_payment"


def test_another_firm_reads_nothing_of_it(firm, program, payment, world):
    operation = ask_for(program, payment, 50_000).json()

    answer = Program(PayableFirm(world)).get(f"/operations/{operation['id']}")

    assert answer.status_code == 404
