"""Rules that do not count for one customer until a day: they said they would be abroad, say."""

from datetime import datetime
from uuid import UUID

from encaisse.audit import services as audit
from encaisse.fraud.models import Snooze
from encaisse.kernel.actor import Actor
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for


def snooze_rule(
    *,
    organization_id: UUID,
    actor: Actor,
    customer_id: UUID,
    rule: str,
    until: datetime,
    now: datetime,
) -> None:
    with acting_for(organization_id):
        Snooze.objects.create(
            id=new_id(),
            organization_id=organization_id,
            customer_id=customer_id,
            rule=rule,
            until=until,
            author_id=actor.id,
            created_at=now,
        )
        audit.record(
            organization_id=organization_id,
            actor=actor,
            action="fraud_rule:snoozed",
            target=f"customer:{customer_id}",
            facts={"rule": rule, "until": until.date().isoformat()},
            now=now,
        )
