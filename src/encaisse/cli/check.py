"""`encaisse check`: every promise an installation must keep, and how to mend a broken one."""

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import django
import psycopg
from django.db import DatabaseError

from encaisse.cli.check_public import run_public
from encaisse.cli.errors import ExitCode
from encaisse.cli.findings import Finding, Status, failure, fine
from encaisse.cli.output import print_document, say
from encaisse.cli.runtime import data_directory, known_database, use_database, use_environment

if TYPE_CHECKING:
    from encaisse.cli.check_database import DatabaseCheck

_MARKS = {Status.OK: "ok    ", Status.WARN: "alerte", Status.FAIL: "ÉCHEC "}


@dataclass(frozen=True, slots=True)
class Result:
    id: str
    finding: Finding
    seconds: float

    def as_document(self) -> dict[str, object]:
        return {
            "id": self.id,
            "status": self.finding.status.value,
            "message": self.finding.message,
            "cure": self.finding.cure,
            "seconds": round(self.seconds, 3),
        }


def run_check(arguments: argparse.Namespace) -> int:
    """Run every check; a database that does not answer fails the checks that need it."""
    if arguments.public is not None:
        return run_public(arguments)
    data = data_directory(arguments.data_dir)
    use_environment(data)
    database = known_database(data)
    if database is not None:
        use_database(database)
    django.setup()
    url = None if database is None else database.application
    results = [*_database_results(url), *_local_results(data)]
    ok = all(result.finding.status is not Status.FAIL for result in results)
    if arguments.json:
        checks = [result.as_document() for result in results]
        content = {"version": version("encaisse"), "checks": checks}
        print_document("encaisse.check/1", ok=ok, content=content)
    else:
        _show(results)
    if database is None:
        say("Rien ne tourne : lancez « encaisse up », ou donnez ENCAISSE_DATABASE_URL.")
        return ExitCode.NOTHING_RUNNING
    return ExitCode.OK if ok else ExitCode.FAILED


def _database_results(url: str | None) -> Iterator[Result]:
    # Imported once Django is set up: the checks use its models and settings.
    from encaisse.cli.check_database import DATABASE_CHECKS  # noqa: PLC0415

    with _connected(url) as (connection, reached):
        yield reached
        for name, check in DATABASE_CHECKS.items():
            if connection is None:
                unknown = failure("Inconnu : la base ne répond pas.", cure=reached.finding.cure)
                yield Result(name, unknown, 0.0)
            else:
                yield _timed(name, partial(_asked, check, connection))


def _local_results(data: Path) -> Iterator[Result]:
    from encaisse.cli.check_local import LOCAL_CHECKS  # noqa: PLC0415  as above

    for name, check in LOCAL_CHECKS.items():
        yield _timed(name, partial(check, data))


@contextmanager
def _connected(url: str | None) -> Iterator[tuple[psycopg.Connection | None, Result]]:
    name, started = "database.reachable", time.perf_counter()
    cure = "Lancez « encaisse up », ou vérifiez ENCAISSE_DATABASE_URL."
    if url is None:
        yield None, Result(name, failure("Aucune base ne tourne.", cure=cure), 0.0)
        return
    try:
        connection = psycopg.connect(url, connect_timeout=5, autocommit=True)
    except psycopg.OperationalError as error:
        finding = failure(f"La base ne répond pas ({error}).", cure=cure)
        yield None, Result(name, finding, time.perf_counter() - started)
        return
    with connection:
        yield connection, Result(name, fine("La base répond."), time.perf_counter() - started)


def _asked(check: "DatabaseCheck", connection: psycopg.Connection) -> Finding:
    try:
        return check(connection)
    except (psycopg.Error, DatabaseError) as error:
        return failure(f"La base refuse la question ({error}).", cure="Lancez encaisse migrate.")


def _timed(name: str, check: Callable[[], Finding]) -> Result:
    started = time.perf_counter()
    finding = check()
    return Result(name, finding, time.perf_counter() - started)


def _show(results: list[Result]) -> None:
    for result in results:
        print(f"{_MARKS[result.finding.status]}  {result.id:34} {result.finding.message}")
        if result.finding.cure:
            print(f"{'':8}{'':34} → {result.finding.cure}")
