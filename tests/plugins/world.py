"""Encaisse itself, served and working, beside the real sandbox: what journeys run against."""

import os
import subprocess
import time
from pathlib import Path

import httpx
import pytest
from django.db import connection

from encaisse.cli.supervisor import python_module
from encaisse.cli.web_server import web_command
from plugins.ports import free_ports
from sandbox.harness import CONTROL, Sandbox

START_SECONDS = 90
# Much has happened at the first look already; what has not is looked for without haste.
_FIRST_LOOK_SECONDS, _LOOK_SECONDS = 0.01, 0.1


class World:
    """The sandbox, a web server and a worker on this test worker's own database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sandbox = Sandbox(folder).start()
        self.sandbox.by_day()
        self.port = free_ports(1)[0]
        self.url = f"http://127.0.0.1:{self.port}"
        self.web = None
        self.worker = None

    def environment(self) -> dict[str, str]:
        secret = self.folder / "secret_key"
        secret.write_text("tests-only")
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "encaisse.config.settings",
            "ENCAISSE_DATA_DIR": str(self.folder),
            "ENCAISSE_SECRET_KEY_FILE": str(secret),
            "ENCAISSE_PUBLIC_URL": self.url,
            "ENCAISSE_SANDBOX_URL": self.sandbox.url,
            "ENCAISSE_SMTP_URL": f"smtp://127.0.0.1:{self.sandbox.smtp_port}",
            "ENCAISSE_DEMO": "1",
            "ENCAISSE_CLOCK_FILE": str(self.sandbox.data / "clock.json"),
        }

    def start_web(self) -> None:
        # As `encaisse up` starts it: a connection of its own for each request costs as much as it.
        self.web = self._start("web", web_command(port=self.port), ENCAISSE_DATABASE_POOL="1")
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self.web.poll() is None, (self.folder / "web.log").read_text()
            assert time.monotonic() < deadline, (self.folder / "web.log").read_text()
            time.sleep(0.1)

    def start_worker(self) -> None:
        self.worker = self._start("worker", python_module("encaisse.cli.worker"))

    def stop_worker(self) -> None:
        if self.worker is not None:
            self.worker.kill()
            self.worker.wait()
            self.worker = None

    def stop(self) -> None:
        self.stop_worker()
        if self.web is not None:
            self.web.terminate()
            self.web.wait(10)
        self.sandbox.close()

    def control(self, path: str, body: dict | None = None, *, method: str = "POST"):
        answer = httpx.request(
            method, f"{self.sandbox.url}/control{path}", json=body, headers=CONTROL, timeout=60
        )
        assert answer.is_success, answer.text
        return answer.json()

    def _start(self, name: str, command: list[str], **more: str) -> subprocess.Popen:
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                command,
                env=self.environment() | more,
                stdout=log,
                stderr=log,
            )

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", timeout=1).is_success
        except httpx.TransportError:
            return False


@pytest.fixture(scope="session")
def world(tmp_path_factory, django_db_setup):
    """Start everything once per test worker; each test brings its own firm."""
    from django.conf import settings  # noqa: PLC0415  configured by pytest-django, after import

    running = World(tmp_path_factory.mktemp("world"))
    settings.ENCAISSE_SANDBOX_URL = running.sandbox.url
    settings.ENCAISSE_PUBLIC_URL = running.url
    settings.PUBLIC_URL = running.url
    settings.DEMO = True
    settings.ENCAISSE_CLOCK_FILE = running.sandbox.data / "clock.json"
    running.start_web()
    running.start_worker()
    yield running
    running.stop()


def eventually(check, *, seconds: float = 90.0):
    """Return the first true answer of `check`; fail with its last answer after a while."""
    deadline = time.monotonic() + seconds
    pause = _FIRST_LOOK_SECONDS
    while True:
        answer = check()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"still {answer!r} after {seconds} s"
        time.sleep(pause)
        pause = min(2 * pause, _LOOK_SECONDS)


def sooner(organization_id) -> None:
    """Have a worker take at once what it would try again later for this organization."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH due AS (
                UPDATE procrastinate_jobs SET scheduled_at = now()
                WHERE args->>'organization_id' = %s AND status = 'todo' AND scheduled_at > now()
                RETURNING id
            )
            SELECT pg_notify('procrastinate_any_queue_v1',
                             json_build_object('type', 'job_inserted', 'job_id', id)::text)
            FROM due
            """,
            [str(organization_id)],
        )
