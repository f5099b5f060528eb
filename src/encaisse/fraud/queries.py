"""What is read of decisions, cases and lists."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Case, Q, QuerySet, When

from encaisse.fraud.core.cases import CaseState, Label
from encaisse.fraud.core.own_rules import RuleState
from encaisse.fraud.core.passage import OF_PAYMENTS, Stage
from encaisse.fraud.core.replay import Past
from encaisse.fraud.core.starter_rules import REPORTED
from encaisse.fraud.errors import DecisionUnknown
from encaisse.fraud.models import (
    FraudDecision,
    ListEntry,
    OwnRule,
    PassageLabel,
    PassageRecord,
    ReviewCase,
    SharedReport,
    Snooze,
    Vigilance,
)
from encaisse.kernel.errors import NotFound
from encaisse.risk.rules import Facts

# What is replayed at most: beyond, the newest payments speak for the others.
MOST_REPLAYED = 1_000


def decisions(*, organization_id: UUID) -> QuerySet[FraudDecision]:
    """Return decisions, newest first."""
    rows = FraudDecision.objects.filter(organization_id=organization_id)
    return rows.order_by("-created_at", "-id")


def decision_by_id(*, organization_id: UUID, decision_id: UUID) -> FraudDecision:
    """:raises DecisionUnknown: there is none here"""
    try:
        return FraudDecision.objects.get(organization_id=organization_id, id=decision_id)
    except FraudDecision.DoesNotExist as error:
        raise DecisionUnknown from error


def decisions_of(
    *, organization_id: UUID, passage_ids: Collection[UUID]
) -> QuerySet[FraudDecision]:
    """Return the decisions about these tries, oldest first."""
    rows = FraudDecision.objects.filter(
        organization_id=organization_id, passage_id__in=passage_ids, stage__in=OF_PAYMENTS
    )
    return rows.order_by("created_at", "id")


def last_facts(*, organization_id: UUID, passage_id: UUID) -> Facts:
    """Return what was last known of a try; nothing where it was never decided on."""
    rows = decisions_of(organization_id=organization_id, passage_ids=[passage_id])
    facts: Facts | None = rows.values_list("facts", flat=True).last()
    return facts or {}


def case_by_id(*, organization_id: UUID, case_id: UUID) -> ReviewCase:
    """:raises NotFound: there is none here"""
    try:
        return ReviewCase.objects.select_related("decision").get(
            organization_id=organization_id, id=case_id
        )
    except ReviewCase.DoesNotExist as error:
        raise NotFound from error


def cases(*, organization_id: UUID) -> QuerySet[ReviewCase]:
    """Return what somebody had to look at, newest first."""
    rows = ReviewCase.objects.select_related("decision").filter(organization_id=organization_id)
    return rows.order_by("-created_at", "-id")


def waiting_cases(*, organization_id: UUID) -> QuerySet[ReviewCase]:
    """Return what waits for somebody, what expires soonest first."""
    rows = ReviewCase.objects.select_related("decision").filter(
        organization_id=organization_id, state=CaseState.WAITING
    )
    return rows.order_by("deadline_at", "created_at", "id")


def decided_cases(*, organization_id: UUID) -> QuerySet[ReviewCase]:
    return cases(organization_id=organization_id).exclude(state=CaseState.WAITING)


def passage_by_id(*, organization_id: UUID, passage_id: UUID) -> PassageRecord | None:
    return PassageRecord.objects.filter(organization_id=organization_id, id=passage_id).first()


def passages_of_customer(*, organization_id: UUID, customer_id: UUID) -> QuerySet[PassageRecord]:
    """Return the tries of one customer, newest first."""
    rows = PassageRecord.objects.filter(organization_id=organization_id, customer_id=customer_id)
    return rows.order_by("-created_at", "-id")


def list_entries(*, organization_id: UUID, now: datetime) -> QuerySet[ListEntry]:
    """Return the entries that count now, newest first."""
    current = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
    rows = ListEntry.objects.filter(current, organization_id=organization_id, ended_at__isnull=True)
    return rows.order_by("-created_at", "-id")


def current_snoozes(*, organization_id: UUID, customer_id: UUID, now: datetime) -> QuerySet[Snooze]:
    """Return the rules that do not count for a customer now."""
    return Snooze.objects.filter(
        organization_id=organization_id, customer_id=customer_id, until__gt=now
    ).order_by("until", "id")


def labels_of(*, organization_id: UUID, passage_ids: Collection[UUID]) -> dict[UUID, Label]:
    """Return the latest word on each of these tries."""
    rows = PassageLabel.objects.filter(organization_id=organization_id, passage_id__in=passage_ids)
    found = rows.order_by("created_at", "id").values_list("passage_id", "label")
    return {passage_id: Label(label) for passage_id, label in found}


def past_payments(*, organization_id: UUID, since: datetime) -> list[Past]:
    """Return the payments that banks agreed to since a moment, the newest MOST_REPLAYED of them."""
    rows = FraudDecision.objects.filter(
        organization_id=organization_id, stage=Stage.ANSWERED, created_at__gte=since
    ).order_by("-created_at", "-id")
    found = list(rows.values_list("passage_id", "facts", "amount_minor")[:MOST_REPLAYED])
    labels = labels_of(organization_id=organization_id, passage_ids=[row[0] for row in found])
    return [Past(facts, cents, labels.get(passage_id)) for passage_id, facts, cents in found]


def own_rules(*, organization_id: UUID) -> QuerySet[OwnRule]:
    """Return the firm's rules, those that count first, then the newest."""
    rows = OwnRule.objects.filter(organization_id=organization_id)
    order = Case(
        *(When(state=state, then=rank) for rank, state in enumerate(_RULES_FIRST)), default=9
    )
    return rows.order_by(order, "-created_at", "-id")


_RULES_FIRST = (RuleState.PUBLISHED, RuleState.SHADOW, RuleState.DRAFT, RuleState.RETIRED)


def own_rule(*, organization_id: UUID, rule_id: UUID) -> OwnRule:
    """:raises NotFound: there is none here"""
    try:
        return OwnRule.objects.get(organization_id=organization_id, id=rule_id)
    except OwnRule.DoesNotExist as error:
        raise NotFound from error


def watched_lately(*, organization_id: UUID) -> Counter[str]:
    """Return how often each watched rule would have counted, over the newest decisions."""
    rows = decisions(organization_id=organization_id).values_list("watched", flat=True)
    return Counter(rule_id for watched in rows[:MOST_REPLAYED] for rule_id in watched)


def first_sentence(decision: FraudDecision) -> str:
    """Return the heaviest reason, in French."""
    if decision.reasons:
        return str(decision.reasons[0]["sentence"])
    return "Une règle n’a pas pu être calculée : par prudence, quelqu’un regarde."


def shares(*, organization_id: UUID) -> bool:
    """Tell whether the firm shares the list between the firms of its host."""
    return Vigilance.objects.filter(
        organization_id=organization_id, sharing_since__isnull=False
    ).exists()


def shared_reports(*, organization_id: UUID) -> QuerySet[SharedReport]:
    """Return what the firm told the others, newest first."""
    rows = SharedReport.objects.filter(organization_id=organization_id)
    return rows.order_by("-created_at", "-id")


def shared_report(*, organization_id: UUID, report_id: UUID) -> SharedReport:
    """:raises NotFound: there is none here"""
    try:
        return SharedReport.objects.get(organization_id=organization_id, id=report_id)
    except SharedReport.DoesNotExist as error:
        raise NotFound from error


def decisions_on_reports(*, organization_id: UUID, since: datetime) -> QuerySet[FraudDecision]:
    """Return the decisions that other firms' reports weighed on, newest first."""
    rows = decisions(organization_id=organization_id)
    return rows.filter(reasons__contains=[{"code": REPORTED}], created_at__gte=since)
