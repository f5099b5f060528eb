"""Jobs: what an organization no longer needs, cleared for each in turn."""

from django.utils import timezone

from encaisse.audit.checkpoints import sign_checkpoint
from encaisse.kit.clock import business_now
from encaisse.kit.idempotency import forget_answers
from encaisse.kit.jobs import UPKEEP, periodic, task
from encaisse.organizations.api_key_places import forget_old_places
from encaisse.organizations.invitations import close_expired
from encaisse.organizations.operations import close_expired_operations
from encaisse.organizations.queries import organization_ids


@periodic(cron="37 * * * *")
@task(name="organizations.tidy", queue=UPKEEP)
def tidy(timestamp: int) -> None:  # noqa: ARG001  procrastinate passes it
    for organization_id in organization_ids():
        forget_answers(organization_id=organization_id, now=business_now())
        close_expired(organization_id=organization_id, real_now=timezone.now())
        forget_old_places(organization_id=organization_id, real_now=timezone.now())
        close_expired_operations(
            organization_id=organization_id, now=business_now(), real_now=timezone.now()
        )


@periodic(cron="23 * * * *")
@task(name="organizations.sign_journals", queue=UPKEEP)
def sign_journals(timestamp: int) -> None:  # noqa: ARG001  procrastinate passes it
    for organization_id in organization_ids():
        sign_checkpoint(organization_id=organization_id, now=timezone.now())
