from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from encaisse.kit.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class FundsArrived(Event):
    """The money of a payment is on the bank account."""

    intent_id: UUID
    booked_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectingAccountChanged(Event):
    """Customers are asked to pay on another account from now on."""

    account_id: UUID
    by: UUID | None
    at: datetime
