"""What happens to a person, written in the journal of each of their organizations."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from encaisse.audit import services as audit
from encaisse.identity.events import (
    AccessRefused,
    AccountReopened,
    ApprovalRefused,
    EmergencyCodeIssued,
    EmergencyCodeUsed,
    FactorChanged,
    GuardianChanged,
    RecoveryMoved,
    SignedIn,
)
from encaisse.kernel.actor import SYSTEM, Actor, ActorKind
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.queries import roles_of


def note_factors(events: Sequence[FactorChanged]) -> None:
    for event in events:
        _note(
            event.user_id,
            by=event.user_id,
            action=f"factor:{event.change}",
            facts={"kind": event.kind, "name": event.name},
            now=event.at,
        )


def note_emergency_issued(events: Sequence[EmergencyCodeIssued]) -> None:
    for event in events:
        _note(
            event.user_id,
            by=event.issued_by,
            action="emergency_code:issued",
            facts={},
            now=event.at,
        )


def note_emergency_used(events: Sequence[EmergencyCodeUsed]) -> None:
    for event in events:
        _note(event.user_id, by=event.user_id, action="emergency_code:used", facts={}, now=event.at)


def note_guardians(events: Sequence[GuardianChanged]) -> None:
    for event in events:
        _note(event.user_id, by=event.by, action=f"guardian:{event.change}", facts={}, now=event.at)


def note_recoveries(events: Sequence[RecoveryMoved]) -> None:
    for event in events:
        _note(
            event.user_id,
            by=event.by,
            action=f"recovery:{event.state}",
            facts={"recovery": str(event.recovery_id)},
            now=event.at,
        )


def note_sign_ins(events: Sequence[SignedIn]) -> None:
    for event in events:
        facts = {"level": event.level, "country": event.country, "new_device": event.is_new_device}
        _note(event.user_id, by=event.user_id, action="access:granted", facts=facts, now=event.at)


def note_refusals(events: Sequence[AccessRefused]) -> None:
    for event in events:
        facts = {"operation": event.action, "country": event.country}
        _note(event.user_id, by=event.user_id, action="access:refused", facts=facts, now=event.at)


def note_denials(events: Sequence[ApprovalRefused]) -> None:
    for event in events:
        _note(event.user_id, by=event.user_id, action="approval:refused", facts={}, now=event.at)


def note_reopenings(events: Sequence[AccountReopened]) -> None:
    for event in events:
        _note(event.user_id, by=event.by_user_id, action="access:reopened", facts={}, now=event.at)


def _note(
    user_id: UUID, *, by: UUID | None, action: str, facts: Mapping[str, object], now: datetime
) -> None:
    # In one order: two people may share two firms, whose journals are locked one after the other.
    for organization_id in sorted(roles_of(user_id=user_id)):
        with acting_for(organization_id):
            audit.record(
                organization_id=organization_id,
                actor=SYSTEM if by is None else Actor(ActorKind.MEMBER, by),
                action=action,
                target=f"user:{user_id}",
                facts=facts,
                now=now,
            )
