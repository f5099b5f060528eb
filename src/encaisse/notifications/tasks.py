"""Jobs: parse arguments, one service call."""

from uuid import UUID

from django.utils import timezone
from procrastinate import RetryStrategy

from encaisse.fraud.core.cases import CaseState
from encaisse.identity.core import RecoveryState
from encaisse.kit.clock import business_now
from encaisse.kit.jobs import LAST, MAIL, UPKEEP, periodic, task
from encaisse.messaging.services import resume_mails
from encaisse.notifications import alerts, operations, recoveries, services
from encaisse.organizations.queries import organization_ids
from encaisse.security.core import Channel

# Writing a mail twice writes it once: any failure may be tried again, for about ten minutes.
_TRY_AGAIN = RetryStrategy(max_attempts=9, exponential_wait=2)


@task(name="notifications.send_receipt", retry=_TRY_AGAIN)
def send_receipt(organization_id: str, intent_id: str, **_more: str) -> None:
    services.send_receipt(
        organization_id=UUID(organization_id), intent_id=UUID(intent_id), now=business_now()
    )


@task(name="notifications.send_refund_notice", retry=_TRY_AGAIN)
def send_refund_notice(organization_id: str, refund_id: str, **_more: str) -> None:
    services.send_refund_notice(
        organization_id=UUID(organization_id), refund_id=UUID(refund_id), now=business_now()
    )


@task(name="notifications.send_held_notice", retry=_TRY_AGAIN)
def send_held_notice(organization_id: str, case_id: str, **_more: str) -> None:
    services.send_held_notice(
        organization_id=UUID(organization_id), case_id=UUID(case_id), now=business_now()
    )


@task(name="notifications.send_identity_asked", retry=_TRY_AGAIN)
def send_identity_asked(organization_id: str, case_id: str, **_more: str) -> None:
    services.send_identity_asked(
        organization_id=UUID(organization_id), case_id=UUID(case_id), now=business_now()
    )


@task(name="notifications.send_not_taken_notice", retry=_TRY_AGAIN)
def send_not_taken_notice(organization_id: str, case_id: str, state: str, **_more: str) -> None:
    if state in {CaseState.REFUSED, CaseState.EXPIRED}:
        services.send_not_taken_notice(
            organization_id=UUID(organization_id), case_id=UUID(case_id), now=business_now()
        )


@task(name="notifications.send_operation_notice", retry=_TRY_AGAIN)
def send_operation_notice(organization_id: str, operation_id: str, **_more: str) -> None:
    operations.send_operation_notice(
        organization_id=UUID(organization_id), operation_id=UUID(operation_id), now=business_now()
    )


@task(name="notifications.send_dispute_alert", retry=_TRY_AGAIN)
def send_dispute_alert(organization_id: str, dispute_id: str, **_more: str) -> None:
    services.send_dispute_alert(
        organization_id=UUID(organization_id), dispute_id=UUID(dispute_id), now=business_now()
    )


@task(name="notifications.send_quote", retry=_TRY_AGAIN)
def send_quote(organization_id: str, quote_id: str, **_more: str) -> None:
    services.send_quote(
        organization_id=UUID(organization_id), quote_id=UUID(quote_id), now=business_now()
    )


@task(name="notifications.send_quote_accepted", retry=_TRY_AGAIN)
def send_quote_accepted(organization_id: str, quote_id: str, **_more: str) -> None:
    services.send_quote_accepted(
        organization_id=UUID(organization_id), quote_id=UUID(quote_id), now=business_now()
    )


@task(name="notifications.send_quote_refused", retry=_TRY_AGAIN)
def send_quote_refused(organization_id: str, quote_id: str, **_more: str) -> None:
    services.send_quote_refused(
        organization_id=UUID(organization_id), quote_id=UUID(quote_id), now=business_now()
    )


@task(name="notifications.send_quote_withdrawn", retry=_TRY_AGAIN)
def send_quote_withdrawn(organization_id: str, quote_id: str, **_more: str) -> None:
    services.send_quote_withdrawn(
        organization_id=UUID(organization_id), quote_id=UUID(quote_id), now=business_now()
    )


@task(name="notifications.send_invoice", retry=_TRY_AGAIN)
def send_invoice(organization_id: str, invoice_id: str, **_more: str) -> None:
    services.send_invoice(
        organization_id=UUID(organization_id), invoice_id=UUID(invoice_id), now=business_now()
    )


@task(name="notifications.send_invitation", retry=_TRY_AGAIN)
def send_invitation(organization_id: str, invitation_id: str, **_more: str) -> None:
    services.send_invitation(
        organization_id=UUID(organization_id),
        invitation_id=UUID(invitation_id),
        real_now=timezone.now(),
        now=business_now(),
    )


@task(name="notifications.send_alert", queue=MAIL, priority=LAST, retry=_TRY_AGAIN)
def send_alert(organization_id: str, delivery_id: str, channel: str) -> None:
    alerts.send_alert(
        organization_id=UUID(organization_id),
        delivery_id=UUID(delivery_id),
        channel=Channel(channel),
        real_now=timezone.now(),
        now=business_now(),
    )


@task(name="notifications.send_recovery_notice", retry=_TRY_AGAIN)
def send_recovery_notice(organization_id: str, recovery_id: str, state: str) -> None:
    recoveries.send_recovery_notice(
        organization_id=UUID(organization_id),
        recovery_id=UUID(recovery_id),
        state=RecoveryState(state),
        now=business_now(),
    )


@periodic(cron="*/5 * * * *")
@task(name="notifications.resume_mails", queue=UPKEEP)
def resume_everyones_mails(timestamp: int) -> None:  # noqa: ARG001  procrastinate passes it
    for organization_id in organization_ids():
        resume_mails(organization_id=organization_id, real_now=timezone.now())
