"""Chaos: the ways in which the simulated world can be told to misbehave."""

import json
import random
from dataclasses import dataclass
from datetime import timedelta

from encaisse_sandbox.clock import stamp
from encaisse_sandbox.identifiers import new_id
from encaisse_sandbox.records import ChaosRule, Json, dump
from encaisse_sandbox.world import World

SHUFFLE_SECONDS = 2.0
API_FAULTS = ("error_500", "error_429", "timeout", "drop_after", "refund_failed", "refund_pending")
WEBHOOK_FAULTS = ("drop", "duplicate", "delay_seconds", "shuffle")


@dataclass(frozen=True, slots=True)
class DeliveryPlan:
    """How one copy of an event will be sent, and from when a flush may hurry it."""

    state: str
    send_at: str | None
    flushable_at: str | None


def add_rule(world: World, rule: Json, account_id: str | None, times: int | None) -> ChaosRule:
    """Make the world misbehave from now on, or only the next times it has the occasion."""
    record = ChaosRule(id=new_id("chaos"), account_id=account_id, rule=dump(rule), remaining=times)
    world.db.insert(record)
    return record


def payload(rule: ChaosRule) -> Json:
    """Return the rule as the control plane shows it."""
    content: Json = json.loads(rule.rule)
    return {"id": rule.id, "account_id": rule.account_id, "next": rule.remaining} | content


def rules(world: World) -> list[ChaosRule]:
    """Return the rules in force, oldest first."""
    return world.db.all(ChaosRule, "1 ORDER BY rowid")


def reset(world: World) -> None:
    """Make the world behave again."""
    world.db.execute("DELETE FROM chaos_rules")


def strikes(world: World, account_id: str, fault: str) -> bool:
    """Tell whether an API fault happens now, and use up one of its times if it does."""
    for rule in _rules_for(world, account_id):
        if _happens(json.loads(rule.rule).get("api", {}).get(fault, 0)):
            _use_up(world, rule)
            return True
    return False


def missing_cents(world: World, account_id: str) -> int:
    """Return by how much a payout reaches the bank short, and use up one of its times."""
    for rule in _rules_for(world, account_id):
        if cents := json.loads(rule.rule).get("payout_short_cents", 0):
            _use_up(world, rule)
            return int(cents)
    return 0


def plan_deliveries(world: World, account_id: str, event_type: str) -> list[DeliveryPlan]:
    """Return the copies of an event to send to one endpoint: one, at once, on a quiet day."""
    now = world.clock.now()
    plans = [DeliveryPlan("pending", stamp(now), stamp(now))]
    for rule in _rules_for(world, account_id):
        content = json.loads(rule.rule)
        changed = _apply(world, plans, content, event_type)
        if changed != plans:
            _use_up(world, rule)
            plans = changed
    return plans


def _apply(
    world: World, plans: list[DeliveryPlan], content: Json, event_type: str
) -> list[DeliveryPlan]:
    faults = content.get("webhooks", {})
    types = content.get("drop_types")
    drop = faults.get("drop", 1 if types else 0)
    if (types is None or event_type in types) and _happens(drop):
        return [DeliveryPlan("dropped", None, None)]
    if _happens(faults.get("duplicate", 0)):
        plans = plans * 2
    delay, is_shuffled = float(faults.get("delay_seconds", 0)), bool(faults.get("shuffle"))
    if delay or is_shuffled:
        return [_postponed(world, delay, is_shuffled=is_shuffled) for _ in plans]
    return plans


def _postponed(world: World, delay: float, *, is_shuffled: bool) -> DeliveryPlan:
    ready = world.clock.now() + timedelta(seconds=delay)
    jitter = random.uniform(0, SHUFFLE_SECONDS) if is_shuffled else 0
    return DeliveryPlan("pending", stamp(ready + timedelta(seconds=jitter)), stamp(ready))


def _rules_for(world: World, account_id: str) -> list[ChaosRule]:
    return world.db.all(
        ChaosRule, "account_id IS NULL OR account_id = ? ORDER BY rowid", account_id
    )


def _use_up(world: World, rule: ChaosRule) -> None:
    if rule.remaining is None:
        return
    if rule.remaining <= 1:
        world.db.execute("DELETE FROM chaos_rules WHERE id = ?", rule.id)
        return
    world.db.update(ChaosRule, rule.id, remaining=rule.remaining - 1)


def _happens(probability: float) -> bool:
    return probability > 0 and random.random() < probability
