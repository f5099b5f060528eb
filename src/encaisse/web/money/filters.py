"""Which payments a page shows: by state, and by the days of a period named in the address."""

from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from encaisse.kit.clock import business_now, paris_date, start_of_day
from encaisse.payments.core import IntentState, RefundState
from encaisse.payments.models import AttemptRefusal, PaymentIntent, Refund
from encaisse.payments.queries import payments, to_allocate
from encaisse.reporting.core import Period, read_period
from encaisse.web.access import MemberRequest

REFUSED, REFUNDED, TO_ALLOCATE = "refuses", "rembourses", "a-affecter"


def days_asked(request: MemberRequest) -> Period | None:
    """
    Return the period in the address, or none.

    :raises PeriodInvalid: its days make no period
    """
    first, last = request.GET.get("du", "").strip(), request.GET.get("au", "").strip()
    if not first and not last:
        return None
    return read_period(first, last, today=paris_date(business_now()))


def filtered(request: MemberRequest, state: str, days: Period | None) -> QuerySet[PaymentIntent]:
    organization_id = request.organization_id
    if state == TO_ALLOCATE:
        return to_allocate(organization_id=organization_id)
    rows = payments(organization_id=organization_id)
    if state == REFUSED:
        return rows.filter(Exists(_refusals(request, days)))
    if state == REFUNDED:
        return rows.filter(Exists(_refunds(request, days)))
    if state in set(IntentState):
        rows = rows.filter(state=state)
    moment = "captured_at" if state == IntentState.CAPTURED else "created_at"
    return rows.filter(**_within(moment, days))


def _refusals(request: MemberRequest, days: Period | None) -> QuerySet[AttemptRefusal]:
    found = AttemptRefusal.objects.filter(
        organization_id=request.organization_id,
        attempt__intent_id=OuterRef("id"),
        **_within("refused_at", days),
    )
    cause = request.GET.get("cause", "")
    return found.filter(reason=cause) if cause else found


def _refunds(request: MemberRequest, days: Period | None) -> QuerySet[Refund]:
    return Refund.objects.filter(
        organization_id=request.organization_id,
        intent_id=OuterRef("id"),
        state=RefundState.SUCCEEDED,
        **_within("updated_at", days),
    )


def _within(moment: str, days: Period | None) -> dict[str, Any]:
    """Return the bounds of a period's days in Paris."""
    if days is None:
        return {}
    end = start_of_day(days.last + timedelta(days=1))
    return {f"{moment}__gte": start_of_day(days.first), f"{moment}__lt": end}
