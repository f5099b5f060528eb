"""`encaisse keys`: made once, renewed while people work, counted, copied away, put back."""

import json
import signal
import stat
import threading
import time
from uuid import uuid4

import psycopg
import pytest
import tink

from cli.conftest import wait_until
from cli.vault import REST, Vault
from encaisse.kit import crypto
from encaisse.kit.crypto import Place, seal, unseal

PASSPHRASE = "un tuyau de cuivre bien long"


@pytest.fixture
def vault(data_folder, settings):
    vault = Vault(data_folder, settings)
    yield vault
    vault.drop()
    crypto.forget_keys()


@pytest.fixture
def keys(encaisse, vault):
    def run(*arguments: str, code: int = 0, **environment: str) -> dict:
        answer = encaisse.run("keys", *arguments, "--json", **vault.environment | environment)
        assert answer.returncode == code, answer.stderr
        return json.loads(answer.stdout)

    return run


@pytest.fixture
def phrase(data_folder):
    path = data_folder / "phrase.txt"
    path.write_text(f"{PASSPHRASE}\n")
    return str(path)


def key_ids(document: dict, status: str = "active") -> list[int]:
    return [
        key["id"] for key in document["keys"]
        if key["part"] == "sealing" and key["status"] == status
    ]  # fmt: skip


class TestRotation:
    def test_seals_everything_again_and_everything_still_opens(self, vault, keys):
        vault.fill()
        [old] = key_ids(keys("status"))

        done = keys("rotate")

        after = keys("status")
        assert done["values"] == 1200 + 7 + 1  # customers, one of each other kind, the index
        assert (done["resumed"], after["stale"]) == (False, 0)
        assert set(key_ids(after)) == {old, done["key_id"]}
        used = {key for column in after["columns"] for key in column["by_key"]}
        assert used == {str(done["key_id"])}
        assert sorted(vault.phones().values()) == sorted(f"06 {n}" for n in range(1200))
        assert vault.read_the_rest() == REST

    def test_puts_the_old_keys_to_sleep_then_destroys_them_when_asked(self, vault, keys):
        vault.fill(10)
        [old] = key_ids(keys("status"))
        sealed = seal("ancien", Place("t", "c", uuid4()))

        assert keys("rotate", "--retire")["retired"] == 1

        assert key_ids(keys("status"), "asleep") == [old]
        with pytest.raises(tink.TinkError):
            unseal(sealed, Place("t", "c", uuid4()))
        assert vault.read_the_rest() == REST
        assert keys("rotate", "--destroy")["destroyed"] == 1
        assert key_ids(keys("status"), "asleep") == []
        assert vault.read_the_rest() == REST

    def test_killed_half_way_goes_on_where_it_stood(self, vault, keys, encaisse):
        vault.fill(20_000)
        running = encaisse.start("keys", "rotate", **vault.environment)
        wait_until(lambda: renewed(vault) > 1000)

        running.send_signal(signal.SIGKILL)
        running.communicate()
        stopped_at = renewed(vault)

        assert 1000 < stopped_at < 20_000
        assert len(vault.phones()) == 20_000
        assert keys("rotate")["resumed"] is True
        after = keys("status")
        assert (after["stale"], len(key_ids(after))) == (0, 2)
        assert renewed(vault) == 20_000
        assert vault.read_the_rest() == REST

    def test_two_at_once_are_refused(self, vault, keys, encaisse):
        vault.fill(20_000)
        first = encaisse.start("keys", "rotate", "--json", **vault.environment)
        wait_until(lambda: renewed(vault) > 0)
        first.send_signal(signal.SIGSTOP)

        refused = keys("rotate", code=1)

        first.send_signal(signal.SIGCONT)
        first.communicate(timeout=60)
        assert (refused["ok"], refused["code"]) == (False, "rotation_running")
        assert first.returncode == 0

    def test_people_go_on_working_meanwhile(self, vault, encaisse):
        """Writers and readers that never restart: what they write and read always opens."""
        vault.fill(3_000)
        written, failures, over = {}, [], threading.Event()

        def work() -> None:
            try:
                with vault.connect() as connection:
                    while not over.is_set():
                        row_id, phone = uuid4(), f"07 {len(written)}"
                        vault.add_customer(connection, row_id, phone)
                        written[row_id] = phone
                        assert vault.phones().items() >= written.items()
            except (AssertionError, tink.TinkError, psycopg.Error) as error:
                failures.append(error)

        worker = threading.Thread(target=work)
        worker.start()
        wait_until(lambda: written or failures)

        answer = encaisse.run("keys", "rotate", "--retire", "--json", **vault.environment)
        at_the_end = len(written)
        wait_until(lambda: len(written) > at_the_end + 3 or failures)
        over.set()
        worker.join()

        assert failures == []
        assert answer.returncode == 0, answer.stderr
        assert vault.phones().items() >= written.items()

    def test_what_a_slow_writer_sealed_with_the_old_key_is_found_before_it_retires(
        self, vault, keys
    ):
        vault.fill(10)
        row_id = uuid4()
        place = Place("counterparties_counterparty", "phone", row_id, vault.firm)
        late = seal("06 99", place)
        keys("rotate")
        with vault.connect() as connection:
            vault.add_customer(connection, row_id, "")
            connection.execute(
                "UPDATE counterparties_counterparty SET phone_sealed = %s WHERE id = %s",
                [late, row_id],
            )

        refused = keys("rotate", "--destroy", code=1)

        assert refused["code"] == "keys_still_in_use"
        again = keys("rotate", "--retire")
        assert (again["resumed"], again["values"], again["retired"]) == (True, 1, 1)
        assert vault.phones()[row_id] == "06 99"

    def test_keys_of_the_environment_cannot_be_replaced(self, vault, keys):
        refused = keys("rotate", code=1, ENCAISSE_KEYSET=vault.keyset.read_text())

        assert refused["code"] == "keys_in_environment"


class TestImmutableRows:
    def test_take_another_ciphertext_from_the_owner_and_nothing_else(self, vault):
        vault.fill(1)
        with vault.connect() as owner:
            owner.execute("UPDATE providers_inboundevent SET body_sealed = body_sealed")
            with pytest.raises(psycopg.errors.RestrictViolation):
                owner.execute("UPDATE providers_inboundevent SET body_sealed = '', kind = 'x'")
            with pytest.raises(psycopg.errors.RestrictViolation):
                owner.execute("DELETE FROM providers_inboundevent")

    def test_take_nothing_from_the_application(self, vault):
        vault.fill(1)
        with (
            psycopg.connect(vault.urls["default"]) as application,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            application.execute("UPDATE providers_inboundevent SET body_sealed = body_sealed")


class TestKeysetFile:
    def test_is_refused_when_others_may_read_it(self, vault, keys):
        vault.keyset.chmod(0o640)

        refused = keys("status", code=1)

        assert refused["code"] == "keys_unreadable"
        assert "chmod 600" in refused["error"]

    def test_is_made_once_with_a_warning_about_its_loss(self, vault, encaisse):
        vault.keyset.unlink()

        made = encaisse.run("keys", "init", **vault.environment)
        before = vault.keyset.read_text()
        encaisse.run("keys", "init", **vault.environment)

        assert "Sans elles, personne ne peut plus les lire" in made.stderr
        assert stat.S_IMODE(vault.keyset.stat().st_mode) == 0o600
        assert vault.keyset.read_text() == before

    def test_of_before_is_completed_without_a_change_to_what_it_holds(self, vault, encaisse):
        before = json.loads(vault.keyset.read_text())
        old = {name: before[name] for name in ("sealing", "indexing")}
        vault.keyset.write_text(json.dumps(old))

        assert encaisse.run("keys", "init", **vault.environment).returncode == 0

        after = json.loads(vault.keyset.read_text())
        assert json.loads(after["sealing"]) == json.loads(before["sealing"])
        assert {"backup", "signing"} <= after.keys()

    @pytest.mark.parametrize("variable", ["ENCAISSE_KEYSET", "ENCAISSE_KEYSET_FILE"])
    def test_of_a_key_service_is_refused_with_its_own_code(self, vault, keys, variable):
        refused = keys("status", code=1, **{variable: "gcp-kms://projects/p/keys/k"})

        assert refused["code"] == "key_service_unsupported"


class TestExport:
    def test_puts_the_keys_back_where_they_were_lost(self, vault, keys, phrase, data_folder):
        vault.fill(10)
        away = data_folder / "away.json"
        keys("export", str(away), "--passphrase-file", phrase)
        kept = vault.keyset.read_text()
        vault.keyset.unlink()

        keys("import", str(away), "--passphrase-file", phrase)

        assert json.loads(vault.keyset.read_text()) == json.loads(kept)
        assert vault.read_the_rest() == REST
        assert "sealing" not in away.read_text()

    def test_tells_a_wrong_passphrase(self, vault, keys, phrase, data_folder):
        away, other = data_folder / "away.json", data_folder / "other.txt"
        other.write_text("un autre tuyau de cuivre")
        keys("export", str(away), "--passphrase-file", phrase)

        refused = keys("import", str(away), "--replace", "--passphrase-file", str(other), code=1)

        assert refused["code"] == "passphrase_wrong"

    def test_refuses_a_changed_file(self, vault, keys, phrase, data_folder):
        away = data_folder / "away.json"
        keys("export", str(away), "--passphrase-file", phrase)
        document = json.loads(away.read_text())
        document["content"]["time_cost"] = 8
        away.write_text(json.dumps(document))

        refused = keys("import", str(away), "--replace", "--passphrase-file", phrase, code=1)

        assert refused["code"] == "passphrase_wrong"

    def test_refuses_a_short_passphrase(self, vault, keys, data_folder):
        short = data_folder / "short.txt"
        short.write_text("quatorze lettr")

        refused = keys("export", "away.json", "--passphrase-file", str(short), code=1)

        assert refused["code"] == "passphrase_too_short"

    def test_never_replaces_keys_without_being_told(self, vault, keys, phrase, data_folder):
        away = data_folder / "away.json"
        keys("export", str(away), "--passphrase-file", phrase)

        assert keys("import", str(away), "--passphrase-file", phrase, code=2)["code"] == "usage"

    def test_is_asked_for_again_after_a_rotation(self, vault, keys, phrase, data_folder):
        assert keys("status")["export_is_complete"] is False
        keys("export", str(data_folder / "away.json"), "--passphrase-file", phrase)
        assert keys("status")["export_is_complete"] is True

        keys("rotate")

        assert keys("status")["export_is_complete"] is False


def renewed(vault: Vault) -> int:
    with vault.connect() as connection:
        row = connection.execute(
            "SELECT renewed FROM kit_keyrotation WHERE column_name = 'phone_sealed' "
            "AND table_name = 'counterparties_counterparty'"
        ).fetchone()
    time.sleep(0.005)
    return row[0] if row else 0
