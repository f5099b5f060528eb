"""The journal taken elsewhere: verified with a public key and nothing else."""

import json
import os

import pytest
from django.db import ProgrammingError, connections

from cli.conftest import Encaisse
from cli.test_audit import Journal
from encaisse.audit.checkpoints import sign_checkpoint
from encaisse.audit.models import AuditCheckpoint
from encaisse.audit.services import record
from encaisse.kernel.actor import SYSTEM
from encaisse.kit.crypto import public_keys
from encaisse.kit.keyring import KeyRing
from encaisse.kit.models import SubjectKey
from encaisse.kit.tenancy import acting_for
from factories.organizations import NOW, Firm

OURS = ("ENCAISSE_DATABASE_URL", "ENCAISSE_KEYSET", "ENCAISSE_KEYSET_FILE")


@pytest.fixture
def journal():
    return Journal(Firm())


@pytest.fixture
def exported(encaisse, journal, data_folder):
    """Return the lines of the firm's export, facts included."""

    def export() -> list[dict]:
        path = data_folder / "journal.jsonl"
        path.unlink(missing_ok=True)
        known = {name: os.environ[name] for name in OURS if name in os.environ}
        answer = encaisse.run(
            "audit", "export", str(path), "--with-facts",
            "--organization", str(journal.firm.id), **known,
        )  # fmt: skip
        assert answer.returncode == 0, answer.stderr
        return [json.loads(line) for line in path.read_text().splitlines()]

    return export


@pytest.fixture
def verify(encaisse: Encaisse, data_folder):
    """Verify lines on a machine that has neither database, nor folder, nor keys."""

    def run(lines: list[dict], key: str | None = None) -> tuple[int, dict]:
        path = data_folder / "read.jsonl"
        path.write_text("\n".join(json.dumps(line) for line in lines))
        answer = encaisse.run(
            "audit", "verify", "--export", str(path), "--json",
            "--public-key", key or public_keys()[0].hex(),
        )  # fmt: skip
        document = json.loads(answer.stdout)
        return answer.returncode, document.get("organizations", [document])[0]

    return run


def test_an_export_nobody_touched_is_whole_and_signed(exported, verify):
    code, found = verify(exported())

    assert (code, found["ok"], found["broken_at"]) == (0, True, None)
    assert (found["entries"], found["signed_until"], found["erased"]) == (6, 6, 0)


def entry(lines: list[dict], sequence: int) -> dict:
    return next(x for x in lines if x.get("kind") == "entry" and x["sequence"] == sequence)


def rewrite_a_line(lines):
    entry(lines, 3)["actor"] = "somebody"


def rewrite_a_fact(lines):
    entry(lines, 4)["payload"]["facts"]["number"] = 99


def take_a_line_away(lines):
    lines.remove(entry(lines, 2))


def swap_two_lines(lines):
    first, second = lines.index(entry(lines, 4)), lines.index(entry(lines, 5))
    lines[first], lines[second] = lines[second], lines[first]


def cut_the_end_off(lines):
    lines.remove(entry(lines, 6))


def take_the_signature_away(lines):
    lines[:] = [line for line in lines if line.get("kind") != "checkpoint"]


@pytest.mark.parametrize(
    ("alter", "broken_at", "reason"),
    [
        (rewrite_a_line, 3, "changée"),
        (rewrite_a_fact, 4, "détails"),
        (take_a_line_away, 2, "manque"),
        (swap_two_lines, 4, "manque"),
        (cut_the_end_off, 6, "manque"),
        (take_the_signature_away, 1, "aucun sceau"),
    ],
)
def test_the_first_broken_link_is_named(exported, verify, alter, broken_at, reason):
    lines = exported()
    alter(lines)

    code, found = verify(lines)

    assert (code, found["ok"], found["broken_at"]) == (1, False, broken_at)
    assert reason in found["reason"]


def test_a_journal_wholly_written_anew_is_not_signed_by_us(exported, verify):
    other = KeyRing.new(NOW).public_keys()[0].hex()

    code, found = verify(exported(), key=other)

    assert code == 1
    assert "pas signé par cette installation" in found["reason"]


def test_facts_erased_with_their_key_leave_a_chain_that_verifies(journal, exported, verify):
    with acting_for(journal.firm.id):
        record(
            organization_id=journal.firm.id, actor=SYSTEM, action="test:done",
            facts={"name": "Camille"}, now=NOW, subject="customer:1",
        )  # fmt: skip
        SubjectKey.objects.filter(subject="customer:1").delete()

    lines = exported()
    code, found = verify(lines)

    assert (code, found["entries"], found["erased"]) == (0, 7, 1)
    assert "Camille" not in json.dumps(lines)


def test_the_end_is_signed_once_until_it_moves(journal):
    def sign():
        return sign_checkpoint(organization_id=journal.firm.id, now=NOW)

    assert sign() is not None
    assert sign() is None
    with acting_for(journal.firm.id):
        record(organization_id=journal.firm.id, actor=SYSTEM, action="test:done", facts={}, now=NOW)
    assert sign().sequence == 7


def test_a_chain_rewritten_behind_its_signature_is_found_in_the_database_too(journal, encaisse):
    sign_checkpoint(organization_id=journal.firm.id, now=NOW)
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditcheckpoint DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE audit_auditcheckpoint SET head = %s WHERE organization_id = %s",
            [bytes(32), journal.firm.id],
        )
        cursor.execute("ALTER TABLE audit_auditcheckpoint ENABLE TRIGGER USER")
    known = {name: os.environ[name] for name in OURS if name in os.environ}

    answer = encaisse.run(
        "audit", "verify", "--organization", str(journal.firm.id), "--json", **known
    )

    assert answer.returncode == 1
    assert json.loads(answer.stdout)["organizations"][0]["broken_at"] == 6


def test_a_checkpoint_cannot_be_changed(journal):
    sign_checkpoint(organization_id=journal.firm.id, now=NOW)

    with pytest.raises(ProgrammingError, match="permission denied"), acting_for(journal.firm.id):
        AuditCheckpoint.objects.update(sequence=1)
