import os
import signal
import subprocess
import sys
from uuid import uuid4

import procrastinate
import psycopg
import pytest

from encaisse.cli.processes import dies_with_parent
from plugins.postgres import URL_VARIABLES, clone_database

from .conftest import PROBE, wait_until


@pytest.fixture(scope="module")
def database():
    """A database of its own: no other worker takes the probes' jobs."""
    return clone_database(f"probes_{uuid4().hex[:12]}")


@pytest.fixture
def worker(database):
    urls = {URL_VARIABLES[alias]: url for alias, url in database.items()}
    process = subprocess.Popen(
        [sys.executable, "-m", "encaisse.cli.worker"],
        env=os.environ | PROBE | urls,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=dies_with_parent(signal.SIGKILL),  # noqa: PLW1509  one prctl call
    )
    yield process
    process.kill()
    process.wait()


@pytest.fixture
def queue(database):
    """Queue a probe's job, as a service would."""
    connector = procrastinate.SyncPsycopgConnector(conninfo=database["default"])
    app = procrastinate.App(connector=connector)

    def add(task: str, word: str) -> None:
        with app.open():
            app.configure_task(task, allow_unknown=True).defer(word=word)

    return add


@pytest.fixture
def states(database):
    """Read the states of a probe's jobs."""

    def read(task: str, word: str) -> list[str]:
        with psycopg.connect(database["default"]) as connection:
            rows = connection.execute(
                "SELECT status FROM procrastinate_jobs WHERE task_name = %s AND args->>'word' = %s",
                [task, word],
            )
            return [status for (status,) in rows.fetchall()]

    return read


class TestWorker:
    def test_runs_what_is_queued(self, worker, queue, states):
        word = uuid4().hex

        queue("probe.note", word)

        wait_until(lambda: states("probe.note", word) == ["succeeded"])

    def test_forgets_the_jobs_of_a_transaction_that_failed(self, worker, queue, states):
        word = uuid4().hex

        queue("probe.queue_then_fail", word)

        wait_until(lambda: states("probe.queue_then_fail", word) == ["failed"])
        assert states("probe.note", word) == []

    def test_ends_when_asked(self, worker, queue, states):
        word = uuid4().hex
        queue("probe.note", word)
        wait_until(lambda: states("probe.note", word) == ["succeeded"])

        worker.send_signal(signal.SIGTERM)

        assert worker.wait(timeout=8) == 0
