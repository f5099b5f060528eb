import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from encaisse.cli.processes import is_alive

from .conftest import Encaisse, wait_until

PROBE = {
    "DJANGO_SETTINGS_MODULE": "cli.probe.settings",
    "PYTHONPATH": str(Path(__file__).parents[1]),
}


class Up:
    """A running `encaisse up`."""

    def __init__(self, encaisse: Encaisse, port: int):
        self.data = encaisse.data
        self.port = port
        self.process = encaisse.start("up", "--port", str(port), **PROBE)
        wait_until(self._is_ready, seconds=60)

    def children(self) -> dict[str, int]:
        """Return the process number of each child, by its name."""
        words = {"granian": "web", "encaisse.cli.worker": "worker", "postgres": "postgres"}
        answer = subprocess.run(
            ["ps", "-o", "pid=,args=", "--ppid", str(self.process.pid)],
            capture_output=True,
            text=True,
            check=False,
        )
        found = {}
        for line in answer.stdout.splitlines():
            number, _, command = line.strip().partition(" ")
            for word, name in words.items():
                if word in command and "defunct" not in command:
                    found[name] = int(number)
        return found

    def descendants(self) -> list[int]:
        """Return every process started below, which all name the folder or the port."""
        seen, queue = [], [self.process.pid]
        while queue:
            parent = queue.pop()
            tasks = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
            seen += [int(task) for task in tasks]
            queue += [int(task) for task in tasks]
        return seen

    def health(self) -> dict[str, object]:
        return httpx.get(f"http://127.0.0.1:{self.port}/healthz", trust_env=False).json()

    def answers(self) -> bool:
        try:
            return self.health()["status"] == "ok"
        except httpx.TransportError:
            return False

    def _is_ready(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(self.process.stderr.read())
        return (self.data / "run.json").exists()


@pytest.fixture
def up(encaisse, free_port):
    running = Up(encaisse, free_port)
    yield running
    running.process.kill()
    running.process.communicate()


def _all_end(numbers: list[int]) -> None:
    wait_until(lambda: not any(is_alive(number) for number in numbers), seconds=10)


class TestUp:
    def test_says_what_runs_and_serves_without_the_owner_s_password(self, up):
        run = json.loads((up.data / "run.json").read_text())

        health = up.health()

        assert run["base_url"] == f"http://localhost:{up.port}"
        assert run["pid"] == up.process.pid
        assert health == {"status": "ok", "knows_owner": False}

    def test_keeps_its_keys_to_itself_and_from_start_to_start(self, encaisse, free_port):
        names = ("secret_key", "keyset.json")
        first = Up(encaisse, free_port)
        before = [(first.data / name).read_bytes() for name in names]
        first.process.send_signal(signal.SIGTERM)
        first.process.communicate(timeout=10)

        second = Up(encaisse, free_port)
        after = [(second.data / name).read_bytes() for name in names]
        second.process.send_signal(signal.SIGTERM)
        second.process.communicate(timeout=10)

        modes = {(second.data / name).stat().st_mode & 0o777 for name in names}
        assert after == before
        assert modes == {0o600}

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_ends_everything_when_asked(self, up, number):
        numbers = up.descendants()

        up.process.send_signal(number)
        up.process.communicate(timeout=10)

        assert up.process.returncode == 0
        assert not any(is_alive(descendant) for descendant in numbers)
        assert not (up.data / "run.json").exists()

    def test_leaves_nothing_running_when_killed(self, up):
        numbers = up.descendants()

        up.process.kill()

        _all_end(numbers)

    @pytest.mark.parametrize("name", ["web", "worker", "postgres"])
    def test_starts_again_what_dies(self, up, name):
        old = up.children()[name]

        os.kill(old, signal.SIGKILL)

        wait_until(lambda: up.children().get(name, old) != old)
        wait_until(up.answers)
        wait_until(lambda: {"web", "worker", "postgres"} <= up.children().keys())
        log = (up.data / "logs" / "supervisor.log").read_text()
        assert f"{name} s’est arrêté" in log

    def test_refuses_to_run_twice_in_the_same_folder(self, encaisse, up):
        second = encaisse.run("up", "--port", str(up.port + 100), **PROBE)

        assert second.returncode == 1
        assert "tourne déjà" in second.stderr
        assert f"http://localhost:{up.port}" in second.stderr

    def test_ends_at_once_when_stopped_while_starting(self, encaisse, free_port):
        process = encaisse.start("up", "--port", str(free_port), **PROBE)
        wait_until((encaisse.data / "postgres" / "running.json").exists)

        process.send_signal(signal.SIGTERM)
        started = time.monotonic()
        process.communicate(timeout=10)

        assert process.returncode == 0
        assert time.monotonic() - started < 10

    def test_shows_the_end_of_the_log_when_something_cannot_start(self, encaisse, free_port):
        broken = PROBE | {"DJANGO_SETTINGS_MODULE": "cli.probe.missing"}

        answer = encaisse.run("up", "--port", str(free_port), **broken)

        assert answer.returncode == 1
        assert "No module named 'cli.probe.missing'" in answer.stderr


class TestPorts:
    @pytest.mark.parametrize("offset", [0, 1, 2])
    def test_names_the_port_that_is_taken(self, encaisse, free_port, offset):
        with socket.create_server(("127.0.0.1", free_port + offset)):
            answer = encaisse.run("demo", PORT=str(free_port), **PROBE)

        assert answer.returncode == 1
        assert f"Le port {free_port + offset} est déjà pris" in answer.stderr
        assert not (encaisse.data / "postgres").exists()

    @pytest.mark.parametrize("port", ["0", "65535", "eight"])
    def test_refuses_an_impossible_port(self, encaisse, port):
        answer = encaisse.run("up", PORT=port, **PROBE)

        assert answer.returncode == 2


class TestDemo:
    def test_refuses_to_open_to_the_public(self, encaisse):
        answer = encaisse.run("demo", ENCAISSE_PUBLIC_URL="https://encaisse.example")

        assert answer.returncode == 2
        assert "ENCAISSE_PUBLIC_URL" in answer.stderr
