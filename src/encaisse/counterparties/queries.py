"""Reading customers."""

from uuid import UUID

from django.db.models import QuerySet

from encaisse.counterparties.models import Counterparty
from encaisse.kernel.errors import NotFound
from encaisse.kernel.text import search_key
from encaisse.kit.crypto import unseal


def customers(*, organization_id: UUID, text: str = "") -> QuerySet[Counterparty]:
    """Return customers by name, those whose name holds the text if one is given."""
    rows = Counterparty.objects.filter(organization_id=organization_id).order_by("search_key", "id")
    return rows.filter(search_key__contains=search_key(text)) if text else rows


def customer(*, organization_id: UUID, customer_id: UUID) -> Counterparty:
    """:raises NotFound: no such customer here"""
    try:
        return Counterparty.objects.get(organization_id=organization_id, id=customer_id)
    except Counterparty.DoesNotExist as error:
        raise NotFound from error


def phone_of(customer: Counterparty) -> str:
    """Return the customer's telephone number, or nothing."""
    if customer.phone_sealed is None:
        return ""
    return unseal(customer.phone_sealed, customer.place("phone"))
