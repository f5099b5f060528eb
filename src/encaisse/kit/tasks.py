"""Jobs: what the queue itself leaves behind."""

from procrastinate import JobContext

from encaisse.kit.jobs import UPKEEP, periodic, task

_DONE_KEPT_HOURS = 7 * 24
_FAILED_KEPT_HOURS = 60 * 24  # long enough for somebody to read why


@periodic(cron="17 3 * * *")
@task(name="kit.forget_jobs", queue=UPKEEP, pass_context=True)
async def forget_jobs(context: JobContext, timestamp: int) -> None:  # noqa: ARG001  procrastinate passes it
    manager = context.app.job_manager
    await manager.delete_old_jobs(nb_hours=_DONE_KEPT_HOURS)
    await manager.delete_old_jobs(
        nb_hours=_FAILED_KEPT_HOURS,
        include_failed=True,
        include_cancelled=True,
        include_aborted=True,
    )
