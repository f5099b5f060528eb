"""What happens told to a program of the firm: all of it, in order, again when asked."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from django.urls import reverse

from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.web.states import EVENTS
from encaisse.webhooks.core import ALERT, PUBLIC_NAMES, DeliveryState, Hears, is_told
from encaisse.webhooks.endpoints import add_endpoint, try_endpoint
from encaisse.webhooks.models import Delivery, StoredEvent
from factories.payments import PayableFirm
from functional.asking import card_payment
from functional.test_webhooks_out import deliveries, running_program
from functional.web_people import signed_in
from plugins.ports import free_ports
from plugins.world import eventually, sooner

RECEIVER = Path(__file__).parents[2] / "docs/examples/webhook_receiver.py"


@pytest.fixture
def program():
    with running_program() as program:
        yield program


@pytest.fixture
def firm(world):
    return PayableFirm(world)


def told(firm, url, hears=Hears.EVENTS):
    return add_endpoint(
        organization_id=firm.id, actor=firm.actor, url=url, now=business_now(), hears=hears
    )


def happened(firm) -> list[str]:
    with acting_for(firm.id):
        rows = StoredEvent.objects.exclude(kind=ALERT).order_by("created_at", "id")
        return [str(row.id) for row in rows]


def heard(program) -> list[str]:
    return [headers["webhook-id"] for _path, headers, _body in program.heard]


class TestEvents:
    def test_are_told_with_identifiers_and_amounts(self, firm, program):
        told(firm, program.url)
        intent = card_payment(firm, 12_300)

        def captured():
            bodies = [json.loads(body) for _path, _headers, body in program.heard]
            return [body["data"] for body in bodies if body["type"] == "payment.captured"]

        [data] = eventually(captured)

        assert (data["intent_id"], data["amount_minor"]) == (str(intent.id), 12_300)
        assert "Leroy" not in json.dumps(data)

    def test_come_in_the_order_in_which_they_happened_even_when_one_is_refused(self, firm, program):
        program.answers = [500, 500]
        made = told(firm, program.url)
        for _time in range(3):
            try_endpoint(organization_id=firm.id, endpoint_id=made.endpoint.id, now=business_now())
        with acting_for(firm.id):
            expected = [
                f"msg_{row.message_id.hex}" for row in Delivery.objects.order_by("created_at", "id")
            ]

        eventually(lambda: sooner(firm.id) or len(program.heard) == 5)

        first, second, third = expected
        assert heard(program) == [first, first, first, second, third]

    @pytest.mark.parametrize(
        ("hears", "kind", "wanted"),
        [
            (Hears.ALL, ALERT, True), (Hears.ALL, "payment.captured", True),
            (Hears.ALERTS, ALERT, True), (Hears.ALERTS, "payment.captured", False),
            (Hears.EVENTS, ALERT, False), (Hears.EVENTS, "payment.captured", True),
        ],
    )  # fmt: skip
    def test_are_told_to_whoever_wants_them(self, hears, kind, wanted):
        assert is_told(hears, kind) is wanted

    def test_are_all_told_once(self, firm, program):
        told(firm, program.url)
        card_payment(firm, 5_000)
        card_payment(firm, 6_000)
        eventually(lambda: len(set(heard(program))) >= len(happened(firm)) >= 2)

        assert len(heard(program)) == len(set(heard(program)))

    def test_have_each_a_word(self):
        assert set(EVENTS) == set(PUBLIC_NAMES.values())


class TestAgain:
    def test_a_message_leaves_again_under_its_identifier(self, firm, program):
        made, client = told(firm, program.url), signed_in(firm, proven=True)
        try_endpoint(organization_id=firm.id, endpoint_id=made.endpoint.id, now=business_now())
        eventually(lambda: [one.state for one in deliveries(firm)] == [DeliveryState.TAKEN])
        [row] = deliveries(firm)

        client.post(reverse("delivery_replay", args=[row.id]))

        eventually(lambda: len(program.heard) == 2)
        assert len(set(heard(program))) == 1

    def test_a_message_of_another_firm_does_not(self, firm, program, world):
        made = told(firm, program.url)
        try_endpoint(organization_id=firm.id, endpoint_id=made.endpoint.id, now=business_now())
        [row] = deliveries(firm)

        answer = signed_in(PayableFirm(world), proven=True).post(
            reverse("delivery_replay", args=[row.id])
        )

        assert answer.status_code == 404


class TestTheExample:
    def test_hears_what_is_signed_and_nothing_else(self, firm, tmp_path):
        [port] = free_ports(1)
        made = told(firm, f"http://127.0.0.1:{port}/")
        log = (tmp_path / "heard").open("w+")
        example = subprocess.Popen(
            [sys.executable, str(RECEIVER), str(port)],
            env=os.environ | {"WEBHOOK_SECRET": made.secret},
            stdout=log,
        )
        try:
            card_payment(firm, 4_200)

            eventually(lambda: sooner(firm.id) or "payment.captured" in Path(log.name).read_text())
            assert '"amount_minor": 4200' in Path(log.name).read_text()
            forged = answer_to_forgery(port)
        finally:
            example.terminate()
            example.wait(10)
            log.close()

        assert forged == 401


def answer_to_forgery(port: int) -> int:
    headers = {
        "webhook-id": "msg_forged", "webhook-timestamp": str(int(time.time())),
        "webhook-signature": "v1,AAAA",
    }  # fmt: skip
    return httpx.post(f"http://127.0.0.1:{port}/", json={}, headers=headers).status_code
