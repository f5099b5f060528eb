"""Whether the firm shares the list between firms, and what its word weighs there."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from encaisse.audit import services as audit
from encaisse.fraud.core.cases import Label
from encaisse.fraud.core.passage import Stage
from encaisse.fraud.core.shared import (
    ASSESSMENT,
    NO_WEIGHT,
    REMEMBERED_OVER,
    WEIGHED_OVER,
    Conduct,
    Ending,
    weight_of,
)
from encaisse.fraud.errors import AssessmentNotAccepted, SharingWithoutKey
from encaisse.fraud.models import (
    FraudDecision,
    PassageLabel,
    PassageRecord,
    SharedReport,
    Vigilance,
)
from encaisse.fraud.services.memory import vigilance_of
from encaisse.kernel.actor import Actor
from encaisse.kit.crypto import ring_in_use
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import OperationKind
from encaisse.organizations.operations import Content, Draft

_OVERTURNED = (Ending.APPEAL, Ending.UNANSWERED)
_FIELDS = [
    "sharing_since", "sharing_accepted_by_id", "sharing_assessment", "sharing_weight",
]  # fmt: skip


def sharing_draft(*, has_accepted: bool) -> Draft:
    """
    Describe what sharing means for whoever signs it, refusing now what would be refused then.

    :raises AssessmentNotAccepted, SharingWithoutKey: as below
    """
    _check_may_join(has_accepted=has_accepted)
    return Draft(
        kind=OperationKind.VIGILANCE,
        title="Partager les fraudes avec d’autres entreprises",
        payee=f"analyse d’impact {ASSESSMENT} acceptée",
        content={"sharing": ASSESSMENT},
    )


def join_as_signed(organization_id: UUID, actor: Actor, content: Content, now: datetime) -> UUID:
    """:raises AssessmentNotAccepted: another text than the one that was signed is in force"""
    has_accepted = content["sharing"] == ASSESSMENT
    row = join(organization_id=organization_id, actor=actor, has_accepted=has_accepted, now=now)
    return row.id


def join(*, organization_id: UUID, actor: Actor, has_accepted: bool, now: datetime) -> Vigilance:
    """
    Begin to share, the impact assessment being accepted by this person today.

    :raises AssessmentNotAccepted: it is not
    :raises SharingWithoutKey: the host made no key to share with
    """
    _check_may_join(has_accepted=has_accepted)
    with acting_for(organization_id):
        vigilance = vigilance_of(organization_id=organization_id, now=now, lock=True)
        if vigilance.sharing_since is not None:
            return vigilance
        vigilance.sharing_since, vigilance.sharing_accepted_by_id = now, actor.id
        vigilance.sharing_assessment = ASSESSMENT
        vigilance.sharing_weight = weight_of(conduct_of(organization_id, now))
        vigilance.save(update_fields=_FIELDS)
        facts = {"assessment": ASSESSMENT}
        note(organization_id, actor, "joined", f"fraud_vigilance:{vigilance.id}", facts, now)
        return vigilance


def _check_may_join(*, has_accepted: bool) -> None:
    if not has_accepted:
        raise AssessmentNotAccepted
    if not ring_in_use().has("sharing"):
        raise SharingWithoutKey


def leave(*, organization_id: UUID, actor: Actor, now: datetime) -> None:
    """Stop sharing: what was reported is withdrawn at once, and nothing is asked any more."""
    with acting_for(organization_id):
        vigilance = vigilance_of(organization_id=organization_id, now=now, lock=True)
        if vigilance.sharing_since is None:
            return
        SharedReport.objects.filter(organization_id=organization_id, ended_at__isnull=True).update(
            ended_at=now, ended_why=Ending.LEFT, mark=""
        )
        PassageRecord.objects.filter(organization_id=organization_id).exclude(marks={}).update(
            marks={}
        )
        vigilance.sharing_since = vigilance.sharing_accepted_by_id = None
        vigilance.sharing_assessment, vigilance.sharing_weight = "", NO_WEIGHT
        vigilance.save(update_fields=_FIELDS)
        note(organization_id, actor, "left", f"fraud_vigilance:{vigilance.id}", {}, now)


def reweigh(vigilance: Vigilance, now: datetime) -> None:
    """Bring what the firm's word weighs up to date with how it used the list."""
    if vigilance.sharing_since is None:
        return
    weight = weight_of(conduct_of(vigilance.organization_id, now))
    if weight != vigilance.sharing_weight:
        vigilance.sharing_weight = weight
        vigilance.save(update_fields=["sharing_weight"])


def conduct_of(organization_id: UUID, now: datetime) -> Conduct:
    """Count what the firm was paid, what it called frauds, and what became of its reports."""
    quarter, year = now - WEIGHED_OVER, now - REMEMBERED_OVER
    decisions = FraudDecision.objects.filter(
        organization_id=organization_id, stage=Stage.ANSWERED, created_at__gte=quarter
    )
    labels = PassageLabel.objects.filter(
        organization_id=organization_id, label=Label.FRAUD, created_at__gte=quarter
    )
    reports = SharedReport.objects.filter(organization_id=organization_id, created_at__gte=year)
    passages = reports.values("passage_id").distinct()
    return Conduct(
        payments=decisions.count(),
        frauds=labels.values("passage_id").distinct().count(),
        reported=passages.count(),
        overturned=passages.filter(ended_why__in=_OVERTURNED).count(),
    )


def note(
    organization_id: UUID,
    actor: Actor,
    what: str,
    target: str,
    facts: Mapping[str, object],
    now: datetime,
) -> None:
    """Write in the journal what somebody did about the shared list."""
    audit.record(
        organization_id=organization_id,
        actor=actor,
        action=f"fraud_shared:{what}",
        target=target,
        facts=facts,
        now=now,
    )
