"""Addresses a firm wants told, and messages on their way to them."""

import base64
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from standardwebhooks import Webhook

from encaisse.audit import services as audit
from encaisse.kernel.actor import Actor
from encaisse.kernel.errors import NotFound
from encaisse.kit.bulk import insert_all, update_all
from encaisse.kit.gathering import gathered
from encaisse.kit.http import AnswerLost, NothingSent
from encaisse.kit.identifiers import new_id
from encaisse.kit.jobs import enqueue
from encaisse.kit.outside import AddressRefused, check_address, post_outside
from encaisse.kit.tenancy import acting_for
from encaisse.kit.turns import take_turn
from encaisse.security.core import RULES, Kind
from encaisse.security.events import AlertRaised
from encaisse.webhooks.core import (
    ALERT,
    ENDPOINT_STOPPED,
    DeliveryState,
    Hears,
    after_answer,
    is_taken,
    is_told,
)
from encaisse.webhooks.errors import EndpointStopped, TooManyEndpoints
from encaisse.webhooks.models import Delivery, Endpoint, StoredEvent
from encaisse.webhooks.stopping import forget_alert, left_waiting, note_answer

_SECRET_BYTES = 32
LARGEST_NUMBER = 5
# What one click sends again; the next click sends the rest.
LARGEST_REPLAY = 1_000


class MessageNotTaken(Exception):
    """The endpoint did not take the message: the job comes back later."""


@dataclass(frozen=True, slots=True)
class NewEndpoint:
    """An endpoint just made: the only moment its secret is shown."""

    endpoint: Endpoint
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Message:
    """Everything a sending needs, read in one transaction and used outside of it."""

    url: str
    secret: str = field(repr=False)
    message_id: str
    body: str


def add_endpoint(
    *,
    organization_id: UUID,
    actor: Actor,
    url: str,
    now: datetime,
    hears: Hears = Hears.ALERTS,
) -> NewEndpoint:
    """
    Tell an address what happens from now on. Resolves its name: call it outside transactions.

    :raises AddressRefused: not https, or in a private network
    :raises TooManyEndpoints: there are enough already
    """
    try:
        check_address(url)
    except NothingSent as error:
        raise AddressRefused(reason="son nom de domaine n’existe pas") from error
    secret = f"whsec_{base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()}"
    endpoint = Endpoint(id=new_id(), organization_id=organization_id, hears=hears, created_at=now)
    endpoint.url, endpoint.secret = url, secret
    with acting_for(organization_id):
        take_turn(organization_id, "webhooks.endpoints")
        if len(endpoints_of(organization_id=organization_id)) >= LARGEST_NUMBER:
            raise TooManyEndpoints(largest=LARGEST_NUMBER)
        endpoint.save(force_insert=True)
        _audit(endpoint, "webhook_endpoint:added", actor, now)
    return NewEndpoint(endpoint, secret)


def close_endpoint(
    *, organization_id: UUID, actor: Actor, endpoint_id: UUID, now: datetime
) -> None:
    """:raises NotFound: no such endpoint here"""
    with acting_for(organization_id):
        endpoint = endpoint_by_id(organization_id=organization_id, endpoint_id=endpoint_id)
        endpoint.closed_at, endpoint.secret = now, ""
        endpoint.save(update_fields=["closed_at", "secret_sealed"])
        _audit(endpoint, "webhook_endpoint:closed", actor, now)
        forget_alert(organization_id)


def open_again(*, organization_id: UUID, actor: Actor, endpoint_id: UUID, now: datetime) -> None:
    """
    Tell an endpoint that closed by itself what happens from now on; opened twice, it is open.

    :raises NotFound: no such endpoint here
    """
    with acting_for(organization_id):
        endpoint = endpoint_by_id(organization_id=organization_id, endpoint_id=endpoint_id)
        if endpoint.stopped_at is None:
            return
        endpoint.stopped_at, endpoint.refused_since, endpoint.refused_count = None, None, 0
        endpoint.save(update_fields=["stopped_at", "refused_since", "refused_count"])
        _audit(endpoint, "webhook_endpoint:reopened", actor, now)
        forget_alert(organization_id)


def try_endpoint(*, organization_id: UUID, endpoint_id: UUID, now: datetime) -> None:
    """
    Send an endpoint a message that means nothing.

    :raises NotFound: no such endpoint here
    :raises EndpointStopped: it closed by itself
    """
    with acting_for(organization_id):
        endpoint = endpoint_by_id(organization_id=organization_id, endpoint_id=endpoint_id)
        if endpoint.stopped_at is not None:
            raise EndpointStopped
        _queue(endpoint, new_id(), "endpoint.tried", {}, now)


def open_endpoints(*, organization_id: UUID) -> list[Endpoint]:
    """Return those that are told what happens."""
    return [one for one in endpoints_of(organization_id=organization_id) if one.stopped_at is None]


def endpoints_of(*, organization_id: UUID) -> list[Endpoint]:
    """Return those that nobody closed: open, or closed by themselves."""
    rows = Endpoint.objects.filter(organization_id=organization_id, closed_at__isnull=True)
    return list(rows.order_by("id"))


def endpoint_by_id(*, organization_id: UUID, endpoint_id: UUID) -> Endpoint:
    """:raises NotFound: no such endpoint here, or a closed one"""
    rows = Endpoint.objects.filter(organization_id=organization_id, closed_at__isnull=True)
    found = rows.filter(id=endpoint_id).first()
    if found is None:
        raise NotFound
    return found


def replay(*, organization_id: UUID, delivery_id: UUID) -> None:
    """
    Send a message again under its identifier, after those already waiting.

    :raises NotFound: no such message here, or its address is closed
    :raises EndpointStopped: its address closed by itself
    """
    with acting_for(organization_id):
        rows = Delivery.objects.select_for_update(of=("self",)).select_related("endpoint")
        row = rows.filter(organization_id=organization_id, id=delivery_id).first()
        if row is None or row.endpoint.closed_at is not None:
            raise NotFound
        if row.endpoint.stopped_at is not None:
            raise EndpointStopped
        if row.state == DeliveryState.QUEUED:
            return  # it is on its way already
        _queue_again([row])


def replay_left(*, organization_id: UUID, endpoint_id: UUID) -> int:
    """
    Send what an endpoint was not sent when it closed by itself, in order; return how many messages.

    :raises NotFound: no such endpoint here
    :raises EndpointStopped: it is not open yet
    """
    with acting_for(organization_id):
        endpoint = endpoint_by_id(organization_id=organization_id, endpoint_id=endpoint_id)
        if endpoint.stopped_at is not None:
            raise EndpointStopped
        rows = left_waiting(organization_id).select_for_update().filter(endpoint=endpoint)
        left = list(rows.order_by("created_at", "id")[:LARGEST_REPLAY])
        _queue_again(left)
    return len(left)


def queue_events(rows: Sequence[StoredEvent]) -> None:
    """Queue events for the endpoints that want them, in the transaction that made them so."""
    by_firm: dict[UUID, list[StoredEvent]] = {}
    for row in rows:
        by_firm.setdefault(row.organization_id, []).append(row)
    for organization_id, events in by_firm.items():
        told = [
            Delivery(
                id=new_id(),
                organization_id=organization_id,
                endpoint=endpoint,
                message_id=event.id,
                kind=event.kind,
                data=event.data,
                created_at=event.created_at,
            )
            for endpoint in open_endpoints(organization_id=organization_id)
            for event in events
            if is_told(Hears(endpoint.hears), event.kind)
        ]
        insert_all(told)
        for delivery in told:
            _send_in_order(delivery)


def queue_alerts(events: Sequence[AlertRaised]) -> None:
    """Queue a message to each endpoint, in the transaction that raised the alert."""
    for event in events:
        with acting_for(event.organization_id):
            for endpoint in open_endpoints(organization_id=event.organization_id):
                if not is_told(Hears(endpoint.hears), ALERT):
                    continue
                message_id = uuid5(event.alert_id, f"round-{event.round}")
                _queue(endpoint, message_id, ALERT, _told(event), timezone.now())


def deliver(*, organization_id: UUID, delivery_id: UUID, real_now: datetime) -> DeliveryState:
    """
    Send one message, outside any transaction, then write what came of it.

    Run twice, it is sent twice under one identifier, by which whoever receives it knows.

    :raises MessageNotTaken: not taken; try again later
    """
    message = _read(organization_id, delivery_id, real_now)
    if message is None:
        return DeliveryState.TAKEN
    try:
        answer = post_outside(
            message.url, content=message.body.encode(), headers=_headers(message, real_now)
        )
        taken, outcome = is_taken(answer.status), str(answer.status)
    except AddressRefused:
        taken, outcome = False, "address_refused"
    except NothingSent:
        taken, outcome = False, "no_connection"
    except AnswerLost:
        taken, outcome = False, "no_answer"
    state = _record(organization_id, delivery_id, outcome, is_taken=taken, real_now=real_now)
    if state is DeliveryState.QUEUED:
        raise MessageNotTaken(outcome)
    return state


def _told(event: AlertRaised) -> dict[str, Any]:
    return {
        "alert_id": str(event.alert_id),
        "kind": event.kind,
        "severity": event.severity,
        "title": RULES[Kind(event.kind)].title,
        "count": event.count,
        "round": event.round,
        "url": f"{settings.PUBLIC_URL}{reverse('alert', args=[event.alert_id])}",
    }


def _queue(
    endpoint: Endpoint, message_id: UUID, kind: str, data: dict[str, Any], now: datetime
) -> None:
    delivery, is_new = Delivery.objects.get_or_create(
        organization_id=endpoint.organization_id,
        endpoint=endpoint,
        message_id=message_id,
        defaults={"id": new_id(), "kind": kind, "data": data, "created_at": now},
    )
    if is_new:
        _send_in_order(delivery)


def _queue_again(rows: Sequence[Delivery]) -> None:
    with gathered():
        for row in rows:
            row.state, row.outcome, row.attempt_count = DeliveryState.QUEUED, "", 0
            _send_in_order(row)
        update_all(rows, ["state", "outcome", "attempt_count"])


def _send_in_order(delivery: Delivery) -> None:
    """An endpoint is told one thing after the other, in the order in which they happened."""
    enqueue(
        "webhooks.deliver",
        in_order=f"webhooks:{delivery.endpoint_id}",
        organization_id=delivery.organization_id,
        delivery_id=delivery.id,
    )


def _read(organization_id: UUID, delivery_id: UUID, real_now: datetime) -> _Message | None:
    """Count the try and return what to send; None where there is nothing left to send."""
    with acting_for(organization_id):
        rows = Delivery.objects.select_for_update(of=("self",)).select_related("endpoint")
        row = rows.get(organization_id=organization_id, id=delivery_id)
        if row.state != DeliveryState.QUEUED:
            return None
        if not row.endpoint.is_open:
            row.state = DeliveryState.FAILED
            row.outcome = "endpoint_closed" if row.endpoint.closed_at else ENDPOINT_STOPPED
            row.save(update_fields=["state", "outcome"])
            return None
        row.attempt_count += 1
        row.tried_at = real_now
        row.save(update_fields=["attempt_count", "tried_at"])
        body = {"type": row.kind, "timestamp": row.created_at.isoformat(), "data": row.data}
        return _Message(
            url=row.endpoint.url,
            secret=row.endpoint.secret,
            message_id=f"msg_{row.message_id.hex}",
            body=json.dumps(body, ensure_ascii=False),
        )


def _headers(message: _Message, real_now: datetime) -> dict[str, str]:
    """Sign as Standard Webhooks asks: the identifier, the moment and the body together."""
    moment = real_now.astimezone(UTC)
    signature = Webhook(message.secret).sign(message.message_id, moment, message.body)
    return {
        "Content-Type": "application/json",
        "User-Agent": "Encaisse-Webhooks/1",
        "webhook-id": message.message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": signature,
    }


def _record(
    organization_id: UUID, delivery_id: UUID, outcome: str, *, is_taken: bool, real_now: datetime
) -> DeliveryState:
    with acting_for(organization_id):
        rows = Delivery.objects.select_for_update().filter(organization_id=organization_id)
        row = rows.get(id=delivery_id)
        if row.state == DeliveryState.QUEUED:
            row.state = after_answer(is_taken=is_taken, attempts=row.attempt_count)
            row.outcome = outcome
            row.save(update_fields=["state", "outcome"])
            note_answer(row, is_taken=is_taken, real_now=real_now)
        return DeliveryState(row.state)


def _audit(endpoint: Endpoint, action: str, actor: Actor, now: datetime) -> None:
    audit.record(
        organization_id=endpoint.organization_id,
        actor=actor,
        action=action,
        target=f"webhook_endpoint:{endpoint.id}",
        facts={},
        now=now,
    )
