"""The demonstration with its past: what there is to look at, what there is to find."""

import json
import signal
import tempfile
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from .conftest import Encaisse, find_free_port
from .test_supervisor import Up

LONGEST_START_SECONDS = 400  # a minute on an idle machine


@pytest.fixture(scope="module")
def living():
    with tempfile.TemporaryDirectory(prefix="encaisse-cli-") as folder:
        encaisse = Encaisse(Path(folder) / "data")
        running = Up(
            encaisse, find_free_port(), "demo", environment={}, seconds=LONGEST_START_SECONDS
        )
        running.first_clock = json.loads((running.data / "sandbox" / "clock.json").read_text())
        yield running
        running.stop(signal.SIGTERM)


def read(running: Up, statement) -> list[tuple]:
    """Ask the database as its owner, who sees the firm's rows through its own door."""
    known = json.loads((running.data / "demo.json").read_text())
    address = json.loads((running.data / "postgres" / "running.json").read_text())
    with psycopg.connect(address["application_url"]) as connection:
        connection.execute(
            "SELECT set_config('encaisse.organization_id', %s, true)", [known["organization_id"]]
        )
        return connection.execute(statement).fetchall()


def counted(running: Up, table: str, column: str) -> dict:
    statement = sql.SQL("SELECT {}, count(*) FROM {} GROUP BY 1")
    return dict(read(running, statement.format(sql.Identifier(column), sql.Identifier(table))))


class TestALivingFirm:
    def test_has_lived_fourteen_months(self, living):
        [(number, first, last)] = read(
            living, "SELECT count(*), min(issued_on), max(issued_on) FROM invoicing_invoice"
        )

        assert 150 <= number <= 480  # fewer on a machine that is slow or busy
        assert 400 <= (last - first).days <= 430

    def test_was_paid_late_refused_refunded_and_contested(self, living):
        invoices = counted(living, "invoicing_invoice", "state")
        refusals = counted(living, "payments_attemptrefusal", "reason")
        disputes = counted(living, "payments_dispute", "state")

        assert invoices["paid"] > 100
        assert invoices["issued"]
        assert invoices["credited"]
        assert len(refusals) >= 2
        assert disputes == {"lost": 1, "needs_response": 1}
        assert counted(living, "payments_refund", "state")["succeeded"] >= 1

    def test_has_known_frauds_false_alarms_and_cards_tried_one_after_the_other(self, living):
        cases = {
            (is_link, state): number
            for is_link, state, number in read(
                living, "SELECT is_link, state, count(*) FROM fraud_reviewcase GROUP BY 1, 2"
            )
        }

        assert cases == {
            (False, "released"): 4,
            (False, "refused"): 3,
            (True, "refused"): 1,
            (False, "waiting"): 1,
        }

    def test_let_the_others_through(self, living):
        verdicts = counted(living, "fraud_frauddecision", "verdict")

        assert verdicts["hold"] <= 10
        assert "block" not in verdicts
        # What goes wrong is always played; on a slow machine some of the ordinary jobs are not.
        assert verdicts["allow"] > 3 * verdicts["challenge"]

    def test_is_reconciled_to_the_cent_but_for_one_payout_that_came_short(self, living):
        short = read(
            living,
            "SELECT net_minor FROM payments_payout WHERE matched_at IS NULL"
            " AND paid_at < now() - interval '10 days'",
        )
        unexplained = read(
            living,
            "SELECT amount_minor FROM treasury_unmatchedtransaction AS waiting"
            " JOIN treasury_banktransaction AS line ON line.id = waiting.transaction_id"
            " WHERE amount_minor > 0",
        )

        assert len(short) == len(unexplained) == 1
        assert short[0][0] - unexplained[0][0] == 18_40

    def test_wrote_to_nobody_about_its_past(self, living):
        mails = read(living, "SELECT count(*) FROM messaging_outboundmail")

        assert mails[0][0] <= 2  # the quote of today
        assert living.first_clock["offset_seconds"] == 0


class TestComingBack:
    def test_to_the_first_day_takes_back_what_was_tried(self, living):
        before = counted(living, "counterparties_counterparty", "is_professional")
        told = Encaisse(living.data).run("sandbox", "story", "false-customer", "--json")
        tried = counted(living, "counterparties_counterparty", "is_professional")
        assert living.stop(signal.SIGTERM) == 0

        living.__init__(Encaisse(living.data), living.port, "demo --fresh", environment={})

        assert told.returncode == 0, told.stderr
        assert tried != before
        assert counted(living, "counterparties_counterparty", "is_professional") == before
        again = Encaisse(living.data).run("journey", "--json")
        assert again.returncode == 0, again.stderr

    def test_is_refused_in_words_where_no_first_day_was_kept(self, encaisse, free_port):
        answer = encaisse.run("demo", "--fresh", PORT=str(free_port))

        assert answer.returncode == 1
        assert "Aucun premier jour" in answer.stderr
