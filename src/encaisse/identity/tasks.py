"""Jobs: sessions and codes that nobody can use any more."""

from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from encaisse.identity.codes import forget_codes
from encaisse.kit.jobs import periodic, task
from encaisse.messaging.texts import forget_texts


@periodic(cron="27 3 * * *")
@task(name="identity.clear_sessions")
def clear_sessions(timestamp: int) -> None:  # noqa: ARG001  procrastinate passes it
    SessionStore.clear_expired()


@periodic(cron="17 * * * *")
@task(name="identity.clear_codes")
def clear_codes(timestamp: int) -> None:  # noqa: ARG001  procrastinate passes it
    forget_codes(real_now=timezone.now())
    forget_texts(real_now=timezone.now())
