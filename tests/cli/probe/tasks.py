import time
from pathlib import Path

from django.db import transaction
from procrastinate.contrib.django import app


@app.task(name="probe.note")
def note(word: str) -> None:
    """Be queued: the tests only look at whether it was."""


@app.task(name="probe.queue_then_fail")
def queue_then_fail(word: str) -> None:
    """Queue a job, then fail: the job must vanish with the transaction."""
    with transaction.atomic():
        app.configure_task("probe.note").defer(word=word)
        raise RuntimeError(word)


@app.task(name="probe.hang_once")
def hang_once(word: str) -> None:
    """Never end the first time, be done at once the second; `word` is a file to leave behind."""
    started = Path(word)
    if not started.exists():
        started.touch()
        time.sleep(3600)
