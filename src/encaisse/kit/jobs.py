"""Background jobs. A job is a row, so it commits or rolls back with the data it concerns."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.types import JSONDict

from encaisse.kit.gathering import Gatherer, Rank

task = app.task
periodic = app.periodic
# A worker does one job at a time in each lane. What goes round every firm now and then has one of
# its own, and so do the slow servers that mails and messages wait for: no payer waits behind them.
DEFAULT, UPKEEP, MAIL, PROGRAMS = LANES = ("default", "upkeep", "mail", "programs")
# Within a lane, what is queued by the thousand when something goes wrong lets the others pass.
LAST = -1
_AT_ONCE = timedelta(0)
_aside: ContextVar["list[Job] | None"] = ContextVar("encaisse_jobs_aside", default=None)


def enqueue(
    name: str, *, after: timedelta = _AT_ONCE, in_order: str = "", **arguments: object
) -> None:
    """
    Queue a job by name, so that services never import the tasks that call them.

    `after` is real time: a job never waits for the movable clock of a demonstration. Jobs with the
    same `in_order` run one after the other, as they were queued: one that is tried again holds back
    those behind it.
    """
    _queued.add(Job(name, after, _as_text(arguments), in_order))


@contextmanager
def set_aside() -> Iterator["list[Job]"]:
    """
    Keep from the workers what the block queues, and hand it to whoever opened the block.

    For a past that is lived through again: its customers are not written to a second time.
    """
    kept: list[Job] = []
    token = _aside.set(kept)
    try:
        yield kept
    finally:
        _aside.reset(token)


def enqueue_once(name: str, *, key: str, **arguments: object) -> None:
    """
    Queue a job unless one with the same key already waits: one batch job serves many events.

    The caller's transaction holds the waiting job back until it commits, so that the job finds
    what the caller wrote.
    """
    if _aside.get() is not None:
        _queued.add(Job(name, _AT_ONCE, _as_text(arguments)))
        return
    queueing_lock = f"{name}:{key}"
    while not (_hold(queueing_lock) or _defer_first(name, queueing_lock, arguments)):
        pass  # the job that was in the way has just been fetched: the next look tells


def _hold(queueing_lock: str) -> bool:
    """
    Keep workers from fetching the waiting job, if there is one, before we commit.

    One that came for it meanwhile passed it over: the notice sent as we commit brings it back.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT pg_notify('procrastinate_any_queue_v1',
                             json_build_object('type', 'job_inserted', 'job_id', id)::text)
            FROM procrastinate_jobs WHERE queueing_lock = %s AND status = 'todo' FOR SHARE
            """,
            [queueing_lock],
        )
        return cursor.fetchone() is not None


def _defer_first(name: str, queueing_lock: str, arguments: Mapping[str, object]) -> bool:
    try:
        with transaction.atomic():
            app.configure_task(name, queueing_lock=queueing_lock).defer(**_as_text(arguments))
    except AlreadyEnqueued:
        return False
    return True


def _as_text(arguments: Mapping[str, object]) -> JSONDict:
    return {key: str(value) for key, value in arguments.items()}


@dataclass(frozen=True, slots=True)
class Job:
    """A job to do, by its name."""

    name: str
    after: timedelta
    arguments: JSONDict
    in_order: str = ""

    def run(self) -> None:
        """Do it here and now, as a worker would."""
        app.tasks[self.name].func(**self.arguments)


def _defer(jobs: Sequence[Job]) -> None:
    if (kept := _aside.get()) is not None:
        kept.extend(jobs)
        return
    alike: dict[tuple[str, timedelta, str], list[JSONDict]] = {}
    for job in jobs:
        alike.setdefault((job.name, job.after, job.in_order), []).append(job.arguments)
    for (name, after, in_order), arguments in alike.items():
        delay = {"seconds": int(after.total_seconds())} if after else None
        lock = in_order or None
        app.configure_task(name, schedule_in=delay, lock=lock).batch_defer(*arguments)


_queued: Gatherer[Job] = Gatherer(Rank.JOBS, _defer)
