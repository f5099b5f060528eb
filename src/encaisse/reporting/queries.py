"""What dashboards show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, F, Sum

from encaisse.invoicing.core.states import DocumentKind, InvoiceState
from encaisse.invoicing.models import Invoice
from encaisse.kernel.money import Money
from encaisse.ledger.core import Account
from encaisse.ledger.queries import balance
from encaisse.reporting.core import Counted, Figure, Period, Summary, parse_name, summarize
from encaisse.reporting.models import DailyFigure


@dataclass(frozen=True, slots=True)
class Owed:
    """What customers still owe, and the part of it that is past due."""

    open_count: int
    open_amount: Money
    overdue_count: int
    overdue_amount: Money


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A period, the one before it, and the present."""

    period: Period
    summary: Summary
    before: Summary
    owed: Owed
    under_way: Money
    to_allocate: Money


def dashboard(*, organization_id: UUID, period: Period, today: date) -> Dashboard:
    """Read a period's dashboard: a fixed number of queries, none over history."""
    earlier = period.before
    rows = daily_figures(organization_id=organization_id, period=Period(earlier.first, period.last))
    return Dashboard(
        period=period,
        summary=summarize(row for row in rows if row.day >= period.first),
        before=summarize(row for row in rows if row.day <= earlier.last),
        owed=owed(organization_id=organization_id, today=today),
        under_way=balance(organization_id=organization_id, account_prefix=Account.COLLECTING),
        to_allocate=-balance(organization_id=organization_id, account_prefix=Account.TO_ALLOCATE),
    )


def summary(*, organization_id: UUID, period: Period) -> Summary:
    """Read what came and went in a period: one query."""
    return summarize(daily_figures(organization_id=organization_id, period=period))


def owed(*, organization_id: UUID, today: date) -> Owed:
    """Return what is issued and not paid, read from open invoices only."""
    rows = Invoice.objects.filter(
        organization_id=organization_id, state=InvoiceState.ISSUED, kind=DocumentKind.FINAL
    )
    left = F("to_pay_minor") - F("paid_minor")
    whole = rows.aggregate(count=Count("id"), total=Sum(left))
    late = rows.filter(due_on__lt=today).aggregate(count=Count("id"), total=Sum(left))
    return Owed(
        open_count=whole["count"],
        open_amount=Money(int(whole["total"] or 0)),
        overdue_count=late["count"],
        overdue_amount=Money(int(late["total"] or 0)),
    )


def daily_figures(
    *, organization_id: UUID, period: Period, figure: Figure | None = None
) -> Sequence[Counted]:
    """Return what was counted on each day of a period, or one figure of it: one query."""
    rows = DailyFigure.objects.filter(
        organization_id=organization_id, day__gte=period.first, day__lte=period.last
    ).order_by("day", "name")
    if figure is not None:
        rows = rows.filter(name__startswith=figure.value)
    return [
        Counted(row.day, *parse_name(row.name), count=row.count, total=row.total) for row in rows
    ]
