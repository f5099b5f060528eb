"""
The periodic comparison with the provider: finds what webhooks, crashes or lost answers left.

It resolves every attempt, refund and answer without a final state, re-reads what changed at the
provider since the last sweep, and lists each thing it had to repair.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import DatabaseError

from encaisse.audit import services as audit
from encaisse.kernel.actor import SYSTEM
from encaisse.kernel.errors import DomainError
from encaisse.kit.tenancy import acting_for
from encaisse.payments.core import (
    LIVE_ATTEMPTS,
    UNSETTLED_ANSWERS,
    UNSETTLED_REFUNDS,
    AttemptState,
    RefundState,
)
from encaisse.payments.inbox import process_inbox
from encaisse.payments.models import Dispute, DisputeAnswer, PaymentAttempt, Payout, Refund
from encaisse.payments.queries import attempts_at_account
from encaisse.payments.services.answers import send_answer
from encaisse.payments.services.disputes import record_dispute
from encaisse.payments.services.held import end_cases_without_object, is_waiting_for_somebody
from encaisse.payments.services.payouts import record_payout
from encaisse.payments.services.record import record_payment
from encaisse.payments.services.refunds import record_refund_answer, refund_known_as, send_refund
from encaisse.payments.services.resolve import (
    cancel_attempt,
    capture_attempt,
    resolve_attempt,
)
from encaisse.providers.contract import (
    ProviderDispute,
    ProviderPayment,
    ProviderPayout,
    ProviderRefund,
    RefundStatus,
)
from encaisse.providers.models import Connection, ConnectionState
from encaisse.providers.queries import plugin_for
from encaisse.providers.registry import Plugin

# Re-read a little more than the last sweep saw: clocks differ, and lists are read in pages.
_OVERLAP = timedelta(hours=1)
# A payer who is typing a card number is not a fault to repair.
_QUIET = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the sweep repaired, or could not."""

    kind: str
    target: str
    detail: str


def sweep(*, organization_id: UUID, now: datetime) -> list[Finding]:
    """Compare with every connected provider, repair, list what was found in the audit chain."""
    findings: list[Finding] = []
    with acting_for(organization_id):
        connections = list(
            Connection.objects.filter(
                organization_id=organization_id, state=ConnectionState.ACTIVE
            ).order_by("id")
        )
    for connection in connections:
        findings += _sweep_connection(connection, now)
    findings += _resolve_unfinished(organization_id, now)
    end_cases_without_object(organization_id=organization_id, now=now)
    _list_findings(organization_id, findings, now)
    return findings


def _sweep_connection(connection: Connection, now: datetime) -> list[Finding]:
    organization_id = connection.organization_id
    since = (connection.swept_until or connection.created_at) - _OVERLAP
    process_inbox(organization_id=organization_id, connection_id=connection.id, now=now)
    opened = plugin_for(connection)
    sweeper = _Sweeper(connection, now)
    try:
        changed = list(_payments_since(opened, since))
        findings = [finding for payment in changed if (finding := sweeper.payment(payment))]
        refunded = [payment for payment in changed if payment.refunded]
        findings += [
            finding for payment in refunded for finding in sweeper.refunds(payment, opened)
        ]
        findings += [
            finding for payout in opened.payouts_since(since) if (finding := sweeper.payout(payout))
        ]
        findings += [
            finding
            for dispute in opened.disputes_updated_since(since)
            if (finding := sweeper.dispute(dispute))
        ]
    except DomainError as error:
        return [Finding("provider_unreadable", f"connection:{connection.id}", error.code)]
    with acting_for(organization_id):
        Connection.objects.filter(organization_id=organization_id, id=connection.id).update(
            swept_until=now
        )
    return findings


def _payments_since(plugin: Plugin, since: datetime) -> Iterator[ProviderPayment]:
    cursor = None
    while True:
        page = plugin.payments_updated_since(since, cursor)
        yield from page.items
        if not page.next_cursor:
            return
        cursor = page.next_cursor


class _Sweeper:
    """Records what a provider lists and tells what we did not know."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._organization_id = connection.organization_id
        self._now = now

    def payment(self, payment: ProviderPayment) -> Finding | None:
        with acting_for(self._organization_id):
            attempt = (
                attempts_at_account(
                    organization_id=self._organization_id, connection_id=self._connection.id
                )
                .filter(provider_id=payment.provider_id)
                .first()
            )
        if attempt is None:
            return None  # not asked by us, or its creation is still being resolved by reference
        before = attempt.state
        target = f"payment_attempt:{attempt.id}"
        try:
            after = record_payment(
                organization_id=self._organization_id,
                attempt_id=attempt.id,
                payment=payment,
                now=self._now,
            )
        except (DomainError, DatabaseError) as error:
            return Finding("payment_refused", target, _code_of(error))
        return (
            Finding("payment_repaired", target, f"{before} → {after}") if after != before else None
        )

    def refunds(self, payment: ProviderPayment, plugin: Plugin) -> list[Finding]:
        """Take in what went back without our knowing, at the provider or by a lost webhook."""
        with acting_for(self._organization_id):
            known = set(
                Refund.objects.filter(
                    organization_id=self._organization_id,
                    intent__attempts__provider_id=payment.provider_id,
                    state=RefundState.SUCCEEDED,
                ).values_list("provider_id", flat=True)
            )
        return [
            self._refund(answer)
            for answer in plugin.refunds_of(payment.provider_id)
            if answer.provider_id not in known and answer.status is RefundStatus.SUCCEEDED
        ]

    def _refund(self, answer: ProviderRefund) -> Finding:
        try:
            record_refund_answer(
                organization_id=self._organization_id,
                connection_id=self._connection.id,
                answer=answer,
                now=self._now,
            )
        except (DomainError, DatabaseError) as error:
            # Another look at the same moment may have taken it in first.
            if refund_known_as(self._organization_id, self._connection.id, answer) is None:
                return Finding("refund_refused", answer.provider_id, _code_of(error))
        return Finding("refund_missed", answer.provider_id, answer.status)

    def payout(self, payout: ProviderPayout) -> Finding | None:
        with acting_for(self._organization_id):
            known = Payout.objects.filter(
                organization_id=self._organization_id,
                connection_id=self._connection.id,
                provider_id=payout.provider_id,
            ).exists()
        if known:
            return None
        row = record_payout(
            organization_id=self._organization_id,
            connection_id=self._connection.id,
            payout=payout,
            now=self._now,
        )
        return Finding("payout_missed", f"payout:{row.id}", payout.provider_id)

    def dispute(self, dispute: ProviderDispute) -> Finding | None:
        with acting_for(self._organization_id):
            before = Dispute.objects.filter(
                organization_id=self._organization_id,
                connection_id=self._connection.id,
                provider_id=dispute.provider_id,
            ).first()
        if before is not None and before.state == dispute.status:
            return None
        try:
            row = record_dispute(
                organization_id=self._organization_id,
                connection_id=self._connection.id,
                dispute=dispute,
                now=self._now,
            )
        except (DomainError, DatabaseError) as error:
            return Finding("dispute_refused", dispute.provider_id, _code_of(error))
        return Finding("dispute_missed", f"dispute:{row.id}", dispute.status)


def _resolve_unfinished(organization_id: UUID, now: datetime) -> list[Finding]:
    """Ask about every attempt, refund and answer without a final state, oldest first."""
    with acting_for(organization_id):
        attempts = list(
            PaymentAttempt.objects.filter(
                organization_id=organization_id,
                state__in=sorted(LIVE_ATTEMPTS),
                updated_at__lt=now - _QUIET,
            )
            .order_by("updated_at")
            .values_list("id", "state")
        )
        refunds = list(
            Refund.objects.filter(
                organization_id=organization_id,
                state__in=sorted(UNSETTLED_REFUNDS),
                updated_at__lt=now - _QUIET,
            )
            .order_by("updated_at")
            .values_list("id", "state")
        )
        answers = list(
            DisputeAnswer.objects.filter(
                organization_id=organization_id,
                state__in=sorted(UNSETTLED_ANSWERS),
                updated_at__lt=now - _QUIET,
            )
            .order_by("updated_at")
            .values_list("id", "state")
        )
    found = [_resolve_attempt(organization_id, id_, state, now) for id_, state in attempts]
    found += [_resolve_refund(organization_id, id_, state, now) for id_, state in refunds]
    found += [_resolve_answer(organization_id, id_, state, now) for id_, state in answers]
    return [finding for finding in found if finding]


def _resolve_answer(
    organization_id: UUID, answer_id: UUID, before: str, now: datetime
) -> Finding | None:
    target = f"dispute_answer:{answer_id}"
    try:
        after = send_answer(organization_id=organization_id, answer_id=answer_id, now=now)
    except (DomainError, DatabaseError) as error:
        return Finding("answer_unresolved", target, _code_of(error))
    return Finding("answer_resolved", target, f"{before} → {after}") if after != before else None


def _resolve_attempt(
    organization_id: UUID, attempt_id: UUID, before: str, now: datetime
) -> Finding | None:
    target = f"payment_attempt:{attempt_id}"
    try:
        after = _settle_attempt(organization_id, attempt_id, now)
    except (DomainError, DatabaseError) as error:
        return Finding("attempt_unresolved", target, _code_of(error))
    if after != before:
        return Finding("attempt_resolved", target, f"{before} → {after}")
    # A payer may take half an hour over a checkout, and somebody of the firm a day over a case;
    # money in doubt is listed each time.
    waits = after in {AttemptState.REQUIRES_ACTION, AttemptState.HELD}
    return None if waits else Finding("attempt_stuck", target, after)


def _settle_attempt(organization_id: UUID, attempt_id: UUID, now: datetime) -> AttemptState:
    """Learn the truth, then do again what a lost job should have done: take or release."""
    state = resolve_attempt(organization_id=organization_id, attempt_id=attempt_id, now=now)
    if state is AttemptState.CAPTURING:
        return capture_attempt(organization_id=organization_id, attempt_id=attempt_id, now=now)
    is_abandoned = state is AttemptState.HELD and not is_waiting_for_somebody(
        organization_id=organization_id, attempt_id=attempt_id
    )
    if state is AttemptState.AUTHORIZED or is_abandoned:
        return cancel_attempt(organization_id=organization_id, attempt_id=attempt_id, now=now)
    return state


def _code_of(error: DomainError | DatabaseError) -> str:
    return error.code if isinstance(error, DomainError) else "database_error"


def _resolve_refund(
    organization_id: UUID, refund_id: UUID, before: str, now: datetime
) -> Finding | None:
    target = f"refund:{refund_id}"
    try:
        after = send_refund(organization_id=organization_id, refund_id=refund_id, now=now)
    except (DomainError, DatabaseError) as error:
        return Finding("refund_unresolved", target, _code_of(error))
    return Finding("refund_resolved", target, f"{before} → {after}") if after != before else None


def _list_findings(organization_id: UUID, findings: list[Finding], now: datetime) -> None:
    if not findings:
        return
    with acting_for(organization_id):
        for finding in findings:
            audit.record(
                organization_id=organization_id,
                actor=SYSTEM,
                action=f"sweep:{finding.kind}",
                target=finding.target,
                facts={"detail": finding.detail},
                now=now,
            )
