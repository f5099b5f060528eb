"""`encaisse audit verify`, on chains that somebody with the owner's role rewrote."""

import json
import os
from dataclasses import dataclass
from uuid import uuid4

import pytest
from django.db import connections

from encaisse.audit.services import record
from encaisse.kernel.actor import SYSTEM
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.queries import profile
from factories.organizations import NOW, Firm

GUARDED = ("audit_auditentry", "audit_auditpayload", "audit_audithead")


@dataclass
class Journal:
    """A firm whose journal has a few lines."""

    firm: Firm

    def __post_init__(self) -> None:
        with acting_for(self.firm.id):
            for number in range(5):
                record(
                    organization_id=self.firm.id, actor=SYSTEM, action="test:done",
                    facts={"number": number}, now=NOW,
                )  # fmt: skip

    def tamper(self, statement: str) -> None:
        """Run a statement as the owner of the tables, their guards put to sleep."""
        with connections["owner"].cursor() as cursor:
            for table in GUARDED:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            try:
                cursor.execute(statement, {"firm": self.firm.id})
                assert cursor.rowcount > 0
            finally:
                for table in GUARDED:
                    cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@pytest.fixture
def journal():
    return Journal(Firm())


@pytest.fixture
def verify(encaisse):
    def run(*arguments: str):
        given = ("ENCAISSE_DATABASE_URL", "ENCAISSE_KEYSET", "ENCAISSE_KEYSET_FILE")
        known = {name: os.environ[name] for name in given if name in os.environ}
        return encaisse.run("audit", "verify", *arguments, **known)

    return run


def test_a_journal_nobody_touched_is_whole(journal, verify):
    answer = verify("--organization", str(journal.firm.id), "--json")

    document = json.loads(answer.stdout)
    (found,) = document["organizations"]
    assert answer.returncode == 0, answer.stderr
    assert (document["schema"], document["ok"]) == ("encaisse.audit/1", True)
    assert (found["entries"], found["broken_at"]) == (6, None)
    assert len(found["head"]) == 64


REWRITE_LINE = """
    UPDATE audit_auditentry SET actor = 'x' WHERE organization_id = %(firm)s AND sequence = 3
"""
MOVE_IN_TIME = """
    UPDATE audit_auditentry SET created_at = created_at - interval '1 hour'
    WHERE organization_id = %(firm)s AND sequence = 4
"""
SWAP_FACTS = """
    UPDATE audit_auditpayload AS changed SET sealed = other.sealed
    FROM audit_auditpayload AS other
    JOIN audit_auditentry AS its_entry ON its_entry.id = other.entry_id
    WHERE changed.organization_id = %(firm)s AND other.organization_id = %(firm)s
      AND its_entry.sequence = 2
      AND changed.entry_id = (
          SELECT id FROM audit_auditentry WHERE organization_id = %(firm)s AND sequence = 5)
"""
TAKE_FACTS_AWAY = """
    DELETE FROM audit_auditpayload WHERE organization_id = %(firm)s AND entry_id = (
        SELECT id FROM audit_auditentry WHERE organization_id = %(firm)s AND sequence = 2)
"""
CUT_THE_END_OFF = """
    WITH gone AS (
        DELETE FROM audit_auditpayload WHERE organization_id = %(firm)s AND entry_id = (
            SELECT id FROM audit_auditentry WHERE organization_id = %(firm)s AND sequence = 6))
    DELETE FROM audit_auditentry WHERE organization_id = %(firm)s AND sequence = 6
"""
PUT_THE_HEAD_BACK = "UPDATE audit_audithead SET sequence = 5 WHERE organization_id = %(firm)s"
TAKE_THE_HEAD_AWAY = "DELETE FROM audit_audithead WHERE organization_id = %(firm)s"


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        pytest.param(REWRITE_LINE, 3, id="a line rewritten"),
        pytest.param(MOVE_IN_TIME, 4, id="a line moved in time"),
        pytest.param(SWAP_FACTS, 5, id="facts swapped"),
        pytest.param(TAKE_FACTS_AWAY, 2, id="facts taken away"),
        pytest.param(CUT_THE_END_OFF, 6, id="the end cut off"),
        pytest.param(PUT_THE_HEAD_BACK, 6, id="the head put back"),
        pytest.param(TAKE_THE_HEAD_AWAY, 1, id="the head taken away"),
    ],
)
def test_the_first_line_that_does_not_hold_is_told(journal, verify, statement, line):
    journal.tamper(statement)

    told = verify("--organization", str(journal.firm.id))
    document = json.loads(verify("--organization", str(journal.firm.id), "--json").stdout)

    assert told.returncode == 1
    assert told.stdout.startswith("ROMPUE")
    assert f"ligne {line}" in told.stdout
    assert document["ok"] is False
    assert document["organizations"][0]["broken_at"] == line


def test_every_firm_is_walked_even_behind_a_broken_one(journal, verify):
    journal.tamper(REWRITE_LINE)
    sound = Journal(Firm())

    document = json.loads(verify("--json").stdout)

    found = {one["organization_id"]: one["ok"] for one in document["organizations"]}
    assert found[str(journal.firm.id)] is False
    assert found[str(sound.firm.id)] is True


def test_a_firm_is_named_by_its_siren_too(journal, verify):
    with acting_for(journal.firm.id):
        siren = profile(organization_id=journal.firm.id).siren

    assert verify("--organization", siren).returncode == 0


def test_a_firm_unknown_is_a_mistake_of_the_command(verify):
    answer = verify("--organization", str(uuid4()))

    assert answer.returncode == 2
    assert "Aucune entreprise" in answer.stderr


def test_without_an_instance_it_says_that_nothing_runs(encaisse):
    assert encaisse.run("audit", "verify").returncode == 3
