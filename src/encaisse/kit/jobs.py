"""Background jobs. A job is a row, so it commits or rolls back with the data it concerns."""

from datetime import timedelta

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

task = app.task
periodic = app.periodic
_AT_ONCE = timedelta(0)


def enqueue(name: str, *, after: timedelta = _AT_ONCE, **arguments: object) -> None:
    """
    Queue a job by name, so that services never import the tasks that call them.

    `after` is real time: a job never waits for the movable clock of a demonstration.
    """
    delay = {"seconds": int(after.total_seconds())} if after else None
    app.configure_task(name, schedule_in=delay).defer(
        **{key: str(value) for key, value in arguments.items()}
    )


def enqueue_once(name: str, *, key: str, **arguments: object) -> None:
    """Queue a job unless one with the same key already waits: one batch job serves many events."""
    try:
        with transaction.atomic():
            app.configure_task(name, queueing_lock=f"{name}:{key}").defer(
                **{key: str(value) for key, value in arguments.items()}
            )
    except AlreadyEnqueued:
        return
