import json
import os
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import httpx
import pytest

from encaisse.cli.processes import is_alive

from .conftest import PROBE, Encaisse, find_free_port, wait_until


class Up:
    """A running `encaisse up`."""

    def __init__(self, encaisse: Encaisse, port: int, command="up", environment=PROBE, seconds=60):
        self.data = encaisse.data
        self.port = port
        self.process = encaisse.start(*command.split(), "--port", str(port), **environment)
        wait_until(self._is_ready, seconds=seconds)

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self.port + 1}"

    def children(self) -> dict[str, int]:
        """Return the process number of each child, by its name."""
        words = {
            "granian": "web",
            "encaisse.cli.worker": "worker",
            "encaisse.cli.storyteller": "storyteller",
            "postgres": "postgres",
        }
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

    def stop(self, number: signal.Signals) -> int:
        """Send a signal and return the exit code, which must come within ten seconds."""
        self.process.send_signal(number)
        self.process.communicate(timeout=10)
        return self.process.returncode


@pytest.fixture(scope="module")
def up():
    """Return an instance for the tests that leave it running."""
    with tempfile.TemporaryDirectory(prefix="encaisse-cli-") as folder:
        running = Up(Encaisse(Path(folder) / "data"), find_free_port())
        yield running
        running.stop(signal.SIGTERM)


class TestUp:
    def test_says_what_runs_and_serves_without_the_owner_s_password(self, up):
        run = json.loads((up.data / "run.json").read_text())

        health = up.health()

        assert run["base_url"] == f"http://localhost:{up.port}"
        assert run["pid"] == up.process.pid
        assert health == {"status": "ok", "knows_owner": False}

    def test_ends_everything_when_asked_and_keeps_its_keys(self, encaisse, free_port):
        keys = set()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            running = Up(encaisse, free_port)
            numbers = running.descendants()
            keys.add((running.data / "secret_key").read_bytes())
            keys.add((running.data / "keyset.json").read_bytes())

            code = running.stop(number)

            assert code == 0
            assert len(numbers) >= 6
            assert not any(is_alive(descendant) for descendant in numbers)
            assert not (running.data / "run.json").exists()
        assert len(keys) == 2

    def test_leaves_nothing_running_when_killed_and_starts_again(self, encaisse, free_port):
        killed = Up(encaisse, free_port)
        numbers = killed.descendants()

        killed.process.kill()
        killed.process.communicate()

        wait_until(lambda: not any(is_alive(number) for number in numbers), seconds=10)
        (killed.data / "run.json").unlink()
        assert Up(encaisse, free_port).stop(signal.SIGTERM) == 0

    @pytest.mark.parametrize("name", ["web", "worker", "postgres"])
    def test_starts_again_what_dies(self, up, name):
        old = up.children()[name]

        os.kill(old, signal.SIGKILL)

        wait_until(lambda: up.children().get(name, old) != old)
        wait_until(lambda: {"web", "worker", "postgres"} <= up.children().keys())
        wait_until(up.answers)
        log = (up.data / "logs" / "supervisor.log").read_text()
        assert f"{name} s’est arrêté" in log

    def test_refuses_to_run_twice_in_the_same_folder(self, up):
        second = Encaisse(up.data).run("up", "--port", str(find_free_port()), **PROBE)

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
    def test_opens_encaisse_and_a_simulated_world_in_order(self, encaisse, free_port):
        running = Up(encaisse, free_port, "demo --new", environment={})
        run = json.loads((running.data / "run.json").read_text())

        check = encaisse.run("check", "--json")
        advance = encaisse.run("sandbox", "advance", "--days", "2", "--json")
        clock = json.loads((running.data / "sandbox" / "clock.json").read_text())

        assert running.stop(signal.SIGTERM) == 0
        assert run["sandbox_url"] == f"http://localhost:{free_port + 1}"
        assert run["smtp_port"] == free_port + 2
        assert check.returncode == 0, check.stdout
        assert json.loads(advance.stdout)["ok"] is True
        assert clock["offset_seconds"] == 2 * 86_400

    def test_refuses_to_open_to_the_public(self, encaisse):
        answer = encaisse.run("demo", ENCAISSE_PUBLIC_URL="https://encaisse.example")

        assert answer.returncode == 2
        assert "ENCAISSE_PUBLIC_URL" in answer.stderr
