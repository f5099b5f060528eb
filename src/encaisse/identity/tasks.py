"""Jobs: sessions that nobody can use any more."""

from django.contrib.sessions.backends.db import SessionStore

from encaisse.kit.jobs import periodic, task


@periodic(cron="27 3 * * *")
@task(name="identity.clear_sessions")
def clear_sessions(timestamp: int) -> None:  # noqa: ARG001  procrastinate passes it
    SessionStore.clear_expired()
