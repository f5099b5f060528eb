"""The API's own page: every operation, in French, with examples that are accepted."""

import json
import re
import shlex
from datetime import date, timedelta
from uuid import uuid4

import httpx
import pytest

from encaisse.api.app import api
from encaisse.api.reference import groups_of
from encaisse.api.reference_words import GROUPS, TITLES
from encaisse.config.catalogue import errors
from encaisse.kit.clock import business_now, paris_date
from encaisse.organizations.core import Permission
from factories.payments import PayableFirm
from functional.test_api import Program
from functional.test_story import authenticate_and_pay, open_page, the_payment

SCHEMA = api.get_openapi_schema(path_prefix="/api/v1/")


def operations(soon):
    groups = groups_of(SCHEMA, host="http://host", soon=soon)
    return {operation.id: operation for group in groups for operation in group.operations}


OPERATIONS = list(operations(date.max).values())


def example_today(operation):
    """Return the example as the page tells it now: other tests may have moved the clock."""
    return operations(paris_date(business_now()) + timedelta(days=30))[operation.id].example


@pytest.fixture(scope="module")
def firm(world):
    return PayableFirm(world)


@pytest.fixture(scope="module")
def program(firm):
    return Program(firm)


class TestThePage:
    def test_anybody_reads_every_operation_in_french_without_a_script(self, world):
        answer = httpx.get(f"{world.url}/api/docs")

        page = answer.text
        assert answer.status_code == 200
        assert [each.id for each in OPERATIONS if f'id="{each.id}"' not in page] == []
        assert "style=" not in page
        assert "'unsafe-inline'" not in answer.headers["Content-Security-Policy"]

    def test_every_link_inside_the_page_leads_somewhere(self, world):
        page = httpx.get(f"{world.url}/api/docs").text

        targets = set(re.findall(r'href="#([^"]+)"', page))
        assert targets - set(re.findall(r'id="([^"]+)"', page)) == set()
        assert [error.code for error in errors() if f'id="{error.code}"' not in page] == []

    def test_no_operation_is_left_without_french_words(self):
        names = {
            details["operationId"].removeprefix("encaisse_api_v1_")
            for methods in SCHEMA["paths"].values()
            for details in methods.values()
        }

        assert names == set(TITLES)
        assert {details["name"] for details in SCHEMA.get("tags", [])} <= set(GROUPS)

    def test_each_operation_names_a_scope_that_keys_can_carry(self):
        assert {each.scope for each in OPERATIONS} <= set(Permission)

    def test_the_description_is_served_to_programs_as_it_is_kept_in_the_documents(self, world):
        served = httpx.get(f"{world.url}/api/v1/openapi.json").json()

        assert served == json.loads(json.dumps(SCHEMA, default=str))


class TestExamples:
    @pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.id)
    def test_each_example_reaches_its_operation(self, operation, world, program):
        example = example_today(operation).replace("\\\n", " ").replace("$(uuidgen)", "key")
        words = shlex.split(example)

        headers = dict(
            words[index + 1].split(": ", 1) for index, word in enumerate(words) if word == "-H"
        )
        body = words[words.index("-d") + 1] if "-d" in words else None
        answer = httpx.request(
            operation.method,
            next(word for word in words if word.startswith("http")).replace(
                "http://host", world.url
            ),
            headers=headers | program.headers | {"Idempotency-Key": str(uuid4())},
            content=body,
        )

        assert answer.status_code in {200, 201, 404}, answer.text
        if answer.status_code == 404:
            assert answer.json()["code"] in {"not_found", "decision_unknown"}

    @pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.id)
    def test_a_key_is_asked_for_exactly_where_the_page_says_so(self, operation, world, program):
        asks = any(field.name == "Idempotency-Key" for field in operation.parameters)
        if operation.method == "GET":
            assert not asks
            return
        body = re.search(r"-d '(.*)'", operation.example)
        path = re.search(r'"http://host([^"]+)"', operation.example)[1]

        answer = httpx.post(
            f"{world.url}{path}",
            headers=program.headers | {"Content-Type": "application/json"},
            content=body[1] if body else None,
        )

        assert (answer.json().get("code") == "idempotency_key_missing") is asks


class TestTheStory:
    def test_a_program_reads_what_happened_and_where_the_money_is(self, firm, program):
        authenticate_and_pay(firm, open_page(firm, firm.request()))
        payment = the_payment(firm)

        story = program.get(f"/payments/{payment.id}/story").json()

        assert story["ending"]["kind"] == "at_provider"
        assert story["ending"]["on"]
        steps = [step["kind"] for step in story["steps"]]
        assert steps[0] == "asked"
        assert {"opened", "authenticated", "paid", "booked"} <= set(steps)
        (paid,) = [step for step in story["steps"] if step["kind"] == "paid"]
        assert {proof["kind"] for proof in paid["proofs"]} >= {"provider_id", "event", "audit"}

    def test_another_firm_s_payment_is_not_found(self, world, firm):
        stranger = Program(PayableFirm(world))

        answer = stranger.get(f"/payments/{uuid4()}/story")

        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
