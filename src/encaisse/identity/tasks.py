"""Jobs: sessions nobody can use any more, limits that are full again, old accesses."""

from django.utils import timezone

from encaisse.identity.access import forget_old
from encaisse.identity.limits import forget_full
from encaisse.identity.sessions import SessionStore
from encaisse.kit.jobs import periodic, task


@periodic(cron="27 3 * * *")
@task(name="identity.clear_sessions")
def clear_sessions(timestamp: int) -> None:  # noqa: ARG001  procrastinate passes it
    SessionStore.clear_expired()
    forget_full(real_now=timezone.now())
    forget_old(real_now=timezone.now())
