"""The firm's own rules: drafted, tried on the past, watched on payments, published, retired."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from encaisse.audit import services as audit
from encaisse.fraud.core.own_rules import (
    LIVE,
    MOST_LIVE,
    RULE_MOVES,
    OwnRuleInvalid,
    RuleState,
    readable,
)
from encaisse.fraud.errors import RuleMoved
from encaisse.fraud.models import OwnRule
from encaisse.fraud.services.memory import vigilance_of
from encaisse.kernel.actor import Actor
from encaisse.kernel.errors import NotFound
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for
from encaisse.risk.rules import Facts, Rule

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LiveRules:
    """The rules that count, and those that are only watched, by their identifier."""

    published: Mapping[UUID, Rule]
    watched: Mapping[UUID, Rule]


def live_rules(organization_id: UUID) -> LiveRules:
    """Read what a firm wrote: rules are data, checked when they were saved and again here."""
    rows = OwnRule.objects.filter(organization_id=organization_id, state__in=sorted(LIVE))
    found: dict[RuleState, dict[UUID, Rule]] = {RuleState.PUBLISHED: {}, RuleState.SHADOW: {}}
    for row in rows.order_by("created_at", "id"):
        found[RuleState(row.state)][row.id] = _read(row)
    return LiveRules(found[RuleState.PUBLISHED], found[RuleState.SHADOW])


def _read(row: OwnRule) -> Rule:
    """Return a rule; one about facts that are no more fails when it is weighed, and so holds."""
    try:
        return readable(row.written)
    except OwnRuleInvalid:
        log.exception("fraud_rule_unreadable", rule_id=str(row.id))
        return Rule(code=str(row.written["code"]), applies=_cannot_tell, reason="")


def _cannot_tell(_facts: Facts) -> bool:
    raise ValueError("This rule is about facts that are no more.")


def applies(rule: Rule, facts: Facts) -> bool:
    """Tell whether a watched rule fits; one that cannot be computed fits nothing, and is logged."""
    try:
        return rule.applies(facts)
    except (KeyError, TypeError, ValueError):
        log.warning("fraud_rule_uncomputable", rule=rule.code)
        return False


def draft_rule(
    *, organization_id: UUID, actor: Actor, written: Mapping[str, object], now: datetime
) -> OwnRule:
    """
    Keep a rule that counts for nothing yet.

    :raises OwnRuleInvalid: it is no rule
    """
    readable(written)
    with acting_for(organization_id):
        row = OwnRule.objects.create(
            id=new_id(),
            organization_id=organization_id,
            written=dict(written),
            state=RuleState.DRAFT,
            author_id=actor.id,
            changed_at=now,
            created_at=now,
        )
        _note(row, actor, now)
        return row


def move_rule(
    *, organization_id: UUID, actor: Actor, rule_id: UUID, state: RuleState, now: datetime
) -> OwnRule:
    """
    Watch a rule, publish it or retire it.

    :raises NotFound: no such rule here
    :raises RuleMoved: it is already elsewhere
    :raises OwnRuleInvalid: as many rules as may be live are
    """
    with acting_for(organization_id):
        # Every decision reads under this lock: none sees half a change.
        vigilance = vigilance_of(organization_id=organization_id, now=now, lock=True)
        rules = OwnRule.objects.filter(organization_id=organization_id)
        row = rules.select_for_update().filter(id=rule_id).first()
        if row is None:
            raise NotFound
        if state not in RULE_MOVES[RuleState(row.state)]:
            raise RuleMoved(state=row.state)
        live = rules.filter(state__in=sorted(LIVE)).exclude(id=rule_id).count()
        if state in LIVE and live >= MOST_LIVE:
            raise OwnRuleInvalid(reason=f"vous en avez déjà {MOST_LIVE} : retirez-en une")
        row.state, row.changed_at = state, now
        row.save(update_fields=["state", "changed_at"])
        # Whichever process remembers the rules reads them again.
        vigilance.rules_version = new_id()
        vigilance.save(update_fields=["rules_version"])
        _note(row, actor, now)
        return row


def _note(row: OwnRule, actor: Actor, now: datetime) -> None:
    audit.record(
        organization_id=row.organization_id,
        actor=actor,
        action=f"fraud_rule:{row.state}",
        target=f"fraud_rule:{row.id}",
        facts={"rule": row.written},
        now=now,
    )
