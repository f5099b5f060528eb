"""How careful the firm chose to be with payments."""

from datetime import datetime
from uuid import UUID

from encaisse.audit import services as audit
from encaisse.fraud.services.memory import vigilance_of
from encaisse.kernel.actor import Actor
from encaisse.kernel.money import Money
from encaisse.kit.tenancy import acting_for
from encaisse.risk.presets import Preset


def choose_vigilance(
    *,
    organization_id: UUID,
    actor: Actor,
    preset: Preset,
    review_ceiling: Money | None,
    now: datetime,
) -> None:
    """Take a preset, and the amount from which two people let a held payment through."""
    with acting_for(organization_id):
        row = vigilance_of(organization_id=organization_id, now=now, lock=True)
        ceiling = None if review_ceiling is None else review_ceiling.minor
        row.preset, row.review_ceiling_minor = preset, ceiling
        row.save(update_fields=["preset", "review_ceiling_minor"])
        audit.record(
            organization_id=organization_id,
            actor=actor,
            action="fraud_vigilance:chosen",
            target=f"fraud_vigilance:{row.id}",
            facts={"preset": preset, "review_ceiling_minor": ceiling},
            now=now,
        )
