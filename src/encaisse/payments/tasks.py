"""Jobs: parse arguments, one service call."""

from uuid import UUID

from procrastinate import RetryStrategy

from encaisse.kit.clock import business_now
from encaisse.kit.jobs import UPKEEP, enqueue_once, periodic, task
from encaisse.organizations.queries import organization_ids
from encaisse.payments import inbox
from encaisse.payments.services import answers, refunds, resolve
from encaisse.payments.sweep import sweep
from encaisse.providers.contract import ProviderOutcomeUnknown, ProviderUnavailable

# Asking again is safe (same keys) and the sweep remains behind: give up after about an hour.
_ASK_AGAIN = RetryStrategy(
    max_attempts=11,
    exponential_wait=2,
    retry_exceptions=[ProviderUnavailable, ProviderOutcomeUnknown],
)


@task(name="payments.process_inbox", retry=_ASK_AGAIN)
def process_inbox(organization_id: str, connection_id: str, **_later: str) -> None:
    now = business_now()
    while inbox.process_inbox(
        organization_id=UUID(organization_id), connection_id=UUID(connection_id), now=now
    ):
        pass


@task(name="payments.capture_attempt", retry=_ASK_AGAIN)
def capture_attempt(organization_id: str, attempt_id: str, **_later: str) -> None:
    resolve.capture_attempt(
        organization_id=UUID(organization_id), attempt_id=UUID(attempt_id), now=business_now()
    )


@task(name="payments.cancel_attempt", retry=_ASK_AGAIN)
def cancel_attempt(organization_id: str, attempt_id: str, **_later: str) -> None:
    resolve.cancel_attempt(
        organization_id=UUID(organization_id), attempt_id=UUID(attempt_id), now=business_now()
    )


@task(name="payments.close_page", retry=_ASK_AGAIN)
def close_page(organization_id: str, attempt_id: str, **_later: str) -> None:
    resolve.close_page(
        organization_id=UUID(organization_id), attempt_id=UUID(attempt_id), now=business_now()
    )


@task(name="payments.resolve_attempt", retry=_ASK_AGAIN)
def resolve_attempt(organization_id: str, attempt_id: str, **_later: str) -> None:
    resolve.resolve_attempt(
        organization_id=UUID(organization_id), attempt_id=UUID(attempt_id), now=business_now()
    )


@task(name="payments.send_refund", retry=_ASK_AGAIN)
def send_refund(organization_id: str, refund_id: str, **_later: str) -> None:
    refunds.send_refund(
        organization_id=UUID(organization_id), refund_id=UUID(refund_id), now=business_now()
    )


@task(name="payments.send_answer", retry=_ASK_AGAIN)
def send_answer(organization_id: str, answer_id: str, **_later: str) -> None:
    answers.send_answer(
        organization_id=UUID(organization_id), answer_id=UUID(answer_id), now=business_now()
    )


# One for each firm, all at once: in the other lane, payers' captures would wait behind them.
@task(name="payments.sweep", queue=UPKEEP)
def sweep_organization(organization_id: str, **_later: str) -> None:
    sweep(organization_id=UUID(organization_id), now=business_now())


@periodic(cron="*/10 * * * *")
@task(name="payments.sweep_everyone", queue=UPKEEP)
def sweep_everyone(timestamp: int) -> None:  # noqa: ARG001  procrastinate passes it
    for organization_id in organization_ids():
        enqueue_once("payments.sweep", key=str(organization_id), organization_id=organization_id)
