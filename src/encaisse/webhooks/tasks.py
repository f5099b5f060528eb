"""Jobs: parse arguments, one service call."""

from uuid import UUID

from django.utils import timezone
from procrastinate import RetryStrategy

from encaisse.kit.jobs import PROGRAMS, task
from encaisse.webhooks import endpoints
from encaisse.webhooks.core import LARGEST_ATTEMPT_COUNT, WAIT_BASE_SECONDS

# After a fault of ours too (the database cut off…): a message without its job would wait for ever.
_TRY_AGAIN = RetryStrategy(max_attempts=LARGEST_ATTEMPT_COUNT, exponential_wait=WAIT_BASE_SECONDS)


@task(name="webhooks.deliver", queue=PROGRAMS, retry=_TRY_AGAIN)
def deliver(organization_id: str, delivery_id: str) -> None:
    endpoints.deliver(
        organization_id=UUID(organization_id),
        delivery_id=UUID(delivery_id),
        real_now=timezone.now(),
    )
