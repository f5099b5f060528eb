"""Two clicks at the same moment never pass a limit that one click respects."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.urls import reverse

from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.kit.turns import take_turn
from encaisse.payments.models import PaymentRequest
from encaisse.web.welcome.first_payment import REFERENCE
from encaisse.webhooks.endpoints import LARGEST_NUMBER, add_endpoint, endpoints_of
from encaisse.webhooks.errors import TooManyEndpoints
from factories.organizations import Firm
from factories.payments import PayableFirm
from functional.web_people import signed_in

CLICKS, ROUNDS = 4, 3


def at_once(act) -> None:
    """Do it from several connections that start together."""
    together = threading.Barrier(CLICKS)

    def click(number):
        try:
            connections["default"].ensure_connection()
            together.wait(10)
            return act(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(CLICKS) as pool:
        list(pool.map(click, range(CLICKS)))


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_firm_has_five_addresses_at_most(world, _round):
    firm = Firm()
    url = "http://127.0.0.1:9/"

    def add(_number):
        try:
            add_endpoint(organization_id=firm.id, actor=firm.actor, url=url, now=business_now())
        except TooManyEndpoints:
            return

    for _number in range(LARGEST_NUMBER - 1):
        add(_number)
    at_once(add)

    assert len(endpoints_of_firm(firm)) == LARGEST_NUMBER


def endpoints_of_firm(firm):
    with acting_for(firm.id):
        return endpoints_of(organization_id=firm.id)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_first_payment_has_one_link(world, _round):
    firm = PayableFirm(world)
    clients = [signed_in(firm) for _click in range(CLICKS)]

    at_once(lambda number: clients[number].post(reverse("first_payment_begin")))

    with acting_for(firm.id):
        assert PaymentRequest.objects.filter(reference_kind=REFERENCE).count() == 1


def test_a_turn_needs_a_transaction(world):
    with pytest.raises(RuntimeError):
        take_turn(Firm().id, "anything")
