"""Jobs: parse arguments, one service call."""

from uuid import UUID

from django.utils import timezone
from procrastinate import RetryStrategy

from encaisse.kit.clock import business_now
from encaisse.kit.jobs import MAIL, task
from encaisse.messaging import services
from encaisse.messaging.gateway import MailNotTaken, MailOutcomeUnknown

# About half an hour of patience; the mail itself keeps count, and is resumed later.
_TRY_AGAIN = RetryStrategy(
    max_attempts=10,
    exponential_wait=2,
    retry_exceptions=[MailNotTaken, MailOutcomeUnknown, services.MailBeingSent],
)


@task(name="messaging.send_mail", queue=MAIL, retry=_TRY_AGAIN)
def send_mail(organization_id: str, mail_id: str, **_later: str) -> None:
    services.send_mail(
        organization_id=UUID(organization_id),
        mail_id=UUID(mail_id),
        real_now=timezone.now(),
        now=business_now(),
    )
