"""Messages that a program of the firm took."""

from uuid import uuid4

from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.webhooks.core import DeliveryState
from encaisse.webhooks.models import Delivery, Endpoint


def make_delivery(
    endpoint: Endpoint,
    kind: str = "payment.captured",
    state: DeliveryState = DeliveryState.TAKEN,
) -> Delivery:
    """One message of a moment ago: taken, or in the state given. No job sends it."""
    with acting_for(endpoint.organization_id):
        return Delivery.objects.create(
            id=uuid4(),
            organization_id=endpoint.organization_id,
            endpoint=endpoint,
            message_id=uuid4(),
            kind=kind,
            data={"amount_minor": 12_300},
            state=state,
            outcome="204" if state is DeliveryState.TAKEN else "",
            created_at=business_now(),
        )
