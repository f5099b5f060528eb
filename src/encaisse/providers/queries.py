"""Reading connections and opening their plug-ins."""

from uuid import UUID

from django.db.models import QuerySet

from encaisse.kernel.errors import NotFound
from encaisse.kit.crypto import unseal
from encaisse.kit.tenancy import acting_for
from encaisse.providers.contract import ProviderObject
from encaisse.providers.errors import NoConnection
from encaisse.providers.models import Connection, ConnectionState, InboundEvent
from encaisse.providers.registry import Plugin, plugin


def active_connection(*, organization_id: UUID) -> Connection:
    """:raises NoConnection: no provider is connected"""
    found = Connection.objects.filter(
        organization_id=organization_id, state=ConnectionState.ACTIVE
    ).first()
    if found is None:
        raise NoConnection
    return found


def active_connections(*, organization_id: UUID) -> QuerySet[Connection]:
    return Connection.objects.filter(organization_id=organization_id, state=ConnectionState.ACTIVE)


def connection_by_id(*, organization_id: UUID, connection_id: UUID) -> Connection:
    """:raises NotFound: no such connection here"""
    try:
        return Connection.objects.get(organization_id=organization_id, id=connection_id)
    except Connection.DoesNotExist as error:
        raise NotFound from error


def unknown_events(*, organization_id: UUID) -> QuerySet[InboundEvent]:
    """Return what providers told about objects we do not know, newest first."""
    return InboundEvent.objects.filter(
        organization_id=organization_id, object_kind=ProviderObject.UNKNOWN
    ).order_by("-created_at", "-id")


def connection_in_use(connection: Connection) -> Connection:
    """
    Return the connection to ask about what was made through this one.

    A firm that renews its key connects the same account again: the former key may be revoked.
    """
    if connection.state == ConnectionState.ACTIVE:
        return connection
    successor = Connection.objects.filter(
        organization_id=connection.organization_id,
        provider=connection.provider,
        account_id=connection.account_id,
        state=ConnectionState.ACTIVE,
    ).first()
    return successor or connection


def same_account(*, organization_id: UUID, connection_id: UUID) -> QuerySet[Connection]:
    """Return every connection, former ones included, to the account of this one."""
    account = Connection.objects.filter(organization_id=organization_id, id=connection_id)
    return Connection.objects.filter(
        organization_id=organization_id,
        provider__in=account.values("provider"),
        account_id__in=account.values("account_id"),
    )


def plugin_for(connection: Connection) -> Plugin:
    """Return the plug-in, opened with the connection's own keys."""
    secret = connection.webhook_secret_sealed
    return plugin(
        provider=connection.provider,
        api_key=unseal(connection.credentials_sealed, connection.place("credentials")),
        webhook_secret=unseal(secret, connection.place("webhook_secret")) if secret else "",
    )


def open_plugin(*, organization_id: UUID, connection_id: UUID) -> Plugin:
    """
    Read a connection in its own short transaction and open its plug-in, ready to be asked.

    :raises NotFound: no such connection here
    """
    with acting_for(organization_id):
        connection = connection_by_id(organization_id=organization_id, connection_id=connection_id)
    return plugin_for(connection)
