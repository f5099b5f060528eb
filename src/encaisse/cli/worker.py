"""The background worker: `python -m encaisse.cli.worker`."""

import argparse
import asyncio
import os

import django
import procrastinate
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params

from encaisse.cli.errors import ExitCode, NothingRunning
from encaisse.cli.runtime import (
    SETTINGS_MODULE,
    data_directory,
    known_database,
    use_database,
    use_environment,
)

# The supervisor gives every child four seconds; a job cut short is simply run again.
_GRACE_SECONDS = 3.0


def run_worker(arguments: argparse.Namespace) -> int:
    """Run one more worker on the database in use."""
    data = data_directory(arguments.data_dir)
    use_environment(data)
    database = known_database(data)
    if database is None:
        raise NothingRunning(f"Aucune base ne tourne dans {data}. Lancez « encaisse up ».")
    use_database(database)
    main()
    return ExitCode.OK


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS_MODULE)
    django.setup()
    app.perform_import_paths()  # type: ignore[no-untyped-call]  # procrastinate's, without types
    asyncio.run(_work())


def worker_app() -> procrastinate.App:
    """
    Return an application that fetches jobs on its own connections, while the tasks keep queuing
    theirs through Django's. Replacing the connector of Django's application, as the management
    command does, would queue a task's jobs outside of its transaction: they would survive its
    rollback.
    """
    own = procrastinate.App(
        connector=procrastinate.PsycopgConnector(kwargs=connector_params()),
        worker_defaults=app.worker_defaults,
        periodic_defaults=app.periodic_defaults,
    )
    own.tasks = app.tasks
    own.periodic_registry = app.periodic_registry
    return own


async def _work() -> None:
    async with worker_app().open_async() as own:
        await own.run_worker_async(shutdown_graceful_timeout=_GRACE_SECONDS)


if __name__ == "__main__":
    main()
