"""Connecting a provider, and the webhook inbox: verify, store once, queue."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from django.db.models import F

from encaisse.audit import services as audit
from encaisse.kernel.actor import Actor, ActorKind
from encaisse.kernel.text import required_text
from encaisse.kit.crypto import Place, seal, seal_bytes
from encaisse.kit.events import publish
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.handles import HandleKind, register_handle, resolve_handle
from encaisse.providers.contract import (
    InboundRequest,
    ProviderAccount,
    ProviderEvent,
    ProviderObject,
    WebhookRegistration,
    WebhookSignatureInvalid,
)
from encaisse.providers.errors import OtherAccountConnected, WebhookForOtherAccount
from encaisse.providers.events import ProviderConnected, WebhookReceived, WebhookRefused
from encaisse.providers.models import Connection, ConnectionState, InboundEvent, PendingEvent
from encaisse.providers.queries import active_connections, connection_by_id, plugin_for
from encaisse.providers.registry import plugin

LARGEST_WEBHOOK_BYTES = 256 * 1024
_LARGEST_BATCH = 100

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class PendingObject:
    """An object of the provider that some unprocessed events are about."""

    kind: ProviderObject
    provider_id: str
    event_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A connection that the provider agrees to, not written yet, and the account it opens."""

    connection: Connection
    account: ProviderAccount


def connect_provider(
    *,
    organization_id: UUID,
    actor: Actor,
    provider: str,
    api_key: str,
    public_url: str,
    now: datetime,
) -> Connection:
    """
    Connect a first account, or the same one again with another key.

    Asks the provider: call it outside any transaction.

    :raises ProviderKeyInvalid: the provider does not know the key
    :raises ProviderUnavailable: the provider was not reached
    :raises OtherAccountConnected: the firm has another account, and nobody signed
    """
    prepared = prepare_connection(
        organization_id=organization_id,
        provider=provider,
        api_key=api_key,
        public_url=public_url,
        now=now,
    )
    return record_connection(
        organization_id=organization_id,
        actor=actor,
        connection=prepared.connection,
        is_signed=False,
        now=now,
    )


def prepare_connection(
    *, organization_id: UUID, provider: str, api_key: str, public_url: str, now: datetime
) -> Prepared:
    """
    Check the key with the provider, register our webhook there, seal both; nothing is written.

    Asks the provider: call it outside any transaction.

    :raises ProviderKeyInvalid: the provider does not know the key
    :raises ProviderUnavailable: the provider was not reached
    """
    key = required_text(api_key, largest=200, field="Clé du prestataire")
    opened = plugin(provider=provider, api_key=key)
    account = opened.account()
    connection_id = new_id()
    webhook = opened.register_webhook(f"{public_url}/webhooks/{connection_id}")
    return Prepared(
        connection=_new_connection(
            connection_id, organization_id, provider, account, key, webhook, now
        ),
        account=account,
    )


def check_webhook(*, organization_id: UUID, connection_id: UUID, now: datetime) -> bool:
    """
    Ask the provider for a signed test event and tell whether it reached us.

    :raises NotFound: no such connection here
    """
    with acting_for(organization_id):
        connection = connection_by_id(organization_id=organization_id, connection_id=connection_id)
    arrived = plugin_for(connection).ping_webhook(connection.webhook_endpoint_id)
    if arrived:
        with acting_for(organization_id):
            Connection.objects.filter(organization_id=organization_id, id=connection_id).update(
                webhook_tested_at=now
            )
    return arrived


def reread_account(*, organization_id: UUID) -> None:
    """
    Believe again what the provider says of its pages: their host and its attestation's address.

    Nobody signs this: it is for the simulated provider of a demonstration, which moves with it.
    """
    with acting_for(organization_id):
        connections = list(active_connections(organization_id=organization_id))
    for connection in connections:
        account = plugin_for(connection).account()
        connection.checkout_host = account.checkout_host
        connection.pci_certificate_url = account.pci_certificate_url
    with acting_for(organization_id):
        Connection.objects.bulk_update(connections, ["checkout_host", "pci_certificate_url"])


def receive_webhook(*, connection_id: UUID, request: InboundRequest, now: datetime) -> bool:
    """
    Store a verified event once and queue its processing. Return whether it was new.

    A message that is not the provider's, or about another merchant, leaves an audit line only.

    :raises HandleUnknown: no connection bears this id
    :raises WebhookSignatureInvalid: forged, replayed too late, or no secret is set
    :raises WebhookForOtherAccount: signed, but about somebody else's account
    """
    place = resolve_handle(kind=HandleKind.WEBHOOK, token=str(connection_id))
    organization_id = place.organization_id
    with acting_for(organization_id):
        connection = connection_by_id(organization_id=organization_id, connection_id=connection_id)
    try:
        event = _authentic_event(connection, request)
    except (WebhookSignatureInvalid, WebhookForOtherAccount) as error:
        _note_refused_webhook(connection, code=error.code, now=now)
        raise
    with acting_for(organization_id):
        return _store_event(connection, event=event, body=request.body, now=now)


def pending_objects(*, organization_id: UUID, connection_id: UUID) -> Sequence[PendingObject]:
    """Return a batch of objects to fetch, oldest event first, each once."""
    rows = (
        PendingEvent.objects.filter(organization_id=organization_id, connection_id=connection_id)
        .order_by("tries", "created_at", "id")
        .values_list("id", "event__object_kind", "event__object_id")[:_LARGEST_BATCH]
    )
    grouped: dict[tuple[str, str], list[UUID]] = {}
    for pending_id, kind, provider_id in rows:
        grouped.setdefault((kind, provider_id), []).append(pending_id)
    return [
        PendingObject(ProviderObject(kind), provider_id, tuple(ids))
        for (kind, provider_id), ids in grouped.items()
    ]


def mark_processed(*, organization_id: UUID, event_ids: Sequence[UUID]) -> None:
    """Take events out of the inbox's queue, in the transaction that recorded what they told."""
    PendingEvent.objects.filter(organization_id=organization_id, id__in=event_ids).delete()


def mark_failed(*, organization_id: UUID, event_ids: Sequence[UUID], error: str) -> None:
    """Leave events in the queue, behind the others: a failed event is never a duplicate."""
    PendingEvent.objects.filter(organization_id=organization_id, id__in=event_ids).update(
        tries=F("tries") + 1, last_error=error[:60]
    )


def _authentic_event(connection: Connection, request: InboundRequest) -> ProviderEvent:
    opened = plugin_for(connection)
    if len(request.body) > LARGEST_WEBHOOK_BYTES:
        raise WebhookSignatureInvalid
    opened.verify_webhook(request)
    event = opened.parse_webhook(request)
    if event.account_id != connection.account_id:
        raise WebhookForOtherAccount
    return event


def _new_connection(
    connection_id: UUID,
    organization_id: UUID,
    provider: str,
    account: ProviderAccount,
    api_key: str,
    webhook: WebhookRegistration,
    now: datetime,
) -> Connection:
    connection = Connection(
        id=connection_id,
        organization_id=organization_id,
        provider=provider,
        account_id=account.account_id,
        display_name=account.name,
        checkout_host=account.checkout_host,
        webhook_endpoint_id=webhook.endpoint_id,
        pci_attested_on=account.pci_attested_on,
        pci_expires_on=account.pci_expires_on,
        pci_certificate_url=account.pci_certificate_url,
        swept_until=now,
        created_at=now,
    )
    connection.credentials_sealed = seal(api_key, connection.place("credentials"))
    connection.webhook_secret_sealed = seal(webhook.secret, connection.place("webhook_secret"))
    return connection


def record_connection(
    *,
    organization_id: UUID,
    actor: Actor,
    connection: Connection,
    is_signed: bool,
    now: datetime,
) -> Connection:
    """
    Use a prepared connection from now on.

    :raises OtherAccountConnected: money would go to another account, and nobody signed
    """
    with acting_for(organization_id):
        active = Connection.objects.select_for_update().filter(
            organization_id=organization_id, state=ConnectionState.ACTIVE
        )
        former = list(active.order_by("id"))
        if not is_signed and goes_elsewhere(connection, former):
            raise OtherAccountConnected
        active.filter(provider=connection.provider).update(state=ConnectionState.DISCONNECTED)
        connection.save()
        register_handle(
            kind=HandleKind.WEBHOOK,
            token=str(connection.id),
            organization_id=organization_id,
            target_id=connection.id,
        )
        publish(ProviderConnected(organization_id=organization_id, connection_id=connection.id))
        audit.record(
            organization_id=organization_id,
            actor=actor,
            action="provider:connected",
            target=f"connection:{connection.id}",
            facts={"provider": connection.provider, "account": connection.account_id},
            now=now,
        )
    return connection


def goes_elsewhere(prepared: Connection, active: Collection[Connection]) -> bool:
    """Tell whether money would go to another account than now; a first one, or the same, no."""
    known = {(row.provider, row.account_id) for row in active}
    return bool(known) and (prepared.provider, prepared.account_id) not in known


def _note_refused_webhook(connection: Connection, *, code: str, now: datetime) -> None:
    with acting_for(connection.organization_id):
        audit.record(
            organization_id=connection.organization_id,
            actor=Actor(ActorKind.PROVIDER, connection.id),
            action="webhook:refused",
            target=f"connection:{connection.id}",
            facts={"code": code},
            now=now,
        )
        publish(
            WebhookRefused(
                organization_id=connection.organization_id,
                connection_id=connection.id,
                code=code,
                at=now,
            )
        )


def _store_event(
    connection: Connection, *, event: ProviderEvent, body: bytes, now: datetime
) -> bool:
    if event.object_kind is ProviderObject.PING:
        return False
    row_id = new_id()
    place = Place("providers_inboundevent", "body", row_id, connection.organization_id)
    row = InboundEvent(
        id=row_id,
        organization_id=connection.organization_id,
        connection_id=connection.id,
        external_id=event.external_id,
        kind=event.kind,
        object_kind=event.object_kind,
        object_id=event.object_id,
        body_sealed=seal_bytes(body, place),
        created_at=now,
    )
    InboundEvent.objects.bulk_create([row], ignore_conflicts=True)
    if not InboundEvent.objects.filter(
        organization_id=connection.organization_id, id=row_id
    ).exists():
        return False
    if event.object_kind is ProviderObject.UNKNOWN:
        log.warning("webhook_of_unknown_object", connection=str(connection.id), kind=event.kind)
        return True
    PendingEvent.objects.create(
        organization_id=connection.organization_id,
        event_id=row_id,
        connection_id=connection.id,
        created_at=now,
    )
    publish(
        WebhookReceived(organization_id=connection.organization_id, connection_id=connection.id)
    )
    return True
