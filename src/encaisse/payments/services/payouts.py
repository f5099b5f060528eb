"""Money the provider sends to the bank: announced here, matched and posted by the treasury."""

from datetime import datetime
from uuid import UUID

from encaisse.kit.events import publish
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for
from encaisse.payments.events import PayoutAnnounced
from encaisse.payments.models import Payout, PayoutLine
from encaisse.providers.contract import ProviderPayout


def record_payout(
    *, organization_id: UUID, connection_id: UUID, payout: ProviderPayout, now: datetime
) -> Payout:
    """Write a payout with its lines, once."""
    with acting_for(organization_id):
        row, created = Payout.objects.get_or_create(
            organization_id=organization_id,
            connection_id=connection_id,
            provider_id=payout.provider_id,
            defaults={
                "id": new_id(),
                "gross_minor": payout.gross.minor,
                "fee_minor": payout.fee.minor,
                "net_minor": payout.net.minor,
                "currency": payout.net.currency,
                "bank_reference": payout.bank_reference,
                "paid_at": payout.paid_at,
                "created_at": now,
            },
        )
        if created:
            PayoutLine.objects.bulk_create(_lines(row, payout, now))
            publish(PayoutAnnounced(organization_id=organization_id, payout_id=row.id))
    return row


def mark_payout_matched(
    *, organization_id: UUID, payout_id: UUID, bank_transaction_id: UUID, now: datetime
) -> None:
    """Tie a payout to the bank line that brought it."""
    Payout.objects.filter(organization_id=organization_id, id=payout_id).update(
        bank_transaction_id=bank_transaction_id, matched_at=now
    )


def _lines(row: Payout, payout: ProviderPayout, now: datetime) -> list[PayoutLine]:
    return [
        PayoutLine(
            id=new_id(),
            organization_id=row.organization_id,
            payout=row,
            position=position,
            kind=item.kind,
            provider_id=item.provider_id,
            provider_payment_id=item.provider_payment_id,
            gross_minor=item.gross.minor,
            fee_minor=item.fee.minor,
            net_minor=item.net.minor,
            created_at=now,
        )
        for position, item in enumerate(payout.items)
    ]
