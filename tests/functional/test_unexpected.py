"""What nobody expected: an accident, the same parameter twice, files that are not there."""

import io
import json
import logging
import re
from pathlib import Path

import httpx
import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from encaisse.counterparties.models import Counterparty
from encaisse.kit.logs import json_lines
from encaisse.kit.tenancy import acting_for
from factories.payments import PayableFirm
from functional.breaking import SECRET_CAUSE
from functional.door import Person, is_in
from functional.test_api import Program
from functional.web_people import PASSWORD, signed_in


@pytest.fixture
def lines():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(json_lines())
    logger = logging.getLogger("django")
    logger.addHandler(handler)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logger.removeHandler(handler)


class TestAnAccident:
    def test_tells_people_nothing_of_its_cause_and_the_log_everything(self, settings, lines):
        settings.ROOT_URLCONF = "functional.breaking"

        answer = Client(raise_request_exception=False).get("/casse/?token=AbCdEfGhIjKlMnOp")

        page = answer.content.decode()
        assert answer.status_code == 500
        assert "internal_error" in page
        for cause in (SECRET_CAUSE, "ZeroDivisionError", "Traceback", "breaking.py", "/tests/"):
            assert cause not in page
        [line] = [line for line in lines() if line["level"] == "error"]
        assert "ZeroDivisionError" in line["exception"]
        assert "in break_down" in line["exception"]
        assert line["request_id"] == answer["X-Request-ID"]
        assert "AbCdEfGhIjKlMnOp" not in str(line)

    def test_carries_the_same_headers_as_any_answer(self, settings):
        settings.ROOT_URLCONF = "functional.breaking"

        answer = Client(raise_request_exception=False).get("/casse/")

        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert answer["Cache-Control"] == "no-store"

    def test_leaves_the_next_request_whole(self, settings):
        settings.ROOT_URLCONF = "functional.breaking"
        client = Client(raise_request_exception=False)
        client.get("/casse/")

        assert client.get(reverse("account_login")).status_code == 200


class TestTheSameParameterTwice:
    def test_in_a_form_counts_once_and_the_last_one(self):
        person = Person()
        client = Client()

        client.post(
            reverse("account_login"),
            f"login={person.user.email}&password=wrong&password={PASSWORD}",
            content_type="application/x-www-form-urlencoded",
        )
        client.post(reverse("entrance"), {"code": person.factor.recovery_codes.pop()})

        assert is_in(client)

    def test_in_an_address_is_not_taken_for_a_field_of_the_form(self):
        person = Person()
        client = Client()

        client.post(
            f"{reverse('account_login')}?password={PASSWORD}&login={person.user.email}",
            {"login": person.user.email, "password": "x" * 20},
        )

        assert not is_in(client)
        assert reverse("entrance") not in client.get(reverse("entrance")).get("Location", "")

    def test_in_the_api_is_read_as_one_and_never_as_two(self, world):
        program = Program(PayableFirm(world))

        answer = httpx.get(
            f"{program.base_url}/customers?limit=1&limit=100000", headers=program.headers
        )

        assert answer.status_code == 422

    def test_in_a_body_is_no_way_around_a_check(self, world):
        firm = PayableFirm(world)
        program = Program(firm)
        body = '{"name": "Première", "name": "Seconde", "email": "a@example.test"}'

        answer = httpx.post(
            f"{program.base_url}/customers",
            content=body,
            headers=program.headers
            | {"Content-Type": "application/json", "Idempotency-Key": "two-names"},
        )

        assert answer.json()["name"] == "Seconde"
        with acting_for(firm.id):
            assert not Counterparty.objects.filter(name="Première").exists()


@pytest.mark.parametrize(
    "path",
    [
        "/.git/config", "/.git/HEAD", "/.svn/entries", "/.env", "/.hg/store", "/.data/keyset.json",
        "/pyproject.toml", "/secret_key", "/manage.py", "/static/../config/settings.py",
        "/static/%2e%2e/%2e%2e/config/settings.py", "/static/web/../../../config/settings.py",
        "/static/.git/config", "/static/web/", "/static/", "/static",
    ],
)  # fmt: skip
def test_neither_the_sources_nor_the_list_of_a_folder_are_served(world, path):
    answer = httpx.get(f"{world.url}{path}")

    assert answer.status_code == 404
    for trace in ("[core]", "ENCAISSE_", "Index of", "web.css</a>", "primaryKeyId"):
        assert trace not in answer.text


def test_the_key_of_a_session_is_shown_to_nobody():
    firm_client = signed_in(Person().firm)
    key = firm_client.session.session_key

    for name in ("home", "mfa_index", "activity"):
        answer = firm_client.get(reverse(name))
        assert key not in answer.content.decode()
        assert key not in str(answer.headers)


def test_scripts_are_our_own_but_one_and_merge_no_data_into_objects(world):
    """What is sent by others reaches no object whose prototype it could change."""
    sources = {
        script.partition('src="')[2].partition('"')[0].partition("?")[0]
        for path in ("/compte/login/", "/compte/signup/", "/api/docs")
        for script in httpx.get(f"{world.url}{path}").text.split("<script")[1:]
    }
    ours = Path(finders.find("web/web.js")).parent.glob("*.js")

    assert sources
    assert all(one.startswith(("/static/web/", "/static/vendor/htmx-2.0.11/")) for one in sources)
    for script in ours:
        text = script.read_text()
        assert not re.search(
            r"__proto__|Object\.assign|prototype\[|prototype\.\w+ =[^=]|\beval\b|new Function", text
        )


def test_browsers_keep_the_key_of_an_agreement_and_nothing_else():
    """That key cannot be read back: it is not extractable, and it signs numbers only."""
    folder = Path(finders.find("web/web.js")).parent
    scripts = {path.name: path.read_text() for path in folder.glob("*.js")}

    assert not [
        name for name, text in scripts.items() if re.search(r"(local|session)Storage", text)
    ]
    assert [name for name, text in scripts.items() if "indexedDB" in text] == ["approvals.js"]
    assert re.search(r"generateKey\([^;]*false", scripts["approvals.js"], re.DOTALL)
