import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from uuid import uuid4

import procrastinate
import psycopg
import pytest

from encaisse.cli.processes import dies_with_parent
from encaisse.kit.jobs import MAIL, PROGRAMS, UPKEEP
from plugins.postgres import URL_VARIABLES, clone_database

from .conftest import PROBE, wait_until


@pytest.fixture(scope="module")
def database():
    """A database of its own: no other worker takes the probes' jobs."""
    return clone_database(f"probes_{uuid4().hex[:12]}")


@pytest.fixture
def start_worker(database):
    urls = {URL_VARIABLES[alias]: url for alias, url in database.items()}
    processes = []

    def start(output=subprocess.DEVNULL) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-m", "encaisse.cli.worker"],
            env=os.environ | PROBE | urls,
            stdout=subprocess.DEVNULL,
            stderr=output,
            preexec_fn=dies_with_parent(signal.SIGKILL),  # noqa: PLW1509  one prctl call
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.wait()


@pytest.fixture
def worker(start_worker):
    return start_worker()


@pytest.fixture
def queue(database):
    """Queue a probe's job, as a service would."""
    connector = procrastinate.SyncPsycopgConnector(conninfo=database["default"])
    app = procrastinate.App(connector=connector)

    def add(task: str, word: str | None = None, **options: object) -> None:
        # What the clock itself queues carries the moment it was due.
        arguments = {"timestamp": 0} if word is None else {"word": word}
        with app.open():
            app.configure_task(task, allow_unknown=True, **options).defer(**arguments)

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

    @pytest.mark.parametrize("lane", [UPKEEP, MAIL, PROGRAMS])
    def test_what_lasts_in_another_lane_keeps_nobody_waiting(
        self, worker, queue, states, tmp_path, lane
    ):
        word, hanging = uuid4().hex, tmp_path / "hanging"

        queue("probe.hang_once", str(hanging), queue=lane)
        wait_until(hanging.exists)
        queue("probe.note", word)

        wait_until(lambda: states("probe.note", word) == ["succeeded"])
        assert states("probe.hang_once", str(hanging)) == ["doing"]

    def test_names_the_job_in_what_it_logs(self, start_worker, queue, states, tmp_path):
        word, log = uuid4().hex, tmp_path / "worker.log"
        with log.open("wb") as output:
            start_worker(output)

            queue("probe.queue_then_fail", word)
            wait_until(lambda: states("probe.queue_then_fail", word) == ["failed"])
            wait_until(lambda: "queue_then_fail" in log.read_text())

        [line] = [json.loads(line) for line in log.read_text().splitlines() if "queue_then" in line]
        assert line["task"] == "probe.queue_then_fail"
        assert isinstance(line["job_id"], int)
        assert line["level"] == "error"
        assert "Traceback" in line["exception"]

    def test_ends_when_asked(self, worker, queue, states):
        word = uuid4().hex
        queue("probe.note", word)
        wait_until(lambda: states("probe.note", word) == ["succeeded"])

        worker.send_signal(signal.SIGTERM)

        assert worker.wait(timeout=8) == 0


class TestKilledWorker:
    @pytest.fixture
    def interrupted(self, start_worker, queue, tmp_path):
        """Kill a worker in the middle of a job; return the job's word."""

        def interrupt(meanwhile: Callable[[], object] = lambda: None, **options: object) -> str:
            word = tmp_path / uuid4().hex
            first = start_worker()
            queue("probe.hang_once", str(word), **options)
            wait_until(word.exists)
            meanwhile()
            first.kill()
            first.wait()
            return str(word)

        return interrupt

    def test_its_job_is_done_by_the_next_worker_within_seconds(
        self, interrupted, start_worker, states
    ):
        word = interrupted()

        start_worker()

        wait_until(lambda: states("probe.hang_once", word) == ["succeeded"], seconds=25)

    def test_the_jobs_behind_it_do_not_wait_for_that(
        self, interrupted, start_worker, queue, states
    ):
        ready, other = uuid4().hex, uuid4().hex

        def start_another() -> None:
            start_worker()
            queue("probe.note", ready)
            wait_until(lambda: states("probe.note", ready) == ["succeeded"])

        word = interrupted(meanwhile=start_another)
        queue("probe.note", other)

        # Sooner than the ten seconds after which the job itself is done again.
        wait_until(lambda: states("probe.note", other) == ["succeeded"], seconds=8)
        assert states("probe.hang_once", word) == ["doing"]

    def test_a_batch_job_leaves_the_work_to_the_one_that_waits(
        self, interrupted, start_worker, queue, states
    ):
        lock = uuid4().hex
        word = interrupted(queueing_lock=lock)
        twin = uuid4().hex
        queue("probe.note", twin, queueing_lock=lock, schedule_in={"seconds": 14})

        start_worker()

        wait_until(lambda: states("probe.hang_once", word) == ["succeeded"], seconds=40)
        assert states("probe.note", twin) == ["succeeded"]


class TestFinishedJobs:
    def age(self, database, word, days):
        with psycopg.connect(database["owner"]) as connection:
            connection.execute(
                "UPDATE procrastinate_events SET at = at - make_interval(days => %s) WHERE job_id ="
                " (SELECT id FROM procrastinate_jobs WHERE args->>'word' = %s)",
                [days, word],
            )

    @pytest.mark.parametrize(("days", "left"), [(6, ["succeeded"]), (8, [])])
    def test_are_kept_a_week(self, worker, database, queue, states, days, left):
        word = uuid4().hex
        queue("probe.note", word)
        wait_until(lambda: states("probe.note", word) == ["succeeded"])
        self.age(database, word, days)

        lock = uuid4().hex
        queue("kit.forget_jobs", lock=lock)
        queue("probe.note", f"after {word}", lock=lock)

        wait_until(lambda: states("probe.note", f"after {word}") == ["succeeded"])
        assert states("probe.note", word) == left
