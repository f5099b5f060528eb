"""Jobs: what nobody can use any more, what waits for its day, letters about one's own access."""

import smtplib
from uuid import UUID

from django.utils import timezone
from procrastinate import RetryStrategy

from encaisse.identity.access import forget_old
from encaisse.identity.approvals import forget_approvals
from encaisse.identity.codes import forget_codes
from encaisse.identity.letters import send_letter as send_letter_now
from encaisse.identity.limits import forget_full
from encaisse.identity.recovery import advance, asked_address
from encaisse.identity.recovery import open_recovery as open_recovery_now
from encaisse.identity.sessions import SessionStore
from encaisse.kit.clock import business_now
from encaisse.kit.jobs import MAIL, UPKEEP, periodic, task
from encaisse.messaging.texts import forget_texts

_TRY_AGAIN = RetryStrategy(
    max_attempts=9, exponential_wait=2, retry_exceptions=[OSError, smtplib.SMTPException]
)


@periodic(cron="27 3 * * *")
@task(name="identity.clear_sessions", queue=UPKEEP)
def clear_sessions(timestamp: int) -> None:  # noqa: ARG001  procrastinate passes it
    SessionStore.clear_expired()
    forget_full(real_now=timezone.now())
    forget_old(real_now=timezone.now())


@periodic(cron="17 * * * *")
@task(name="identity.clear_codes", queue=UPKEEP)
def clear_codes(timestamp: int) -> None:  # noqa: ARG001  procrastinate passes it
    forget_codes(real_now=timezone.now())
    forget_approvals(real_now=timezone.now())
    forget_texts(real_now=timezone.now())


@periodic(cron="* * * * *")
@task(name="identity.advance_recoveries", queue=UPKEEP)
def advance_recoveries(timestamp: int) -> None:  # noqa: ARG001  procrastinate passes it
    advance(now=business_now(), real_now=timezone.now())


@task(name="identity.open_recovery")
def open_recovery(sealed: str) -> None:
    open_recovery_now(email=asked_address(sealed), now=business_now(), real_now=timezone.now())


@task(name="identity.send_letter", queue=MAIL, retry=_TRY_AGAIN)
def send_letter(kind: str, object_id: str) -> None:
    send_letter_now(kind=kind, object_id=UUID(object_id))
