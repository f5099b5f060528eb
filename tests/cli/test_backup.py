"""`encaisse backup`: a copy that opens only with its keys, and that was seen to come back whole."""

import json
import os
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest

from cli.vault import IBAN, REST, Vault
from encaisse.audit.core import GENESIS, Link
from encaisse.cli.backup_database import drop_database
from encaisse.fraud.core.model import read_model, write_model
from encaisse.fraud.services.current_model import IN_USE, INSTALLED
from encaisse.kit import crypto
from encaisse.risk.calibration import Calibration
from plugins.postgres import URL_VARIABLES

PASSPHRASE = "un tuyau de cuivre bien long"


@pytest.fixture
def vault(data_folder, settings):
    vault = Vault(data_folder, settings)
    vault.fill(300)
    keep_a_journal(vault)
    yield vault
    vault.drop()
    crypto.forget_keys()


@pytest.fixture
def backup(encaisse, vault):
    def run(*arguments: str, code: int = 0, **environment: str) -> dict:
        answer = encaisse.run("backup", *arguments, "--json", **vault.environment | environment)
        assert answer.returncode == code, answer.stderr
        return json.loads(answer.stdout)

    return run


@pytest.fixture
def file(data_folder):
    return data_folder / "copie.bak"


@pytest.fixture
def phrase(data_folder):
    path = data_folder / "phrase.txt"
    path.write_text(f"{PASSPHRASE}\n")
    return str(path)


@pytest.fixture
def emptied(vault):
    """Return the variables of the same installation, whose database is new and empty."""
    with server() as connection:
        connection.execute(f"CREATE DATABASE {vault.name}_new")
    address = urlsplit(vault.urls["owner"])._replace(path=f"/{vault.name}_new").geturl()
    application = urlsplit(vault.urls["default"])._replace(path=f"/{vault.name}_new").geturl()
    yield {"ENCAISSE_OWNER_DATABASE_URL": address, "ENCAISSE_DATABASE_URL": application}
    drop_database(vault.urls["owner"], f"{vault.name}_new")


def server() -> psycopg.Connection:
    owner = urlsplit(os.environ[URL_VARIABLES["owner"]])._replace(path="/postgres").geturl()
    return psycopg.connect(owner, autocommit=True)


def keep_a_journal(vault: Vault, lines: int = 4) -> None:
    """Write a sound chain of audit lines, as the service would."""
    digest = GENESIS
    with vault.connect() as connection:
        [now] = connection.execute("SELECT now()").fetchone()
        for sequence in range(1, lines + 1):
            link = Link(vault.firm, sequence, now, "system", "test:done", "", bytes(32))
            digest = link.digest(digest)
            connection.execute(
                "INSERT INTO audit_auditentry (id, organization_id, sequence, actor, action, "
                "target, payload_digest, digest, created_at) "
                "VALUES (%s, %s, %s, 'system', 'test:done', '', %s, %s, %s)",
                [uuid4(), vault.firm, sequence, bytes(32), digest, now],
            )
        connection.execute(
            "INSERT INTO audit_audithead (id, organization_id, sequence, digest, created_at) "
            "VALUES (%s, %s, %s, %s, now())",
            [uuid4(), vault.firm, lines, digest],
        )


def test_a_copy_is_whole_private_and_says_nothing(backup, vault, file):
    made = backup("create", str(file))
    read = backup("verify", str(file))

    assert made["schema"] == "encaisse.backup.create/1"
    assert (made["audit_chains"], read["rows"]) == (1, made["rows"])
    assert file.stat().st_mode & 0o077 == 0
    content = file.read_bytes()
    assert b"counterparties" not in content
    assert IBAN.encode() not in content


def test_an_exercise_compares_everything_and_leaves_nothing(backup, vault, file):
    backup("create", str(file))

    done = backup("drill", str(file))

    assert done["rows"] > 300
    assert 0 < done["restore_seconds"] <= done["seconds"]
    with server() as connection:
        left = connection.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE 'encaisse_exercice%'"
        ).fetchall()
    assert left == []


def test_what_is_restored_elsewhere_opens_as_before(backup, vault, file, emptied):
    backup("create", str(file))

    done = backup("restore", str(file), **emptied)

    assert done["former"] is None
    vault.urls["owner"] = emptied["ENCAISSE_OWNER_DATABASE_URL"]
    assert vault.read_the_rest() == REST
    assert len(vault.phones()) == 300
    with psycopg.connect(emptied["ENCAISSE_DATABASE_URL"]) as application:
        assert application.execute("SELECT * FROM treasury_bankaccount").fetchall() == []
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            application.execute("UPDATE audit_auditentry SET actor = 'x'")


class TestTheModelsOfTheHost:
    def install(self, encaisse, vault, amount=5_000.0) -> str:
        path = vault.keyset.with_name("own.json")
        path.write_text(own_model(amount), encoding="utf-8")
        done = encaisse.run("fraud", "model", "install", str(path), "--json", **vault.environment)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)["sha256"]

    def test_come_back_with_its_database(self, encaisse, backup, vault, file, emptied):
        first = self.install(encaisse, vault)
        second = self.install(encaisse, vault, 6_000.0)
        made = backup("create", str(file))
        lost = [encaisse.data / IN_USE, *(encaisse.data / INSTALLED).iterdir()]
        for path in lost:
            path.unlink()

        backup("restore", str(file), **emptied)

        assert made["models"] == 2
        assert read_model((encaisse.data / IN_USE).read_text(encoding="utf-8")).sha256 == second
        kept = {path.name for path in (encaisse.data / INSTALLED).iterdir()}
        assert kept == {f"{one}.{end}" for one in (first, second) for end in ("json", "sig")}
        assert all(path.stat().st_mode & 0o077 == 0 for path in lost)

    def test_installed_since_weigh_no_more_and_stay_beside(
        self, encaisse, backup, vault, file, emptied
    ):
        backup("create", str(file))
        later = self.install(encaisse, vault)

        backup("restore", str(file), **emptied)

        assert not (encaisse.data / IN_USE).exists()
        assert (encaisse.data / INSTALLED / f"{later}.json").exists()

    def test_that_somebody_else_signed_are_found_by_the_exercise(
        self, encaisse, backup, vault, file
    ):
        self.install(encaisse, vault)
        backup("create", str(file))
        renew_signing_key(vault.keyset)

        failed = encaisse.run("backup", "drill", str(file), **vault.environment)

        assert failed.returncode != 0
        assert "ne pèserait aucun paiement ici" in failed.stderr

    def test_that_are_damaged_are_left_out_and_said(self, encaisse, backup, vault, file):
        sha256 = self.install(encaisse, vault)
        (encaisse.data / INSTALLED / f"{sha256}.json").write_text("{}", encoding="utf-8")

        made = encaisse.run("backup", "create", str(file), "--json", **vault.environment)

        assert json.loads(made.stdout)["models"] == 0
        assert "abîmé" in made.stderr


def renew_signing_key(keyset) -> None:
    """Give the installation the signing key of another."""
    other = keyset.with_name("other.json")
    crypto.create_keyset_file(other)
    mine, theirs = (json.loads(path.read_text(encoding="utf-8")) for path in (keyset, other))
    keyset.write_text(json.dumps({**mine, "signing": theirs["signing"]}), encoding="utf-8")


def own_model(amount: float) -> str:
    return write_model(
        features=("amount", "card_count_1h"),
        trees=[[0, amount, 0, -1.0, 1.0, 0.0]],
        calibration=Calibration((-1.0, 1.0), (0.0, 1.0)),
        metrics={"average_precision": 0.5},
        training={"data": "own", "from": "2026-01-01", "to": "2026-02-01",
                  "payments": 2, "frauds": 1},
    )  # fmt: skip


def test_a_full_database_is_put_aside_only_when_told(backup, vault, file):
    backup("create", str(file))

    assert backup("restore", str(file), code=1)["code"] == "restore_refused"

    with vault.connect() as connection:
        connection.execute("DELETE FROM counterparties_counterparty")
    done = backup("restore", str(file), "--replace")
    assert len(vault.phones()) == 300
    with server() as connection:
        connection.execute(f'DROP DATABASE "{done["former"]}"')


def test_a_database_in_use_is_not_replaced(backup, vault, file):
    backup("create", str(file))

    with psycopg.connect(vault.urls["default"]):
        refused = backup("restore", str(file), "--replace", code=1)

    assert refused["code"] == "restore_refused"


@pytest.mark.parametrize("at", [20, 900, -40_000, -10])
def test_a_changed_copy_is_refused(backup, vault, file, at):
    backup("create", str(file))
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(content)

    refused = backup("verify", str(file), code=1)

    assert refused["code"] == "sealed_file_unreadable"


@pytest.mark.parametrize("kept", [0.0, 0.001, 0.5, 0.999])
def test_a_copy_cut_short_is_refused(backup, vault, file, kept):
    backup("create", str(file))
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * kept)])

    assert backup("verify", str(file), code=1)["code"] == "sealed_file_unreadable"
    assert backup("drill", str(file), code=1)["code"] == "sealed_file_unreadable"


def test_a_copy_opens_with_its_passphrase_and_no_other(backup, vault, file, phrase, data_folder):
    other = data_folder / "autre.txt"
    other.write_text("un autre tuyau de cuivre")
    backup("create", str(file), "--passphrase-file", phrase)

    refused = backup("verify", str(file), "--passphrase-file", str(other), code=1)

    assert refused["code"] == "passphrase_wrong"
    assert backup("verify", str(file), "--passphrase-file", phrase)["rows"] > 300


def test_keys_come_along_only_when_asked_and_only_for_the_passphrase(
    backup, vault, encaisse, file, phrase
):
    kept = json.loads(vault.keyset.read_text())
    backup("create", str(file), "--with-keys", "--passphrase-file", phrase)
    vault.keyset.unlink()

    answer = encaisse.run(
        "keys", "import", str(file), "--passphrase-file", phrase, **vault.environment
    )

    assert answer.returncode == 0, answer.stderr
    assert json.loads(vault.keyset.read_text()) == kept
    assert json.loads(kept["sealing"])["key"][0]["keyData"]["value"].encode() not in (
        file.read_bytes()
    )


def test_a_copy_of_before_a_rotation_still_comes_back(backup, vault, encaisse, file):
    backup("create", str(file))
    assert encaisse.run("keys", "rotate", "--retire", **vault.environment).returncode == 0

    done = backup("restore", str(file), "--replace")

    assert vault.read_the_rest() == REST | {"index": "former"}
    assert encaisse.run("keys", "rotate", "--retire", **vault.environment).returncode == 0
    assert vault.read_the_rest() == REST
    with server() as connection:
        connection.execute(f'DROP DATABASE "{done["former"]}"')


def test_without_its_keys_nothing_is_restored(backup, vault, encaisse, file, phrase):
    backup("create", str(file), "--passphrase-file", phrase)
    vault.keyset.unlink()
    encaisse.run("keys", "init", **vault.environment)

    refused = backup("restore", str(file), "--replace", "--passphrase-file", phrase, code=1)

    assert refused["code"] == "restore_refused"
    assert "manquent" in refused["error"]


def test_the_check_asks_for_a_copy_then_for_an_exercise(backup, vault, encaisse, file):
    def said() -> str:
        document = json.loads(encaisse.run("check", "--json", **vault.environment).stdout)
        [found] = [one for one in document["checks"] if one["id"] == "backup.recent"]
        return f"{found['status']} {found['message']}"

    before = said()
    backup("create", str(file))
    between = said()
    backup("drill", str(file))

    assert before == "warn Aucune sauvegarde n’a été faite."
    assert between.startswith("warn Aucune restauration")
    assert said().startswith("ok")
