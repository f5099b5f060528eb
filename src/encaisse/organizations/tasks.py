"""Jobs: what an organization no longer needs, cleared for each in turn."""

from django.utils import timezone

from encaisse.kit.clock import business_now
from encaisse.kit.idempotency import forget_answers
from encaisse.kit.jobs import periodic, task
from encaisse.organizations.invitations import close_expired
from encaisse.organizations.queries import organization_ids


@periodic(cron="37 * * * *")
@task(name="organizations.tidy")
def tidy(timestamp: int) -> None:  # noqa: ARG001  procrastinate passes it
    for organization_id in organization_ids():
        forget_answers(organization_id=organization_id, now=business_now())
        close_expired(organization_id=organization_id, real_now=timezone.now())
