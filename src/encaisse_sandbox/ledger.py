"""What the provider owes each merchant: one item per fact, paid out in batches."""

from dataclasses import dataclass

from encaisse_sandbox.identifiers import new_id
from encaisse_sandbox.records import BalanceItem, Json, Payment
from encaisse_sandbox.world import World


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that changes what is owed; gross is negative when money goes back."""

    kind: str
    object_id: str
    gross: int
    fee: int


def add(world: World, payment: Payment, fact: Fact) -> BalanceItem:
    """Put a fact into the merchant's next payout."""
    item = BalanceItem(
        id=new_id("bi"),
        account_id=payment.account_id,
        kind=fact.kind,
        object_id=fact.object_id,
        payment_id=payment.id,
        gross=fact.gross,
        fee=fact.fee,
        created_at=world.clock.stamp(),
    )
    world.db.insert(item)
    return item


def payload(item: BalanceItem) -> Json:
    """Return an item as a payout lists it."""
    return {
        "kind": item.kind,
        "id": item.object_id,
        "payment": item.payment_id,
        "gross": item.gross,
        "fee": item.fee,
        "net": item.net,
        "occurred_at": item.created_at,
    }
