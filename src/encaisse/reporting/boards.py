"""Which parts of the dashboard each person wants to see, and in which order."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from encaisse.kernel.errors import Invalid
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for
from encaisse.reporting.models import BoardChoice


class Block(StrEnum):
    """A part of the dashboard, in the order in which everybody first sees them."""

    RECEIVED = "received"
    COLLECTED = "collected"
    METHODS = "methods"
    REFUSALS = "refusals"
    FUNNEL = "funnel"
    RETURNED = "returned"
    DELAYS = "delays"
    PRESENT = "present"


def blocks_of(*, organization_id: UUID, user_id: UUID) -> Sequence[Block]:
    """Return what this person chose; all of them until then."""
    row = BoardChoice.objects.filter(organization_id=organization_id, user_id=user_id).first()
    if row is None:
        return tuple(Block)
    # A block that an older version had is gone.
    return [Block(name) for name in row.blocks if name in set(Block)]


def choose_blocks(
    *, organization_id: UUID, user_id: UUID, blocks: Sequence[Block], now: datetime
) -> None:
    """
    Keep what a person wants to see, in this order.

    :raises Invalid: none, or one twice
    """
    if not blocks or len(set(blocks)) != len(blocks):
        raise Invalid(reason="gardez au moins un bloc, et chacun une seule fois")
    names = [block.value for block in blocks]
    with acting_for(organization_id):
        BoardChoice.objects.update_or_create(
            organization_id=organization_id,
            user_id=user_id,
            defaults={"blocks": names},
            create_defaults={"id": new_id(), "blocks": names, "created_at": now},
        )
