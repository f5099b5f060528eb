"""Real processes in real folders: what the command tests share."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from encaisse.cli.processes import dies_with_parent
from plugins.ports import free_ports

# A command under test finds its own database and folder, not those of the test run.
_OWN = ("ENCAISSE_", "PYTEST_", "PORT")

PROBE = {
    "DJANGO_SETTINGS_MODULE": "cli.probe.settings",
    "PYTHONPATH": str(Path(__file__).parents[1]),
}


def pytest_collection_modifyitems(config, items):
    """Leave out the tests about a kind of account or machine that this one is not."""
    kept = [i for i in items if all(all(m.args) for m in i.iter_markers("needs"))]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


@dataclass(frozen=True)
class Encaisse:
    """The installed command, run in a data folder of its own."""

    data: Path

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "encaisse.cli", *arguments, "--data-dir", str(self.data)],
            env=clean_environment() | {"TMPDIR": str(self.data.parent)} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=dies_with_parent(signal.SIGTERM),  # noqa: PLW1509  one prctl call
        )

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        process = self.start(*arguments, **environment)
        stdout, stderr = process.communicate(timeout=60)
        return subprocess.CompletedProcess(arguments, process.returncode, stdout, stderr)


def clean_environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OWN)}
    kept.pop("LAN", None)
    return kept


def wait_until(condition: Callable[[], bool], *, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"Still not so after {seconds} s.")
        time.sleep(0.05)


@pytest.fixture
def data_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="encaisse-cli-") as folder:
        yield Path(folder)


@pytest.fixture
def encaisse(data_folder: Path) -> Encaisse:
    return Encaisse(data_folder / "data")


@pytest.fixture
def free_port() -> int:
    return find_free_port()


def find_free_port() -> int:
    """Return a port whose two followers are free too."""
    return free_ports(3)[0]
