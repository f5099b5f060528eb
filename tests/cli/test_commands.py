import json
import os
import socket
import subprocess
import sys
import time

import psycopg
import pytest

from encaisse.cli.main import main
from encaisse.cli.postgres import ensure_cluster

CHECKS = {
    "database.reachable",
    "database.version",
    "roles.application_not_privileged",
    "rls.every_tenant_table",
    "rls.probe",
    "migrations.applied",
    "worker.heartbeat",
    "mail.reachable",
    "keys.readable",
    "disk.space",
    "clock.skew",
    "provider.webhook_round_trip",
}


def _statuses(output: str) -> dict[str, str]:
    return {check["id"]: check["status"] for check in json.loads(output)["checks"]}


class TestHelp:
    @pytest.mark.parametrize(
        "command",
        [
            [],
            ["up"],
            ["demo"],
            ["migrate"],
            ["check"],
            ["sandbox"],
            ["manage"],
            ["worker"],
            ["audit"],
        ],
    )
    def test_explains_every_command(self, capsys, command):
        with pytest.raises(SystemExit) as ended:
            main([*command, "--help"])

        assert ended.value.code == 0
        assert "usage: encaisse" in capsys.readouterr().out

    def test_answers_at_once(self):
        script = (
            "import sys; from encaisse.cli.main import build_parser; build_parser();"
            "print([m for m in ('django', 'psycopg', 'httpx', 'tink') if m in sys.modules])"
        )

        answer = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        )

        assert answer.stdout.strip() == "[]"

    def test_refuses_what_it_does_not_know(self, capsys):
        with pytest.raises(SystemExit) as ended:
            main(["fly"])

        assert ended.value.code == 2


class TestMigrate:
    def test_prepares_a_database_and_leaves_none_running(self, encaisse):
        answer = encaisse.run("migrate")

        with ensure_cluster(encaisse.data) as cluster, psycopg.connect(cluster.owner_url) as owner:
            count = owner.execute("SELECT count(*) FROM django_migrations").fetchone()[0]
        assert answer.returncode == 0, answer.stderr
        assert count > 0

    def test_asks_for_the_owner_of_a_given_database(self, encaisse):
        answer = encaisse.run("migrate", ENCAISSE_DATABASE_URL="postgresql://app@/x?host=/none")

        assert answer.returncode == 2
        assert "ENCAISSE_OWNER_DATABASE_URL" in answer.stderr


class TestManage:
    def test_passes_options_and_exit_code_on(self, encaisse):
        url = {"ENCAISSE_DATABASE_URL": os.environ["ENCAISSE_DATABASE_URL"]}
        command = [
            *(sys.executable, "-m", "encaisse.cli", "manage"),
            *("--data-dir", str(encaisse.data), "shell", "-v", "0", "-c"),
        ]

        codes = [
            subprocess.run([*command, code], env=os.environ | url, check=False).returncode
            for code in ("pass", "raise SystemExit(5)")
        ]

        assert codes == [0, 5]


class TestCheck:
    def test_says_that_nothing_runs(self, encaisse):
        answer = encaisse.run("check", "--json")

        document = json.loads(answer.stdout)
        assert answer.returncode == 3
        assert document["schema"] == "encaisse.check/1"
        assert document["ok"] is False
        assert {check["id"] for check in document["checks"]} >= CHECKS

    def test_finds_the_database_of_the_tests_in_order(self, encaisse):
        answer = encaisse.run(
            "check", "--json", ENCAISSE_DATABASE_URL=os.environ["ENCAISSE_DATABASE_URL"]
        )

        statuses = _statuses(answer.stdout)
        in_order = {name for name, status in statuses.items() if status == "ok"}
        assert in_order >= {
            "database.reachable",
            "database.version",
            "roles.application_not_privileged",
            "rls.every_tenant_table",
            "rls.probe",
            "migrations.applied",
            "clock.skew",
        }
        assert statuses["keys.readable"] == "fail"
        assert statuses["mail.reachable"] == "fail"

    @pytest.mark.parametrize(
        ("address", "status"),
        [("", "warn"), ("http://127.0.0.1:{port}/sms", "ok"), ("http://127.0.0.1:1/sms", "fail")],
    )
    def test_looks_whether_texts_can_leave_without_sending_one(self, encaisse, address, status):
        with socket.create_server(("127.0.0.1", 0)) as server:
            answer = encaisse.run(
                "check",
                "--json",
                ENCAISSE_DATABASE_URL=os.environ["ENCAISSE_DATABASE_URL"],
                ENCAISSE_SMS_URL=address.format(port=server.getsockname()[1]),
            )

        assert _statuses(answer.stdout)["texts.reachable"] == status

    def test_denounces_a_connection_that_passes_the_walls(self, encaisse):
        answer = encaisse.run(
            "check", "--json", ENCAISSE_DATABASE_URL=os.environ["ENCAISSE_OWNER_DATABASE_URL"]
        )

        assert _statuses(answer.stdout)["roles.application_not_privileged"] == "fail"
        assert answer.returncode == 1

    def test_denounces_a_table_without_walls(self, encaisse):
        with psycopg.connect(os.environ["ENCAISSE_OWNER_DATABASE_URL"]) as owner:
            owner.execute("CREATE TABLE open_tenant (organization_id uuid)")
            owner.execute("INSERT INTO open_tenant VALUES (gen_random_uuid())")
        try:
            answer = encaisse.run(
                "check", "--json", ENCAISSE_DATABASE_URL=os.environ["ENCAISSE_DATABASE_URL"]
            )
        finally:
            with psycopg.connect(os.environ["ENCAISSE_OWNER_DATABASE_URL"]) as owner:
                owner.execute("DROP TABLE open_tenant")

        statuses = _statuses(answer.stdout)
        assert statuses["rls.every_tenant_table"] == "fail"
        assert statuses["rls.probe"] == "fail"

    def test_gives_a_cure_with_each_failure(self, encaisse):
        document = json.loads(encaisse.run("check", "--json").stdout)

        failing = [check for check in document["checks"] if check["status"] == "fail"]
        assert all(check["cure"] for check in failing)

    def test_does_not_wait_long_for_a_database_that_is_away(self, encaisse):
        started = time.monotonic()

        answer = encaisse.run("check", "--json", ENCAISSE_DATABASE_URL="postgresql://a@/b?host=/no")

        assert answer.returncode == 1
        assert time.monotonic() - started < 20


class TestSandbox:
    @pytest.mark.parametrize(
        "action",
        [
            ["status"],
            ["advance"],
            ["chaos"],
            ["transfer", "--iban=FR76", "--amount=1", "--label=x"],
        ],
    )
    def test_says_that_nothing_runs(self, encaisse, action):
        answer = encaisse.run("sandbox", *action)

        assert answer.returncode == 3
        assert "encaisse demo" in answer.stderr

    def test_answers_one_document_even_when_it_fails(self, encaisse):
        answer = encaisse.run("sandbox", "status", "--json")

        document = json.loads(answer.stdout)
        assert document["ok"] is False
        assert "encaisse demo" in document["error"]

    def test_does_not_take_a_reused_process_number_for_encaisse(self, encaisse):
        encaisse.data.mkdir()
        run = {"base_url": "", "sandbox_url": "", "smtp_port": 0, "pid": 1, "started_at": ""}
        (encaisse.data / "run.json").write_text(json.dumps(run))

        assert encaisse.run("sandbox", "status").returncode == 3

    def test_looks_for_the_sandbox_next_to_the_given_address(self, encaisse, free_port):
        answer = encaisse.run("sandbox", "status", "--url", f"http://localhost:{free_port}")

        assert answer.returncode == 3
        assert f"http://localhost:{free_port + 1}/control/clock" in answer.stderr

    @pytest.mark.parametrize("amount", ["zero", "-5", "0", "1,234"])
    def test_refuses_an_impossible_amount(self, encaisse, amount):
        transfer = ("transfer", "--iban=FR76", f"--amount={amount}", "--label=x")

        answer = encaisse.run("sandbox", *transfer, ENCAISSE_URL="http://localhost:1")

        assert answer.returncode == 2
