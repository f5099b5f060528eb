import os
import signal
import subprocess
import sys
from uuid import uuid4

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from encaisse.cli.processes import dies_with_parent

from .conftest import PROBE, wait_until


@pytest.fixture
def worker():
    process = subprocess.Popen(
        [sys.executable, "-m", "encaisse.cli.worker"],
        env=os.environ | PROBE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=dies_with_parent(signal.SIGKILL),  # noqa: PLW1509  one prctl call
    )
    yield process
    process.kill()
    process.wait()


def _queue(task: str, word: str) -> None:
    app.configure_task(task, allow_unknown=True).defer(word=word)


def _states(task: str, word: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT status FROM procrastinate_jobs WHERE task_name = %s AND args->>'word' = %s",
            [task, word],
        )
        return [status for (status,) in cursor.fetchall()]


class TestWorker:
    def test_runs_what_is_queued(self, worker):
        word = uuid4().hex

        _queue("probe.note", word)

        wait_until(lambda: _states("probe.note", word) == ["succeeded"])

    def test_forgets_the_jobs_of_a_transaction_that_failed(self, worker):
        word = uuid4().hex

        _queue("probe.queue_then_fail", word)

        wait_until(lambda: _states("probe.queue_then_fail", word) == ["failed"])
        assert _states("probe.note", word) == []

    def test_ends_when_asked(self, worker):
        word = uuid4().hex
        _queue("probe.note", word)
        wait_until(lambda: _states("probe.note", word) == ["succeeded"])

        worker.send_signal(signal.SIGTERM)

        assert worker.wait(timeout=8) == 0
