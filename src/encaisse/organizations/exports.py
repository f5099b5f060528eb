"""
Tables taken away: each is a line of the journal, and is looked at by whoever watches.

Where the firm asks two people for it, they sign what is exported, and whoever asked takes it away
once within a day. Nothing is kept meanwhile but the right to.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from encaisse.audit import services as audit
from encaisse.kernel.actor import Actor, ActorKind
from encaisse.kit.events import publish
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import EXPORT_LIFE, OperationKind, people_needed
from encaisse.organizations.errors import ExportOver
from encaisse.organizations.events import DataExported
from encaisse.organizations.models import ExportRight, Operation
from encaisse.organizations.operations import Content, Draft, read
from encaisse.organizations.safeguards import rules_of


def takes_two_people(*, organization_id: UUID) -> bool:
    """Tell whether the firm asks two people for its exports."""
    rules = rules_of(organization_id=organization_id)
    return people_needed(OperationKind.EXPORT_ALL, rules.four_eyes) > 1


def export_draft(*, what: str, title: str, said: str, wanted: Mapping[str, str]) -> Draft:
    """Describe an export: `wanted` finds its lines again, `said` tells them to who signs."""
    return Draft(
        kind=OperationKind.EXPORT_ALL,
        title=title,
        payee=said,
        content={"what": what, "wanted": dict(wanted)},
        beneficiary=f"export:{what}",
    )


def allow_export(organization_id: UUID, actor: Actor, content: Content, now: datetime) -> UUID:
    """Let whoever asked take it away; what it is stays with the operation."""
    if actor.member_id is None:
        raise TypeError(content["what"])
    right = ExportRight.objects.create(
        id=new_id(),
        organization_id=organization_id,
        user_id=actor.member_id,
        expires_at=timezone.now() + EXPORT_LIFE,
        created_at=now,
    )
    return right.id


def rights_of(*, organization_id: UUID, user_id: UUID, real_now: datetime) -> QuerySet[ExportRight]:
    """Return what a person may still take away, the last allowed first."""
    rows = ExportRight.objects.filter(organization_id=organization_id, user_id=user_id)
    return rows.filter(used_at__isnull=True, expires_at__gt=real_now).order_by("-expires_at")


def use_right(
    *, organization_id: UUID, user_id: UUID, right_id: UUID, what: str, real_now: datetime
) -> Mapping[str, str]:
    """
    Spend the right and return what it is about, in the transaction that makes the table.

    :raises ExportOver: it was used, is too old, or is not theirs
    """
    with acting_for(organization_id):
        rows = rights_of(organization_id=organization_id, user_id=user_id, real_now=real_now)
        operation = Operation.objects.filter(
            organization_id=organization_id, kind=OperationKind.EXPORT_ALL, made_id=right_id
        ).first()
        if operation is None or read(operation).content["what"] != what:
            raise ExportOver
        if not rows.filter(id=right_id).order_by().update(used_at=real_now):
            raise ExportOver
    wanted: Mapping[str, str] = read(operation).content["wanted"]
    return wanted


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
