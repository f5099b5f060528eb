"""Keeping the job queue clean: jobs of dead workers run again, finished ones go."""

from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from procrastinate import sql
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import UniqueViolation

# A worker says every two seconds that it lives; five silences in a row are a death.
HEARTBEAT_SECONDS = 2.0
SILENCE_SECONDS = 10.0
# A job that ends its worker each time is a fault to be read about, not to be run for ever.
LARGEST_ATTEMPT_COUNT = 25

log = structlog.get_logger()


def recover_stalled_jobs() -> int:
    """Queue again what dead workers were doing; return how many jobs. Every job may run twice."""
    with transaction.atomic():
        # A neighbour that recovers at the same moment leaves us what it has not locked.
        jobs = list(_stalled().select_for_update(skip_locked=True, of=("self",)))
        return sum(_recover(job) for job in jobs)


def _stalled() -> QuerySet[ProcrastinateJob]:
    waiting_twin = ProcrastinateJob.objects.filter(
        status="todo", queueing_lock=OuterRef("queueing_lock")
    )
    silent = Q(worker__isnull=True) | Q(
        worker__last_heartbeat__lt=Now() - timedelta(seconds=SILENCE_SECONDS)
    )
    # One batch job serves many events: while its twin waits, that one will do the work.
    rows = ProcrastinateJob.objects.filter(silent, ~Exists(waiting_twin), status="doing")
    return rows.order_by("id")


def _recover(job: ProcrastinateJob) -> bool:
    if job.attempts >= LARGEST_ATTEMPT_COUNT:
        log.error("job_given_up", job=job.id, task=job.task_name, attempts=job.attempts)
        app.job_manager.connector.get_sync_connector().execute_query(
            query=sql.queries["finish_job"], job_id=job.id, status="failed", delete_job=False
        )
        return False
    try:
        with transaction.atomic():
            app.job_manager.retry_job_by_id(job.id, retry_at=timezone.now())
    except UniqueViolation:  # its twin was queued just now
        return False
    log.warning("job_recovered", job=job.id, task=job.task_name)
    return True
