"""A durable, throw-away instance to measure on: PostgreSQL with its roles, migrated, one firm."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import django
from django.conf import settings

from encaisse.cli.postgres import ensure_cluster
from encaisse.kit.crypto import create_keyset_file

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))


@contextmanager
def instance() -> Iterator[Path]:
    """Start PostgreSQL with fsync on, migrate as the owner, set Django up as the application."""
    folder = Path(tempfile.mkdtemp(prefix="encaisse-bench-"))
    try:
        create_keyset_file(folder / "keyset.json")
        with ensure_cluster(folder) as cluster:
            os.environ |= {
                "DJANGO_SETTINGS_MODULE": "encaisse.config.settings",
                "ENCAISSE_DATA_DIR": str(folder),
                "ENCAISSE_KEYSET_FILE": str(folder / "keyset.json"),
                "ENCAISSE_DATABASE_URL": cluster.application_url,
                "ENCAISSE_OWNER_DATABASE_URL": cluster.owner_url,
            }
            migrate = [sys.executable, "-m", "django", "migrate", "--database", "owner", "-v0"]
            subprocess.run(migrate, check=True)  # noqa: S603  our own command
            django.setup()
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def sandbox_world(folder: Path) -> Iterator[object]:
    """Start the simulated providers and banks beside the instance."""
    from plugins.world import World

    world = World(folder)
    os.environ["ENCAISSE_SANDBOX_URL"] = settings.ENCAISSE_SANDBOX_URL = world.sandbox.url
    try:
        yield world
    finally:
        world.stop()


def yardstick(seconds: int = 5) -> float:
    """
    Return how many of pgbench's simple updates the same server commits in a second, one client.

    Zero where pgbench is not on the machine: the ratio is then left out.
    """
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pgbench"))
    if not found:
        return 0.0
    url = os.environ["ENCAISSE_OWNER_DATABASE_URL"]
    start = [str(found[-1]), "--quiet", "-i", url]
    subprocess.run(start, check=True, capture_output=True)  # noqa: S603  a bench's own tool
    run = [str(found[-1]), "-N", "-n", "-T", str(seconds), url]
    answer = subprocess.run(run, check=True, capture_output=True, text=True)  # noqa: S603  as above
    line = next(row for row in answer.stdout.splitlines() if row.startswith("tps"))
    return float(line.split("=")[1].split()[0])


def report(name: str, count: int, seconds: float, *, reference: float, aim: float) -> None:
    rate = count / seconds
    ratio = f"{rate / reference:6.2f} × pgbench simple-update" if reference else ""
    print(f"{name:44} {rate:9.0f}/s   aim {aim:6.0f}/s   {ratio}", flush=True)


def percentiles(samples: Sequence[float]) -> str:
    ordered = sorted(samples)
    picked = (ordered[int(len(ordered) * share)] * 1000 for share in (0.5, 0.95, 0.99))
    return "p50 {:.1f} ms   p95 {:.1f} ms   p99 {:.1f} ms".format(*picked)


def timed(act: object) -> float:
    started = time.perf_counter()
    act()  # type: ignore[operator]  # any callable
    return time.perf_counter() - started
