"""
Another account of the provider, which somebody signs first: customers' money would go there.

The key is checked, and sealed, before anybody signs: what is signed names the account that the
provider says it opens. A proposal that nobody agrees to keeps no key.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from encaisse.kernel.actor import Actor
from encaisse.kernel.identifiers import Iban
from encaisse.kit.crypto import seal
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import OperationKind, OperationState
from encaisse.organizations.errors import OperationChanged
from encaisse.organizations.events import OperationEnded
from encaisse.organizations.models import Operation
from encaisse.organizations.operations import Content, Draft, ask, operation_by_id, read
from encaisse.providers.contract import ProviderAccount
from encaisse.providers.models import Connection, ConnectionState
from encaisse.providers.services import Prepared, record_connection


def ask_replacement(
    *,
    organization_id: UUID,
    actor: Actor,
    prepared: Prepared,
    once: UUID,
    now: datetime,
    real_now: datetime,
) -> Operation:
    """
    Keep a prepared connection aside until somebody signs that money goes to its account.

    :raises AlreadyAsked: the form was sent before
    """
    with acting_for(organization_id):
        prepared.connection.state = ConnectionState.PROPOSED
        prepared.connection.save(force_insert=True)
        return ask(
            organization_id=organization_id,
            actor=actor,
            draft=_draft(prepared),
            once=once,
            now=now,
            real_now=real_now,
        )


def replace_as_signed(organization_id: UUID, actor: Actor, content: Content, now: datetime) -> UUID:
    """:raises OperationChanged: another account was connected since, or the proposal is over"""
    rows = Connection.objects.select_for_update().filter(organization_id=organization_id)
    proposed = rows.filter(id=content["connection_id"], state=ConnectionState.PROPOSED).first()
    is_same = proposed is not None and proposed.account_id == content["account"]
    if proposed is None or not is_same or _in_use(organization_id) != content["former"]:
        raise OperationChanged
    proposed.state = ConnectionState.ACTIVE
    record_connection(
        organization_id=organization_id, actor=actor, connection=proposed, is_signed=True, now=now
    )
    return proposed.id


def forget_proposals(events: Sequence[OperationEnded]) -> None:
    """Erase the keys of what was refused, given up or waited too long, as it ends."""
    for event in events:
        if event.kind != OperationKind.CONNECT_PROVIDER or event.state == OperationState.DONE:
            continue
        with acting_for(event.organization_id):
            operation = operation_by_id(
                organization_id=event.organization_id, operation_id=event.operation_id
            )
            rows = Connection.objects.filter(
                organization_id=event.organization_id, state=ConnectionState.PROPOSED
            )
            for row in rows.filter(id=read(operation).content["connection_id"]):
                _forget(row)


def _draft(prepared: Prepared) -> Draft:
    row = prepared.connection
    return Draft(
        kind=OperationKind.CONNECT_PROVIDER,
        title="Encaisser sur un autre compte du prestataire",
        payee=_where_money_goes(prepared.account),
        content={
            "connection_id": str(row.id),
            "account": row.account_id,
            "former": _in_use(row.organization_id),
        },
        beneficiary=f"provider:{row.provider}:{row.account_id}",
    )


def _where_money_goes(account: ProviderAccount) -> str:
    """Name the account at the provider, and the bank account that it pays out to."""
    said = f"{account.name}, compte {account.account_id}"
    if not account.bank_iban:
        return said
    iban = Iban(account.bank_iban)
    return f"{said}, qui verse à {account.bank_holder_name}, {iban.grouped}"


def _in_use(organization_id: UUID) -> str:
    rows = Connection.objects.filter(organization_id=organization_id, state=ConnectionState.ACTIVE)
    return rows.values_list("account_id", flat=True).first() or ""


def _forget(row: Connection) -> None:
    row.state = ConnectionState.DISCONNECTED
    row.credentials_sealed = seal("", row.place("credentials"))
    row.webhook_secret_sealed = None
    row.save(update_fields=["state", "credentials_sealed", "webhook_secret_sealed"])
