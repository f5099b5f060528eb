"""Tables taken away: each is a line of the journal, and is looked at by whoever watches."""

from datetime import datetime
from uuid import UUID

from encaisse.audit import services as audit
from encaisse.kernel.actor import Actor, ActorKind
from encaisse.kit.events import publish
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.events import DataExported


def note_export(
    *, organization_id: UUID, user_id: UUID, what: str, lines: int, now: datetime
) -> None:
    """Write that a member took a table of so many lines away."""
    with acting_for(organization_id):
        audit.record(
            organization_id=organization_id,
            actor=Actor(ActorKind.MEMBER, user_id),
            action=f"{what}:exported",
            facts={"lines": lines},
            now=now,
        )
        publish(
            DataExported(
                organization_id=organization_id, user_id=user_id, what=what, lines=lines, at=now
            )
        )
