"""How disputes end and what they cost, by reason: two sums made by the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from encaisse.kernel.money import Money
from encaisse.payments.core import DisputeState
from encaisse.payments.models import Dispute, PayoutLine

YEAR = timedelta(days=365)
# Providers have some ten reasons; a list that grows beyond would be their mistake.
MOST_REASONS = 30


@dataclass(frozen=True, slots=True)
class ReasonFigures:
    """One reason over a year. `lost` went back for good; fees are kept whoever wins."""

    reason: str
    number: int
    won: int
    decided: int
    lost: Money
    fees: Money

    @property
    def win_rate(self) -> float | None:
        return self.won / self.decided if self.decided else None

    @property
    def cost(self) -> Money:
        return self.lost + self.fees


def figures_by_reason(*, organization_id: UUID, now: datetime) -> Sequence[ReasonFigures]:
    """Return the last twelve months by reason, the most frequent first."""
    fees = (
        PayoutLine.objects.filter(
            organization_id=organization_id, kind="dispute", provider_id=OuterRef("provider_id")
        )
        .order_by()
        .values("provider_id")
        .annotate(total=Sum("fee_minor"))
        .values("total")
    )
    rows = (
        Dispute.objects.filter(organization_id=organization_id, created_at__gte=now - YEAR)
        .annotate(fee=Coalesce(Subquery(fees), 0))
        .values("reason")
        .annotate(
            number=Count("id"),
            won=Count("id", filter=Q(state=DisputeState.WON)),
            defeats=Count("id", filter=Q(state=DisputeState.LOST)),
            lost=Coalesce(Sum("amount_minor", filter=Q(state=DisputeState.LOST)), 0),
            fees=Coalesce(Sum("fee"), 0),
        )
        .order_by("-number", "reason")[:MOST_REASONS]
    )
    return [
        ReasonFigures(
            reason=row["reason"],
            number=row["number"],
            won=row["won"],
            decided=row["won"] + row["defeats"],
            lost=Money(row["lost"]),
            fees=Money(row["fees"]),
        )
        for row in rows
    ]
