"""Disputes that wait for an answer: told when they open, and once more when time runs out."""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from encaisse.kit.tenancy import acting_for
from encaisse.payments.models import Dispute
from encaisse.payments.queries import dispute_by_id, disputes_to_answer
from encaisse.security.core import DISPUTE_NOTICE, Kind
from encaisse.security.raising import close_mended, raise_alert


def look_at_dispute(
    *, organization_id: UUID, dispute_id: UUID, now: datetime, real_now: datetime
) -> None:
    """Alert of a payment that a bank contests. `now` is the clock of the deadline."""
    with acting_for(organization_id):
        dispute = dispute_by_id(organization_id=organization_id, dispute_id=dispute_id)
        if dispute.closed_at is None:
            _raise(dispute, "opened", now, real_now)


def watch_disputes(*, organization_id: UUID, now: datetime, real_now: datetime) -> None:
    """Tell again of what nears its deadline, close what was answered; any number of times."""
    with acting_for(organization_id):
        waiting = list(disputes_to_answer(organization_id=organization_id))
        for dispute in waiting:
            due = dispute.evidence_due_at
            if due is not None and now < due <= now + DISPUTE_NOTICE:
                _raise(dispute, "due", now, real_now)
        close_mended(
            organization_id=organization_id,
            kind=Kind.DISPUTE_DUE,
            still_wrong=[_subject(dispute) for dispute in waiting],
        )


def _raise(dispute: Dispute, why: str, now: datetime, real_now: datetime) -> None:
    raise_alert(
        organization_id=dispute.organization_id,
        kind=Kind.DISPUTE_DUE,
        subject=_subject(dispute),
        cause_id=uuid5(dispute.id, why),
        facts={"amount": dispute.amount.in_french(), "left": _left(dispute, now)},
        real_now=real_now,
    )


def _subject(dispute: Dispute) -> str:
    return f"dispute:{dispute.id}"


def _left(dispute: Dispute, now: datetime) -> str:
    """Say how long is left as it is told; the page counts on."""
    if dispute.evidence_due_at is None:
        return "aucune date limite"
    left = max(timedelta(), dispute.evidence_due_at - now)
    if left < timedelta(days=2):
        return f"moins de {int(left / timedelta(hours=1)) + 1} heures"
    return f"{left.days} jours"
