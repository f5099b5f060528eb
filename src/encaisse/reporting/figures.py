"""
Counting as things happen, in the transaction that makes them so.

A dashboard then reads a few rows a day instead of summing history: it costs the same with a
thousand payments and with a million.
"""

from datetime import date
from uuid import UUID

from django.db import connection

from encaisse.invoicing.events import InvoicePaid
from encaisse.invoicing.models import Invoice
from encaisse.kit.clock import business_now, paris_date
from encaisse.kit.identifiers import new_id
from encaisse.payments.events import (
    DisputeOpened,
    PaymentCaptured,
    PaymentRefused,
    RefundSucceeded,
)
from encaisse.payments.models import AttemptRefusal, Dispute, PaymentIntent
from encaisse.reporting.core import Figure, name_of
from encaisse.treasury.events import FundsArrived


def on_captured(event: PaymentCaptured) -> None:
    """Count a payment once, under its means; money allocated later was counted when it came."""
    intent = PaymentIntent.objects.get(organization_id=event.organization_id, id=event.intent_id)
    if intent.captured_at is None or _was_allocated_later(event, intent):
        return
    name = name_of(Figure.CAPTURED, intent.method)
    _add(event.organization_id, paris_date(intent.captured_at), name, event.amount_minor)


def on_refused(event: PaymentRefused) -> None:
    """Count a refusal on its own day: it may be learnt of after midnight, or by the sweep."""
    refusals = AttemptRefusal.objects.filter(
        organization_id=event.organization_id, attempt_id=event.attempt_id
    )
    latest = refusals.order_by("position").last()
    refused_at = latest.refused_at if latest else business_now()
    name = name_of(Figure.REFUSED, event.reason)
    _add(event.organization_id, paris_date(refused_at), name, 0)


def on_refunded(event: RefundSucceeded) -> None:
    name = name_of(Figure.REFUNDED)
    _add(event.organization_id, paris_date(business_now()), name, event.amount_minor)


def on_disputed(event: DisputeOpened) -> None:
    dispute = Dispute.objects.get(organization_id=event.organization_id, id=event.dispute_id)
    day = paris_date(dispute.created_at)
    _add(event.organization_id, day, name_of(Figure.DISPUTED), dispute.amount_minor)


def on_funds(event: FundsArrived) -> None:
    """Measure how long money took, from the payment and from the work it pays."""
    intent = PaymentIntent.objects.select_related("request").get(
        organization_id=event.organization_id, id=event.intent_id
    )
    if intent.captured_at is not None:
        days = max(0, (event.booked_on - paris_date(intent.captured_at)).days)
        _add(event.organization_id, event.booked_on, name_of(Figure.FUNDS_HOURS), days * 24)
    supply_on = _supply_date(intent)
    if supply_on is not None:
        days = max(0, (event.booked_on - supply_on).days)
        _add(event.organization_id, event.booked_on, name_of(Figure.WORK_DAYS), days)


def on_invoice_paid(event: InvoicePaid) -> None:
    """Measure lateness beyond the due date: another measure than the one above, never mixed."""
    invoice = Invoice.objects.get(organization_id=event.organization_id, id=event.invoice_id)
    today = paris_date(business_now())
    days = max(0, (today - invoice.due_on).days)
    _add(event.organization_id, today, name_of(Figure.LATE_DAYS), days)


def _was_allocated_later(event: PaymentCaptured, intent: PaymentIntent) -> bool:
    """The same money is announced a second time when a person gives it to a request."""
    return intent.allocated_at is not None and event.request_id is not None


def _supply_date(intent: PaymentIntent) -> date | None:
    request = intent.request
    if request is None or request.reference_kind != "invoice":
        return None
    return (
        Invoice.objects.filter(organization_id=intent.organization_id, id=request.reference_id)
        .values_list("supply_on", flat=True)
        .first()
    )


def _add(organization_id: UUID, day: date, name: str, total: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO reporting_dailyfigure AS figure
                (id, organization_id, day, name, count, total, created_at)
            VALUES (%s, %s, %s, %s, 1, %s, %s)
            ON CONFLICT (organization_id, day, name)
            DO UPDATE SET count = figure.count + 1, total = figure.total + EXCLUDED.total
            """,
            [new_id(), organization_id, day, name, total, business_now()],
        )
