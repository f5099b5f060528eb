"""What the engine forgets: who passed once and never came back, and where payers paid from."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from encaisse.fraud.core.passage import Subject
from encaisse.fraud.models import PassageRecord, SubjectTally, Vigilance
from encaisse.kit.tenancy import acting_for

# Tallies count sixty days at most: older ones only say how long something has been known, which
# matters for a device or a card, as long as browsers keep a cookie. The e-mails and the customers
# of a firm are as many as its customers: they stay.
_COUNTED = timedelta(days=62)
_RECOGNISED = timedelta(days=400)
_KEPT_FOR: Mapping[Subject, timedelta] = {
    Subject.LINK: _COUNTED,
    Subject.ADDRESS: _COUNTED,
    Subject.NETWORK: _COUNTED,
    Subject.DEVICE: _RECOGNISED,
    Subject.CARD: _RECOGNISED,
}
# A payment is contested within thirteen months (CMF art. L133-24); a month to answer.
_SEEN_FOR = timedelta(days=427)


def forget_payers(*, organization_id: UUID, now: datetime) -> None:
    """Delete the memory of what no decision would count, and what showed a payer long ago."""
    old = Q()
    for kind, kept in _KEPT_FOR.items():
        old |= Q(kind=kind, touched_at__lt=now - kept)
    with acting_for(organization_id):
        # Whoever writes tallies holds this lock: none is forgotten under a decision.
        firms = Vigilance.objects.select_for_update().filter(organization_id=organization_id)
        if firms.first() is None:
            return
        SubjectTally.objects.filter(old, organization_id=organization_id).delete()
        PassageRecord.objects.filter(
            organization_id=organization_id,
            created_at__lt=now - _SEEN_FOR,
            seen_sealed__isnull=False,
        ).update(seen_sealed=None)
