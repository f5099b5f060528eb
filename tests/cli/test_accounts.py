"""`encaisse accounts reopen`: the way back of a lone owner, from the machine itself."""

import json
import os
from uuid import uuid4

import pytest
from django.utils import timezone

from encaisse.identity.freezing import freeze, is_frozen
from factories.organizations import Firm
from functional.web_people import audited


@pytest.fixture
def reopen(encaisse):
    def run(*arguments: str):
        given = ("ENCAISSE_DATABASE_URL", "ENCAISSE_KEYSET", "ENCAISSE_KEYSET_FILE")
        known = {name: os.environ[name] for name in given if name in os.environ}
        return encaisse.run("accounts", "reopen", *arguments, **known)

    return run


def test_a_frozen_owner_enters_again(reopen):
    firm = Firm()
    freeze(user_id=firm.owner.id, by=firm.owner.id, real_now=timezone.now())

    answer = reopen(firm.owner.email.upper(), "--json")

    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["reopened"] is True
    assert not is_frozen(user_id=firm.owner.id)
    assert "access:reopened" in audited(firm)


def test_an_account_that_was_open_stays_so(reopen):
    answer = reopen(Firm().owner.email, "--json")

    assert (answer.returncode, json.loads(answer.stdout)["reopened"]) == (0, False)


def test_an_unknown_address_is_said_to_be_unknown(reopen):
    answer = reopen(f"{uuid4()}@example.test")

    assert answer.returncode == 1
    assert "Aucun compte" in answer.stderr
