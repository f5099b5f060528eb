"""Keep a set of child processes alive, and leave none behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from encaisse.cli.errors import CommandFailed
from encaisse.cli.files import last_lines
from encaisse.cli.output import PROGRESS, say
from encaisse.cli.postgres import Cluster
from encaisse.cli.postgres_server import PostgresFailed
from encaisse.cli.processes import dies_with_parent

_POLL_SECONDS = 0.2
_READY_SECONDS = 90.0
_STOP_SECONDS = 4.0
_LONGEST_PAUSE_SECONDS = 30.0
_STEADY_SECONDS = 60.0
_REACTION_SECONDS = 0.05
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StoppedEarly(Exception):
    """A stop signal came before everything was ready: not a failure."""


@dataclass(frozen=True, slots=True)
class Program:
    """What to run, and how to know that it is ready."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    is_ready: Callable[[], bool]
    # What the kernel sends when the supervisor is killed and nobody is left to insist.
    death_signal: signal.Signals = signal.SIGTERM


@dataclass(slots=True)
class Backoff:
    """How long to wait before starting again something that keeps dying."""

    failures: int = 0
    started_at: float = 0.0
    retry_at: float = 0.0

    def note_start(self) -> None:
        self.started_at = time.monotonic()

    def note_death(self) -> float:
        """Return the pause before the next start; a long steady life forgives earlier deaths."""
        now = time.monotonic()
        if now - self.started_at > _STEADY_SECONDS:
            self.failures = 0
        pause: float = min(0.25 * 2**self.failures, _LONGEST_PAUSE_SECONDS)
        self.failures += 1
        self.retry_at = now + pause
        return pause


@dataclass(slots=True)
class Child:
    program: Program
    log_path: Path
    log_start: int = 0
    process: subprocess.Popen[bytes] | None = None
    backoff: Backoff = field(default_factory=Backoff)


class StopFlag:
    """
    Whether a stop was asked for.

    Set from a signal handler, hence without a lock: a `threading.Event` whose waiter is interrupted
    at the wrong moment would wait for itself for ever.
    """

    def __init__(self) -> None:
        self._is_set = False

    def set(self) -> None:
        self._is_set = True

    def is_set(self) -> bool:
        return self._is_set

    def wait(self, seconds: float) -> bool:
        """Sleep that long, less if a stop is asked for; tell whether it was."""
        deadline = time.monotonic() + seconds
        while not self._is_set and (left := deadline - time.monotonic()) > 0:
            time.sleep(min(left, _REACTION_SECONDS))
        return self._is_set


class Supervisor:
    """Start programs one after the other, then watch them. To be used from the main thread."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._children: list[Child] = []
        self._cluster: Cluster | None = None
        self._cluster_backoff = Backoff()
        self._is_stopping = StopFlag()

    def take_signals(self) -> None:
        # Installed explicitly: SIGINT may arrive ignored when a script started us in background.
        for number in _STOP_SIGNALS:
            signal.signal(number, self._note_signal)

    def start_cluster(self, cluster: Cluster) -> None:
        """Start the database and watch over it."""
        cluster.is_cancelled = self._is_stopping.is_set
        try:
            cluster.start()
        except PostgresFailed:
            self.check_not_stopped()
            raise
        self._cluster = cluster
        self._cluster_backoff.note_start()

    def start(self, program: Program) -> None:
        """
        Start a program and wait until it is ready.

        :raises CommandFailed: it ended, or was not ready in time
        :raises StoppedEarly: a stop signal came meanwhile
        """
        child = Child(program, self._logs / f"{program.name}.log")
        self._children.append(child)
        process = _launch(child)
        deadline = time.monotonic() + _READY_SECONDS
        while not program.is_ready():
            self.check_not_stopped()
            if process.poll() is not None or time.monotonic() > deadline:
                raise CommandFailed(f"{program.name} n’a pas démarré.{_end_of_log(child)}")
            self._is_stopping.wait(0.05)

    def run_to_end(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """
        Run a step that must succeed before the next one; lines it marks as progress are shown.

        :raises CommandFailed: it failed
        :raises StoppedEarly: a stop signal came meanwhile
        """
        child = Child(Program(name, command, environment, lambda: True), self._logs / f"{name}.log")
        self._children.append(child)
        process = _launch(child)
        told = child.log_start
        while process.poll() is None:
            self.check_not_stopped()
            told = _tell_progress(child, told)
            self._is_stopping.wait(0.02)
        self._children.remove(child)
        if process.returncode != 0:
            raise CommandFailed(
                f"L’étape {name} a échoué (code {process.returncode}).{_end_of_log(child)}"
            )

    def check_not_stopped(self) -> None:
        if self._is_stopping.is_set():
            raise StoppedEarly

    def watch(self) -> None:
        """Restart whatever dies, until a stop signal."""
        while not self._is_stopping.wait(_POLL_SECONDS):
            self._revive_cluster()
            for child in self._children:
                self._revive(child)

    def stop_children(self) -> None:
        """End every child within a few seconds, with everything it started."""
        running = [child for child in self._children if child.process is not None]
        for child in running:
            _signal_group(child, signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        while time.monotonic() < deadline and any(_is_running(child) for child in running):
            time.sleep(0.05)
        for child in running:
            _bury(child)

    def _note_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._is_stopping.set()

    def _revive(self, child: Child) -> None:
        if child.process is not None:
            if child.process.poll() is None:
                return
            code = child.process.returncode
            _bury(child)
            pause = child.backoff.note_death()
            self._report(
                f"{child.program.name} s’est arrêté (code {code}), relance dans {pause:g} s"
            )
        if time.monotonic() >= child.backoff.retry_at:
            _launch(child)

    def _revive_cluster(self) -> None:
        cluster, backoff = self._cluster, self._cluster_backoff
        if cluster is None or not cluster.has_died() or time.monotonic() < backoff.retry_at:
            return
        pause = backoff.note_death()
        self._report("postgres s’est arrêté, relance")
        try:
            cluster.restart()
        except PostgresFailed as error:
            self._report(f"{error} Nouvel essai dans {pause:g} s.")
            return
        backoff.note_start()

    def _report(self, text: str) -> None:
        line = f"{time.strftime('%H:%M:%S')} {text}"
        say(line)
        with (self._logs / "supervisor.log").open("a", encoding="utf-8") as log:
            log.write(f"{time.strftime('%Y-%m-%d')} {line}\n")


def python_module(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", name, *arguments]


def _launch(child: Child) -> subprocess.Popen[bytes]:
    with child.log_path.open("ab") as log:
        child.log_start = log.tell()
        process = subprocess.Popen(  # noqa: S603  our own programs
            list(child.program.command),
            env={**os.environ, **child.program.environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Its own group: a terminal's Ctrl-C reaches the supervisor alone, which stops the
            # children in order, and what a child started can be ended with it.
            start_new_session=True,
            preexec_fn=dies_with_parent(child.program.death_signal),  # noqa: PLW1509  one prctl call
        )
    child.process = process
    child.backoff.note_start()
    return process


def _is_running(child: Child) -> bool:
    return child.process is not None and child.process.poll() is None


def _bury(child: Child) -> None:
    """End what is left of a child's group, so that nothing keeps its port."""
    if child.process is not None:
        _signal_group(child, signal.SIGKILL)
        child.process.wait()
        child.process = None


def _signal_group(child: Child, number: signal.Signals) -> None:
    if child.process is not None:
        # An empty group is the expected case after a clean end.
        with suppress(ProcessLookupError):
            os.killpg(child.process.pid, number)


def _tell_progress(child: Child, told: int) -> int:
    """Show what a step wrote of its progress since `told`; return up to where it was read."""
    if child.log_path.stat().st_size == told:
        return told
    with child.log_path.open("rb") as log:
        log.seek(told)
        lines = log.read().rpartition(b"\n")[0]
    for line in lines.decode(errors="replace").splitlines():
        if line.startswith(PROGRESS):
            say(line)
    return told + len(lines) + 1 if lines else told


def _end_of_log(child: Child) -> str:
    lines = last_lines(child.log_path, since=child.log_start)
    return f" Fin de {child.log_path} :\n{lines}" if lines else ""
