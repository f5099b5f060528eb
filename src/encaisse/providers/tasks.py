"""Jobs: parse arguments, one service call."""

from uuid import UUID

from procrastinate import RetryStrategy

from encaisse.kit.clock import business_now
from encaisse.kit.jobs import task
from encaisse.providers.contract import ProviderError, ProviderUnavailable
from encaisse.providers.services import check_webhook as check

_PATIENTLY = RetryStrategy(max_attempts=6, wait=5, retry_exceptions=[ProviderError])


@task(name="providers.check_webhook", retry=_PATIENTLY)
def check_webhook(organization_id: str, connection_id: str, **_later: str) -> None:
    arrived = check(
        organization_id=UUID(organization_id),
        connection_id=UUID(connection_id),
        now=business_now(),
    )
    if not arrived:
        raise ProviderUnavailable
