"""Who did what in a log: by an identifier, never by an address; and refusals are told."""

import io
import json
import logging
from datetime import datetime, timedelta

import pytest
from allauth.account.utils import user_pk_to_url_str
from django.test import Client
from django.urls import reverse
from fido2.utils import websafe_encode

from encaisse.identity.models import AccessEvent
from encaisse.identity.proofs import Outcome
from encaisse.kit.logs import json_lines
from encaisse.organizations.core import Permission, Role
from factories.organizations import Firm
from factories.payments import PayableFirm
from functional.door import Person
from functional.test_api import Program
from functional.web_people import signed_in


@pytest.fixture
def lines():
    stream, handlers = io.StringIO(), []
    for name in ("encaisse", "django"):
        handler = logging.StreamHandler(stream)
        handler.setFormatter(json_lines())
        logging.getLogger(name).addHandler(handler)
        handlers.append((name, handler))
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    for name, handler in handlers:
        logging.getLogger(name).removeHandler(handler)


class TestALine:
    def test_of_somebody_signed_in_says_who_by_an_identifier(self, lines):
        firm = Firm()

        signed_in(firm).get(reverse("customers"))

        [line] = lines()
        assert line["user_id"] == str(firm.owner.id)
        assert line["organization_id"] == str(firm.id)
        assert firm.owner.email not in str(line)

    def test_of_whoever_comes_next_does_not_say_it(self, lines):
        signed_in(Firm()).get(reverse("customers"))
        Client().get(reverse("account_login"))

        assert ["user_id" in line for line in lines()] == [True, False]

    def test_is_dated_in_universal_time(self, lines):
        Client().get(reverse("account_login"))

        [line] = lines()
        assert datetime.fromisoformat(line["timestamp"]).utcoffset() == timedelta(0)


def test_a_page_refused_to_a_role_is_told_with_who_and_what(lines):
    firm = Firm()
    client = signed_in(firm, Role.AUDITOR)

    assert client.get(reverse("firm_edit")).status_code == 403

    [refused, request] = [line for line in lines() if line["logger"].startswith("encaisse")]
    assert (refused["event"], refused["level"]) == ("permission_refused", "warning")
    assert (refused["permission"], refused["role"]) == ("settings:write", "auditor")
    assert refused["user_id"] == request["user_id"] == client.session["_auth_user_id"]
    assert refused["request_id"] == request["request_id"]
    assert "@" not in str(refused)


def test_an_operation_refused_to_a_key_is_told_with_the_key(world, lines):
    firm = PayableFirm(world)
    program = Program(firm, scopes=frozenset({Permission.CUSTOMERS_READ}))

    assert Client().get("/api/v1/invoices", headers=program.headers).status_code == 403

    [refused] = [line for line in lines() if line["event"] == "scope_refused"]
    assert refused["permission"] == "invoices:read"
    assert refused["api_key_id"] == str(program.key_id)
    assert refused["organization_id"] == str(firm.id)


def answer_claiming(user) -> str:
    """What a browser would send for a passkey of somebody, signed by nobody."""
    told = {"type": "webauthn.get", "challenge": "AAAA", "origin": "http://localhost:8000"}
    credential = websafe_encode(b"nobody's passkey")
    handle = user_pk_to_url_str(user) if user else "0"
    response = {
        "clientDataJSON": websafe_encode(json.dumps(told).encode()),
        "authenticatorData": websafe_encode(bytes(37)),
        "signature": websafe_encode(b"nobody's signature"),
        "userHandle": websafe_encode(handle.encode()),
    }
    kind = {"type": "public-key", "clientExtensionResults": {}}
    return json.dumps({"id": credential, "rawId": credential, "response": response, **kind})


class TestAPasskeyRefusedAtTheDoor:
    def test_is_written_as_a_failed_access_of_whoever_it_claimed_to_be(self):
        person = Person()

        answer = shows(answer_claiming(person.user), address=person.there)

        assert answer["Location"] == reverse("account_login")
        [event] = person.accesses()
        assert (event.outcome, event.country) == (Outcome.FAILED, "BR")

    @pytest.mark.parametrize("credential", ["", "{", "[]", '"x"', "{}", answer_claiming(None)])
    def test_is_nobody_s_where_it_claims_to_be_nobody(self, credential):
        before = AccessEvent.objects.filter(user=None).count()

        assert shows(credential).status_code == 302
        assert AccessEvent.objects.filter(user=None).count() == before + 1

    def test_fills_nothing_however_often_it_is_tried(self):
        person = Person()

        claim = answer_claiming(person.user)
        statuses = [shows(claim, address=person.home).status_code for _time in range(15)]

        assert statuses == [302] * 10 + [429] * 5
        assert len(person.accesses()) == 10


def shows(credential, *, address="82.64.7.1"):
    path = reverse("mfa_login_webauthn")
    return Client().post(path, {"credential": credential}, REMOTE_ADDR=address)
