"""What happens to a person, written in the journal of each of their organizations."""

from collections.abc import Sequence

from encaisse.audit import services as audit
from encaisse.identity.events import FactorChanged
from encaisse.kernel.actor import Actor, ActorKind
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.queries import roles_of


def note_factors(events: Sequence[FactorChanged]) -> None:
    for event in events:
        for organization_id in roles_of(user_id=event.user_id):
            with acting_for(organization_id):
                audit.record(
                    organization_id=organization_id,
                    actor=Actor(ActorKind.MEMBER, event.user_id),
                    action=f"factor:{event.change}",
                    target=f"user:{event.user_id}",
                    facts={"kind": event.kind, "name": event.name},
                    now=event.at,
                )
