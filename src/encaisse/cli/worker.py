"""The background worker: `python -m encaisse.cli.worker`."""

import argparse
import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Sequence

import django
import procrastinate
import structlog
from django.db import DatabaseError, connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException

from encaisse.cli.errors import ExitCode
from encaisse.cli.runtime import (
    SETTINGS_MODULE,
    data_directory,
    use_running_database,
)
from encaisse.kit.jobs import LANES

# The supervisor gives every child four seconds; a job cut short is simply run again.
_GRACE_SECONDS = 3.0
_LOOK_EVERY_SECONDS = 3.0

log = structlog.get_logger()


def run_worker(arguments: argparse.Namespace) -> int:
    """Run one more worker on the database in use."""
    use_running_database(data_directory(arguments.data_dir))
    main()
    return ExitCode.OK


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS_MODULE)
    # A connection of its own for each job costs as much as most jobs.
    os.environ.setdefault("ENCAISSE_DATABASE_POOL", "1")
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
    # Jobs are rows of models, hence Django set up.
    from encaisse.kit.queue import HEARTBEAT_SECONDS, SILENCE_SECONDS  # noqa: PLC0415

    async with worker_app().open_async() as own:
        watch = asyncio.create_task(_watch_the_queue())
        lanes = [
            asyncio.create_task(
                own.run_worker_async(
                    queues=[queue],
                    shutdown_graceful_timeout=_GRACE_SECONDS,
                    update_heartbeat_interval=HEARTBEAT_SECONDS,
                    stalled_worker_timeout=SILENCE_SECONDS,
                    worker_middleware=[_name_the_job],
                    install_signal_handlers=False,
                )
            )
            for queue in LANES
        ]
        _stop_when_asked(lanes)
        try:
            await _until_one_ends(lanes)
        finally:
            watch.cancel()


def _stop_when_asked(lanes: Sequence["asyncio.Task[None]"]) -> None:
    """Let each lane finish what it does, within its grace: cancelled, it takes no other job."""
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, _cancel, lanes)


async def _until_one_ends(lanes: Sequence["asyncio.Task[None]"]) -> None:
    """Work until asked to stop; a lane that fails takes the other along, and is told."""
    done, others = await asyncio.wait(lanes, return_when=asyncio.FIRST_COMPLETED)
    _cancel([*others])
    if others:
        await asyncio.wait(others)
    for lane in done:
        if not lane.cancelled():
            lane.result()


def _cancel(lanes: Sequence["asyncio.Task[None]"]) -> None:
    for lane in lanes:
        lane.cancel()


async def _name_the_job(
    call_next: Callable[[], Awaitable[object]], context: procrastinate.JobContext, _worker: object
) -> object:
    """Tell the job in each line it logs. Each runs in a context of its own, which ends with it."""
    structlog.contextvars.bind_contextvars(job_id=context.job.id, task=context.job.task_name)
    return await call_next()


async def _watch_the_queue() -> None:
    """Look for the jobs of dead workers. Not a job itself: it would wait behind a long one."""
    while True:
        await asyncio.to_thread(_recover)
        await asyncio.sleep(_LOOK_EVERY_SECONDS)


def _recover() -> None:
    from encaisse.kit.queue import recover_stalled_jobs  # noqa: PLC0415  as above

    try:
        recover_stalled_jobs()
    except (DatabaseError, ConnectorException):
        # The worker itself ends when the database is gone for good.
        log.warning("queue_not_watched", exc_info=True)
    finally:
        connection.close()


if __name__ == "__main__":
    main()
