"""Jobs: parse arguments, one service call."""

from uuid import UUID

from django.utils import timezone
from procrastinate import RetryStrategy

from encaisse.identity.core import FactorChange, FactorKind, RecoveryState
from encaisse.kernel.money import Currency, Money
from encaisse.kit.clock import business_now
from encaisse.kit.jobs import UPKEEP, periodic, task
from encaisse.organizations.core import Role
from encaisse.organizations.queries import organization_ids
from encaisse.security import causes, dealings, disputes
from encaisse.security.links import forget_links
from encaisse.security.raising import forget_facts, tell_what_goes_on
from encaisse.security.tallies import forget_quiet
from encaisse.security.watch import look_at_machine, watch

# The same cause counts once: any failure may be tried again, for about ten minutes.
_TRY_AGAIN = RetryStrategy(max_attempts=9, exponential_wait=2)


@task(name="security.look_at_failure", retry=_TRY_AGAIN)
def look_at_failure(access_id: str, **_more: str) -> None:
    causes.look_at_failure(access_id=UUID(access_id), real_now=timezone.now())


@task(name="security.look_at_sign_in", retry=_TRY_AGAIN)
def look_at_sign_in(access_id: str, **_more: str) -> None:
    causes.look_at_sign_in(access_id=UUID(access_id), real_now=timezone.now())


@task(name="security.look_at_refusal", retry=_TRY_AGAIN)
def look_at_refusal(access_id: str, **_more: str) -> None:
    causes.look_at_refusal(access_id=UUID(access_id), real_now=timezone.now())


@task(name="security.look_at_denial", retry=_TRY_AGAIN)
def look_at_denial(user_id: str, approval_id: str, **_more: str) -> None:
    causes.look_at_denial(
        user_id=UUID(user_id), approval_id=UUID(approval_id), real_now=timezone.now()
    )


@task(name="security.look_at_freeze", retry=_TRY_AGAIN)
def look_at_freeze(user_id: str, by: str, at: str) -> None:
    causes.look_at_freeze(user_id=UUID(user_id), by=UUID(by), at=at, real_now=timezone.now())


@task(name="security.look_at_factor", retry=_TRY_AGAIN)
def look_at_factor(user_id: str, change: str, kind: str, at: str) -> None:
    causes.look_at_factor(
        user_id=UUID(user_id),
        change=FactorChange(change),
        kind=FactorKind(kind),
        at=at,
        real_now=timezone.now(),
    )


@task(name="security.look_at_recovery", retry=_TRY_AGAIN)
def look_at_recovery(user_id: str, recovery_id: str, state: str, **_more: str) -> None:
    if state == RecoveryState.REQUESTED:
        causes.look_at_recovery(
            user_id=UUID(user_id), recovery_id=UUID(recovery_id), real_now=timezone.now()
        )


@task(name="security.look_at_case", retry=_TRY_AGAIN)
def look_at_case(organization_id: str, case_id: str, **_more: str) -> None:
    dealings.look_at_case(
        organization_id=UUID(organization_id), case_id=UUID(case_id), real_now=timezone.now()
    )


@task(name="security.look_at_contest", retry=_TRY_AGAIN)
def look_at_contest(organization_id: str, report_id: str, **_more: str) -> None:
    dealings.look_at_contest(
        organization_id=UUID(organization_id), report_id=UUID(report_id), real_now=timezone.now()
    )


@task(name="security.look_at_dispute", retry=_TRY_AGAIN)
def look_at_dispute(organization_id: str, dispute_id: str, **_more: str) -> None:
    disputes.look_at_dispute(
        organization_id=UUID(organization_id),
        dispute_id=UUID(dispute_id),
        now=business_now(),
        real_now=timezone.now(),
    )


@task(name="security.look_at_role", retry=_TRY_AGAIN)
def look_at_role(organization_id: str, user_id: str, role: str, by: str, at: str) -> None:
    dealings.look_at_role(
        organization_id=UUID(organization_id),
        user_id=UUID(user_id),
        role=Role(role),
        by=_person(by),
        at=at,
        real_now=timezone.now(),
    )


@task(name="security.look_at_collecting_account", retry=_TRY_AGAIN)
def look_at_collecting_account(organization_id: str, account_id: str, by: str, at: str) -> None:
    dealings.look_at_collecting_account(
        organization_id=UUID(organization_id),
        account_id=UUID(account_id),
        by=_person(by),
        at=at,
        real_now=timezone.now(),
    )


@task(name="security.look_at_export", retry=_TRY_AGAIN)
def look_at_export(organization_id: str, user_id: str, what: str, lines: str, at: str) -> None:
    dealings.look_at_export(
        organization_id=UUID(organization_id),
        user_id=UUID(user_id),
        what=what,
        lines=int(lines),
        at=at,
        real_now=timezone.now(),
    )


@task(name="security.look_at_key_address", retry=_TRY_AGAIN)
def look_at_key_address(
    organization_id: str, key_id: str, country: str, is_first_use: str, at: str
) -> None:
    if is_first_use == str(True):
        return
    dealings.look_at_key_address(
        organization_id=UUID(organization_id),
        key_id=UUID(key_id),
        country=country,
        at=at,
        real_now=timezone.now(),
    )


@task(name="security.look_at_refund", retry=_TRY_AGAIN)
def look_at_refund(
    organization_id: str, refund_id: str, amount_minor: str, currency: str, by: str, **_more: str
) -> None:
    dealings.look_at_refund(
        organization_id=UUID(organization_id),
        refund_id=UUID(refund_id),
        amount=Money(int(amount_minor), Currency(currency)),
        by=_person(by),
        real_now=timezone.now(),
    )


@task(name="security.look_at_refused_operation", retry=_TRY_AGAIN)
def look_at_refused_operation(
    organization_id: str, operation_id: str, user_id: str, **_more: str
) -> None:
    dealings.look_at_refused_operation(
        organization_id=UUID(organization_id),
        operation_id=UUID(operation_id),
        user_id=_person(user_id),
        real_now=timezone.now(),
    )


@task(name="security.look_at_refused_webhook", retry=_TRY_AGAIN)
def look_at_refused_webhook(organization_id: str, connection_id: str, code: str, at: str) -> None:
    dealings.look_at_refused_webhook(
        organization_id=UUID(organization_id),
        connection_id=UUID(connection_id),
        code=code,
        at=at,
        real_now=timezone.now(),
    )


@periodic(cron="4-59/5 * * * *")
@task(name="security.tell_what_goes_on", queue=UPKEEP)
def tell_everyone_what_goes_on(timestamp: int) -> None:  # noqa: ARG001  procrastinate passes it
    for organization_id in organization_ids():
        tell_what_goes_on(organization_id=organization_id, real_now=timezone.now())


@periodic(cron="*/10 * * * *")
@task(name="security.watch", queue=UPKEEP)
def watch_everyone(timestamp: int) -> None:  # noqa: ARG001  procrastinate passes it
    now = timezone.now()
    machine = look_at_machine(real_now=now)
    for organization_id in organization_ids():
        watch(organization_id=organization_id, machine=machine, real_now=now)


@periodic(cron="7-59/10 * * * *")
@task(name="security.watch_disputes", queue=UPKEEP)
def watch_everyone_s_disputes(timestamp: int) -> None:  # noqa: ARG001  procrastinate passes it
    for organization_id in organization_ids():
        disputes.watch_disputes(
            organization_id=organization_id, now=business_now(), real_now=timezone.now()
        )


@periodic(cron="47 3 * * *")
@task(name="security.forget", queue=UPKEEP)
def forget(timestamp: int) -> None:  # noqa: ARG001  procrastinate passes it
    forget_links(real_now=timezone.now())
    forget_quiet(real_now=timezone.now())
    for organization_id in organization_ids():
        forget_facts(organization_id=organization_id, real_now=timezone.now())


def _person(by: str) -> UUID | None:
    """Return who did it; an event writes None where it was a program."""
    return None if by == str(None) else UUID(by)
