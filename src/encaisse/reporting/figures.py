"""
Counting as things happen, in the transaction that makes them so.

A dashboard then reads a few rows a day instead of summing history: it costs the same with a
thousand payments and with a million.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection

from encaisse.invoicing.events import InvoicePaid
from encaisse.invoicing.models import Invoice
from encaisse.kit.clock import business_now, paris_date
from encaisse.kit.gathering import Gatherer, Rank
from encaisse.kit.identifiers import new_id
from encaisse.payments.core import Method
from encaisse.payments.events import (
    DisputeOpened,
    PaymentCaptured,
    PaymentRefused,
    RefundSucceeded,
)
from encaisse.payments.models import Dispute, PaymentAttempt, PaymentIntent
from encaisse.providers.contract import DeclineReason
from encaisse.reporting import funnel
from encaisse.reporting.core import FUNNEL, Device, Figure, name_of
from encaisse.treasury.events import FundsArrived

# Refused before the bank knew who was paying.
_UNRECOGNISED = frozenset(
    {DeclineReason.AUTHENTICATION_REQUIRED, DeclineReason.AUTHENTICATION_FAILED}
)


def on_captured(events: Sequence[PaymentCaptured]) -> None:
    """Count a payment once, under its means; money allocated later was counted when it came."""
    intents = _intents(events)
    for event in events:
        intent = intents[event.intent_id]
        if intent.captured_at is not None and not _was_allocated_later(event, intent):
            name = name_of(Figure.CAPTURED, intent.method)
            _add(event.organization_id, paris_date(intent.captured_at), name, event.amount_minor)
    ways = [(row.request_id, row.method) for row in intents.values() if row.request_id]
    _go_up_to(Figure.PAID, events[0].organization_id, ways)


def on_refused(events: Sequence[PaymentRefused]) -> None:
    for event in events:
        name = name_of(Figure.REFUSED, event.reason)
        _add(event.organization_id, event.occurred_on, name, 0)
    recognised = [event.attempt_id for event in events if event.reason not in _UNRECOGNISED]
    attempts = PaymentAttempt.objects.filter(
        organization_id=events[0].organization_id, id__in=recognised, intent__request__isnull=False
    )
    ways = list(attempts.values_list("intent__request_id", "intent__method"))
    _go_up_to(Figure.AUTHENTICATED, events[0].organization_id, ways)


def on_opened(*, organization_id: UUID, request_id: UUID, device: Device) -> None:
    """Count a link that somebody opens, once."""
    for part in funnel.opened(
        organization_id=organization_id, request_id=request_id, device=device
    ):
        _add(organization_id, paris_date(business_now()), name_of(Figure.OPENED, part), 0)


def on_chosen(*, organization_id: UUID, request_id: UUID, method: Method) -> None:
    """Count a means chosen on a link, once."""
    _go_up_to(Figure.CHOSEN, organization_id, [(request_id, method.value)])


def _go_up_to(last: Figure, organization_id: UUID, ways: Sequence[tuple[UUID, str]]) -> None:
    """
    Count links up to a step, on the day they were opened: a period tells how far its links went.

    Whoever paid was recognised, and had chosen: money may come by a way chosen on paper, and a bank
    may recognise its client without asking for anything.
    """
    steps = FUNNEL[1 : FUNNEL.index(last) + 1]
    for step, part, day in funnel.passed(organization_id=organization_id, steps=steps, ways=ways):
        _add(organization_id, day, name_of(step, part), 0)


def on_refunded(events: Sequence[RefundSucceeded]) -> None:
    today = paris_date(business_now())
    for event in events:
        _add(event.organization_id, today, name_of(Figure.REFUNDED), event.amount_minor)


def on_disputed(events: Sequence[DisputeOpened]) -> None:
    for event in events:
        dispute = Dispute.objects.get(organization_id=event.organization_id, id=event.dispute_id)
        day = paris_date(dispute.created_at)
        _add(event.organization_id, day, name_of(Figure.DISPUTED), dispute.amount_minor)


def on_funds(events: Sequence[FundsArrived]) -> None:
    """Measure how long money took, from the payment and from the work it pays."""
    intents = _intents(events)
    supplies = _supply_dates(intents.values())
    for event in events:
        intent = intents[event.intent_id]
        if intent.captured_at is not None:
            days = max(0, (event.booked_on - paris_date(intent.captured_at)).days)
            name = name_of(Figure.FUNDS_HOURS, str(days * 24))
            _add(event.organization_id, event.booked_on, name, days * 24)
        supply_on = supplies.get(intent.request.reference_id) if intent.request else None
        if supply_on is not None:
            days = max(0, (event.booked_on - supply_on).days)
            _add(event.organization_id, event.booked_on, name_of(Figure.WORK_DAYS), days)


def on_invoice_paid(events: Sequence[InvoicePaid]) -> None:
    """Measure lateness beyond the due date: another measure than the one above, never mixed."""
    today = paris_date(business_now())
    due = Invoice.objects.filter(
        organization_id=events[0].organization_id, id__in=[event.invoice_id for event in events]
    ).values_list("organization_id", "due_on")
    for organization_id, due_on in due:
        _add(organization_id, today, name_of(Figure.LATE_DAYS), max(0, (today - due_on).days))


def _was_allocated_later(event: PaymentCaptured, intent: PaymentIntent) -> bool:
    """The same money is announced a second time when a person gives it to a request."""
    return intent.allocated_at is not None and event.request_id is not None


def _intents(events: Sequence[PaymentCaptured | FundsArrived]) -> Mapping[UUID, PaymentIntent]:
    return (
        PaymentIntent.objects.filter(organization_id=events[0].organization_id)
        .select_related("request")
        .in_bulk([event.intent_id for event in events])
    )


def _supply_dates(intents: Iterable[PaymentIntent]) -> Mapping[UUID | None, date]:
    """Return when the work of each invoice paid was done."""
    paid = [
        (intent.organization_id, intent.request.reference_id)
        for intent in intents
        if intent.request is not None and intent.request.reference_kind == "invoice"
    ]
    if not paid:
        return {}
    rows = Invoice.objects.filter(organization_id=paid[0][0], id__in=[id_ for _, id_ in paid])
    return {id_: day for id_, day in rows.values_list("id", "supply_on") if day is not None}


@dataclass(frozen=True, slots=True)
class _Count:
    organization_id: UUID
    day: date
    name: str
    total: int


def _add(organization_id: UUID, day: date, name: str, total: int) -> None:
    _figures.add(_Count(organization_id, day, name, total))


def _write(counts: Sequence[_Count]) -> None:
    """Add to the days' figures, locked in sorted order."""
    number: Counter[tuple[UUID, date, str]] = Counter()
    total: Counter[tuple[UUID, date, str]] = Counter()
    for item in counts:
        key = (item.organization_id, item.day, item.name)
        number[key] += 1
        total[key] += item.total
    keys = sorted(number)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO reporting_dailyfigure AS figure
                (id, organization_id, day, name, count, total, created_at)
            SELECT row.*, %s::timestamptz FROM unnest(
                %s::uuid[], %s::uuid[], %s::date[], %s::text[], %s::int[], %s::bigint[]) AS row
            ON CONFLICT (organization_id, day, name) DO UPDATE SET
                count = figure.count + EXCLUDED.count, total = figure.total + EXCLUDED.total
            """,
            [
                business_now(),
                [new_id() for _ in keys],
                [organization_id for organization_id, _, _ in keys],
                [day for _, day, _ in keys],
                [name for _, _, name in keys],
                [number[key] for key in keys],
                [total[key] for key in keys],
            ],
        )


_figures: Gatherer[_Count] = Gatherer(Rank.FIGURES, _write)
