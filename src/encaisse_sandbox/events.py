"""Events: what happened, told to every endpoint of the account."""

import json

from encaisse_sandbox import chaos
from encaisse_sandbox.identifiers import new_id
from encaisse_sandbox.records import Delivery, Endpoint, Event, Json, dump
from encaisse_sandbox.world import World


def emit(world: World, account_id: str, event_type: str, snapshot: Json) -> Event:
    """Record an event and queue it for the account's endpoints, in the caller's transaction."""
    event = record(world, account_id, event_type, snapshot)
    endpoints = world.db.all(
        Endpoint, "account_id = ? AND deleted_at IS NULL ORDER BY created_at", account_id
    )
    for endpoint in endpoints:
        for plan in chaos.plan_deliveries(world, account_id, event_type):
            _queue(world, event, endpoint, plan)
    world.webhooks_waiting.set()
    return event


def record(world: World, account_id: str, event_type: str, snapshot: Json) -> Event:
    """Record an event without sending it."""
    identifier, now = new_id("evt"), world.clock.stamp()
    body: Json = {
        "id": identifier,
        "type": event_type,
        "created_at": now,
        "account": account_id,
        "data": {"object": snapshot},
    }
    event = Event(
        id=identifier,
        sequence=world.db.next_number("event"),
        account_id=account_id,
        type=event_type,
        body=dump(body),
        created_at=now,
    )
    world.db.insert(event)
    return event


def _queue(world: World, event: Event, endpoint: Endpoint, plan: chaos.DeliveryPlan) -> None:
    world.db.insert(
        Delivery(
            id=new_id("dlv"),
            sequence=world.db.next_number("delivery"),
            event_id=event.id,
            endpoint_id=endpoint.id,
            state=plan.state,
            attempts="[]",
            next_attempt_at=plan.send_at,
            flushable_at=plan.flushable_at,
        )
    )


def redeliver(world: World, event_id: str) -> bool:
    """Queue an event once more for every endpoint of its account; tell whether it exists."""
    event = world.db.first(Event, "id = ?", event_id)
    if event is None:
        return False
    now = world.clock.stamp()
    with world.db.transaction():
        for endpoint in world.db.all(
            Endpoint, "account_id = ? AND deleted_at IS NULL", event.account_id
        ):
            _queue(world, event, endpoint, chaos.DeliveryPlan("pending", now, now))
    world.webhooks_waiting.set()
    return True


def history(world: World, account_id: str | None, limit: int) -> list[Json]:
    """Return the latest events with their deliveries, newest first."""
    if account_id is None:
        found = world.db.all(Event, "1 ORDER BY sequence DESC LIMIT ?", limit)
    else:
        found = world.db.all(
            Event, "account_id = ? ORDER BY sequence DESC LIMIT ?", account_id, limit
        )
    return [_with_deliveries(world, event) for event in found]


def _with_deliveries(world: World, event: Event) -> Json:
    deliveries = world.db.all(Delivery, "event_id = ? ORDER BY sequence", event.id)
    body: Json = json.loads(event.body)
    return body | {"deliveries": [_delivery_payload(world, delivery) for delivery in deliveries]}


def _delivery_payload(world: World, delivery: Delivery) -> Json:
    endpoint = world.db.first(Endpoint, "id = ?", delivery.endpoint_id)
    return {
        "id": delivery.id,
        "url": endpoint.url if endpoint else None,
        "state": delivery.state,
        "attempts": json.loads(delivery.attempts),
        "next_attempt_at": delivery.next_attempt_at,
    }
