"""What to do with provider events: fetch the objects they are about, record what is true."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import structlog
from django.db import DatabaseError

from encaisse.kernel.errors import DomainError
from encaisse.kit.jobs import enqueue_once
from encaisse.kit.tenancy import acting_for
from encaisse.payments.queries import attempts_at_account
from encaisse.payments.services.disputes import record_dispute
from encaisse.payments.services.payouts import record_payout
from encaisse.payments.services.record import record_payment, record_payments
from encaisse.payments.services.refunds import record_refund_answer
from encaisse.providers.contract import ProviderError, ProviderObject, ProviderPayment
from encaisse.providers.events import WebhookReceived
from encaisse.providers.queries import open_plugin
from encaisse.providers.registry import Plugin
from encaisse.providers.services import (
    PendingObject,
    mark_failed,
    mark_processed,
    pending_objects,
)

log = structlog.get_logger()

# Permanent refusals: trying again would only refuse again, so the event leaves the queue.
_FINAL = {"provider_mismatch", "not_found"}


def queue_inbox(events: Sequence[WebhookReceived]) -> None:
    """Queue one batch job per connection; events that arrive meanwhile share it."""
    for organization_id, connection_id in {(e.organization_id, e.connection_id) for e in events}:
        enqueue_once(
            "payments.process_inbox",
            key=str(connection_id),
            organization_id=organization_id,
            connection_id=connection_id,
        )


def process_inbox(*, organization_id: UUID, connection_id: UUID, now: datetime) -> int:
    """
    Process a batch of events and return how many objects were recorded.

    Payments are fetched in one ask and recorded in one transaction, together with the removal of
    their events. Should one of them be refused, and for objects of other kinds, each is recorded
    by itself; one that fails waits behind the others.
    """
    with acting_for(organization_id):
        objects = pending_objects(organization_id=organization_id, connection_id=connection_id)
    if not objects:
        return 0
    opened = open_plugin(organization_id=organization_id, connection_id=connection_id)
    batch = _Batch(organization_id, connection_id, opened, now)
    payments = batch.fetch_payments(objects)
    fetched = [item for item in objects if item.provider_id in payments]
    together = fetched if batch.record_together(fetched, payments) else []
    alone = [item for item in objects if item not in together]
    return len(together) + sum(
        batch.process(item, payments.get(item.provider_id)) for item in alone
    )


class _Batch:
    """One connection's events, with the plug-in to fetch what they are about."""

    def __init__(
        self, organization_id: UUID, connection_id: UUID, plugin: Plugin, now: datetime
    ) -> None:
        self._organization_id = organization_id
        self._connection_id = connection_id
        self._plugin = plugin
        self._now = now

    def fetch_payments(self, objects: Sequence[PendingObject]) -> dict[str, ProviderPayment]:
        """Fetch all payments of the batch in one ask; a failure is that of each of them."""
        ids = [item.provider_id for item in objects if item.kind is ProviderObject.PAYMENT]
        try:
            return {payment.provider_id: payment for payment in self._plugin.fetch_payments(ids)}
        except ProviderError:
            return {}

    def record_together(
        self, items: Sequence[PendingObject], payments: Mapping[str, ProviderPayment]
    ) -> bool:
        """Record all these payments in one transaction; False where they must be taken apart."""
        if len({payments[item.provider_id].reference for item in items}) < len(items):
            return False  # two payments claim one attempt: each is judged by itself
        try:
            with acting_for(self._organization_id):
                ours = self._attempts_of([payments[item.provider_id] for item in items])
                record_payments(organization_id=self._organization_id, payments=ours, now=self._now)
                done = [event_id for item in items for event_id in item.event_ids]
                mark_processed(organization_id=self._organization_id, event_ids=done)
        except (DomainError, DatabaseError) as error:
            log.warning("inbox_batch_taken_apart", objects=len(items), error=type(error).__name__)
            return False
        return True

    def process(self, item: PendingObject, payment: ProviderPayment | None) -> bool:
        try:
            self._record(item, payment)
        except DomainError as error:
            return self._set_aside(item, error.code)
        except DatabaseError:
            # What the database refuses for one object must not hold back everybody else's.
            log.exception("inbox_object_refused", object=item.provider_id)
            return self._set_aside(item, "database_error")
        with acting_for(self._organization_id):
            mark_processed(organization_id=self._organization_id, event_ids=item.event_ids)
        return True

    def _record(self, item: PendingObject, payment: ProviderPayment | None) -> None:
        match item.kind:
            case ProviderObject.PAYMENT:
                self._record_payment(item, payment)
            case ProviderObject.REFUND:
                self._record_refund(item.provider_id)
            case ProviderObject.DISPUTE:
                record_dispute(
                    organization_id=self._organization_id,
                    connection_id=self._connection_id,
                    dispute=self._plugin.fetch_dispute(item.provider_id),
                    now=self._now,
                )
            case ProviderObject.PAYOUT:
                record_payout(
                    organization_id=self._organization_id,
                    connection_id=self._connection_id,
                    payout=self._plugin.fetch_payout(item.provider_id),
                    now=self._now,
                )
            case ProviderObject.PING | ProviderObject.UNKNOWN:
                # Neither is queued: one tells nothing, the other something we cannot read.
                log.warning("inbox_object_unexpected", kind=item.kind)

    def _record_payment(self, item: PendingObject, payment: ProviderPayment | None) -> None:
        if payment is None:
            fetched = self._plugin.fetch_payments([item.provider_id])
            payment = next(iter(fetched), None)
        if payment is None:
            return
        with acting_for(self._organization_id):
            ours = self._attempts_of([payment])
        for attempt_id in ours:
            record_payment(
                organization_id=self._organization_id,
                attempt_id=attempt_id,
                payment=payment,
                now=self._now,
            )

    def _attempts_of(self, payments: Sequence[ProviderPayment]) -> dict[UUID, ProviderPayment]:
        """Return payments by the attempt of ours they refer to; those of others are left out."""
        named = {_uuid_or_none(payment.reference): payment for payment in payments}
        ours = attempts_at_account(
            organization_id=self._organization_id, connection_id=self._connection_id
        ).filter(id__in=[reference for reference in named if reference])
        return {attempt_id: named[attempt_id] for attempt_id in ours.values_list("id", flat=True)}

    def _record_refund(self, provider_refund_id: str) -> None:
        record_refund_answer(
            organization_id=self._organization_id,
            connection_id=self._connection_id,
            answer=self._plugin.fetch_refund(provider_refund_id),
            now=self._now,
        )

    def _set_aside(self, item: PendingObject, code: str) -> bool:
        with acting_for(self._organization_id):
            if code in _FINAL:
                mark_processed(organization_id=self._organization_id, event_ids=item.event_ids)
            else:
                mark_failed(
                    organization_id=self._organization_id,
                    event_ids=item.event_ids,
                    error=code,
                )
        return False


def _uuid_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
