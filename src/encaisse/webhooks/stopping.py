"""An endpoint that has taken nothing for days closes by itself, and the firm is told."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID, uuid5

from django.db.models import Count, QuerySet

from encaisse.audit import services as audit
from encaisse.kernel.actor import SYSTEM
from encaisse.kit.clock import business_now
from encaisse.security.core import Kind
from encaisse.security.raising import close_mended, raise_alert
from encaisse.webhooks.core import ENDPOINT_STOPPED, DeliveryState, is_gone
from encaisse.webhooks.models import Delivery, Endpoint


def note_answer(delivery: Delivery, *, is_taken: bool, real_now: datetime) -> None:
    """Count what an endpoint refuses, and close it once it has refused everything for days."""
    if is_taken and delivery.endpoint.refused_since is None:
        return  # as nearly always: nothing to forget
    # Whoever queues a message for it holds it shared, and may hold the audit head that we need.
    endpoint = Endpoint.objects.select_for_update(no_key=True).get(
        organization_id=delivery.organization_id, id=delivery.endpoint_id
    )
    since = None if is_taken else endpoint.refused_since or real_now
    count = 0 if is_taken else endpoint.refused_count + 1
    endpoint.refused_since, endpoint.refused_count = since, count
    endpoint.save(update_fields=["refused_since", "refused_count"])
    # Looked at when a message is given up: a short breakdown after quiet days closes nothing.
    is_given_up = delivery.state == DeliveryState.FAILED and endpoint.is_open
    if since and is_given_up and is_gone(refused_since=since, refused_count=count, now=real_now):
        _stop(endpoint, real_now)


def left_waiting(organization_id: UUID) -> QuerySet[Delivery]:
    """Return what was waiting for endpoints when they closed by themselves, and never left."""
    return Delivery.objects.filter(organization_id=organization_id, outcome=ENDPOINT_STOPPED)


def left_by_endpoint(*, organization_id: UUID) -> Mapping[UUID, int]:
    """Return how many such messages each endpoint has."""
    rows = left_waiting(organization_id).values("endpoint_id").annotate(number=Count("id"))
    return {row["endpoint_id"]: row["number"] for row in rows.order_by()}


def forget_alert(organization_id: UUID) -> None:
    """Close the alerts about endpoints that are not closed by themselves any more."""
    rows = Endpoint.objects.filter(organization_id=organization_id, closed_at__isnull=True)
    still = rows.filter(stopped_at__isnull=False).values_list("id", flat=True)
    close_mended(
        organization_id=organization_id,
        kind=Kind.ENDPOINT_STOPPED,
        still_wrong=[_subject(one) for one in still],
    )


def _stop(endpoint: Endpoint, real_now: datetime) -> None:
    """Close it, leave undelivered what waited for it, and tell people."""
    endpoint.stopped_at = real_now
    endpoint.save(update_fields=["stopped_at"])
    waiting = Delivery.objects.filter(
        organization_id=endpoint.organization_id, endpoint=endpoint, state=DeliveryState.QUEUED
    )
    waiting.update(state=DeliveryState.FAILED, outcome=ENDPOINT_STOPPED)
    raise_alert(
        organization_id=endpoint.organization_id,
        kind=Kind.ENDPOINT_STOPPED,
        subject=_subject(endpoint.id),
        cause_id=uuid5(endpoint.id, real_now.isoformat()),
        # The rest of the address may hold a token of the receiver's.
        facts={"host": urlsplit(endpoint.url).hostname or ""},
        real_now=real_now,
    )
    audit.record(
        organization_id=endpoint.organization_id,
        actor=SYSTEM,
        action="webhook_endpoint:stopped",
        target=f"webhook_endpoint:{endpoint.id}",
        facts={},
        now=business_now(),
    )


def _subject(endpoint_id: UUID) -> str:
    return f"endpoint:{endpoint_id}"
