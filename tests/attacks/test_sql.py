"""SQL sent on purpose where something is looked for: it is a text like another, or is refused."""

import base64
import time

import pytest
from django.test import Client
from django.urls import reverse

from attacks.walk import operations
from encaisse.counterparties.models import Counterparty
from encaisse.kit.tenancy import acting_for
from factories.payments import PayableFirm
from functional.test_api import Program
from functional.web_people import signed_in

# Far longer than any page takes on a busy machine.
_SLEEP, _LONG_SECONDS = "pg_sleep(60)", 40
PAYLOADS = [
    "' OR '1'='1",
    "1' OR 1=1 --",
    f"'; SELECT {_SLEEP}; --",
    f"x' AND 1=(SELECT 1 FROM {_SLEEP}) --",  # noqa: S608  an attack
    "'; DROP TABLE counterparties_counterparty; --",
    "0) UNION SELECT password FROM identity_user --",
    f"$$;SELECT {_SLEEP}$$",
    "%' ESCAPE '!",
    "\\'; SELECT 1; --",
    "é' OR ʼ1ʼ=ʼ1",
]
FILTERS = [
    (path, parameter["name"])
    for method, path, details in operations() if method == "get"
    for parameter in details.get("parameters", ()) if parameter["in"] in {"query", "path"}
]  # fmt: skip


@pytest.fixture(scope="module")
def firm(world):
    return PayableFirm(world)


@pytest.fixture(scope="module")
def program(firm):
    return Program(firm)


def test_the_walk_sees_every_filter_of_the_api():
    assert {"cursor", "limit"} <= {name for _path, name in FILTERS}
    assert len(FILTERS) > 20


@pytest.mark.parametrize(("path", "name"), FILTERS)
def test_a_filter_of_the_api_obeys_none(firm, program, path, name):
    for payload in PAYLOADS:
        inside = base64.urlsafe_b64encode(f"2026-01-01T00:00:00|{payload}".encode()).decode()
        for value in (payload, inside):
            began = time.monotonic()
            answer = asked(program, path, name, value)

            assert answer.status_code in {200, 400, 404, 422}, (value, answer.content)
            assert time.monotonic() - began < _LONG_SECONDS
            assert b"argon2" not in answer.content
            assert b"syntax" not in answer.content
    with acting_for(firm.id):
        assert Counterparty.objects.filter(id=firm.customer.id).exists()


def asked(program, path, name, value):
    place = "{" + name + "}"
    client = Client()
    if place in path:
        return client.get(path.replace(place, value), headers=program.headers)
    return client.get(path, {name: value}, headers=program.headers)


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize(
    ("page", "name"),
    [("customers", "q"), ("audit", "qui"), ("audit", "objet"), ("invoices", "etat")],
)
def test_a_search_of_a_page_obeys_none(firm, page, name, payload):
    began = time.monotonic()

    answer = signed_in(firm).get(reverse(page), {name: payload})

    assert answer.status_code in {200, 422}
    assert time.monotonic() - began < _LONG_SECONDS
    assert b"argon2" not in answer.content
