"""Jobs: what the engine has no use for any more, forgotten for each firm in turn."""

from encaisse.fraud.services.forgetting import forget_payers
from encaisse.fraud.services.shared import forget_shared
from encaisse.kit.clock import business_now
from encaisse.kit.jobs import UPKEEP, periodic, task
from encaisse.organizations.queries import organization_ids


@periodic(cron="47 3 * * *")
@task(name="fraud.forget_payers", queue=UPKEEP)
def forget(timestamp: int) -> None:  # noqa: ARG001  procrastinate passes it
    for organization_id in organization_ids():
        forget_payers(organization_id=organization_id, now=business_now())


@periodic(cron="53 3 * * *")
@task(name="fraud.forget_shared", queue=UPKEEP)
def forget_reports(timestamp: int) -> None:  # noqa: ARG001  as above
    for organization_id in organization_ids():
        forget_shared(organization_id=organization_id, now=business_now())
