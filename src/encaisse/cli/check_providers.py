"""The check that asks each provider to write to us and waits for the letter."""

from collections.abc import Iterator
from itertools import islice
from uuid import UUID

import psycopg
import tink

from encaisse.cli.findings import Finding, failure, fine, warning
from encaisse.kit.clock import business_now
from encaisse.kit.crypto import KeysUnreadable
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.queries import organization_ids
from encaisse.providers.contract import ProviderError
from encaisse.providers.models import Connection, ConnectionState
from encaisse.providers.services import check_webhook

# A host may have thousands of firms: a sample tells whether the way in is open.
_SAMPLE = 5


def check_webhook_round_trip(_connection: psycopg.Connection) -> Finding:
    """Have signed test events sent to the address providers know, as `provider:ping` does."""
    silent, unreachable, heard = [], [], 0
    for organization_id, connection_id, name in islice(_connections(), _SAMPLE):
        try:
            arrived = check_webhook(
                organization_id=organization_id, connection_id=connection_id, now=business_now()
            )
        except (ProviderError, KeysUnreadable, tink.TinkError) as error:
            unreachable.append(f"{name} ({type(error).__name__})")
            continue
        if arrived:
            heard += 1
        else:
            silent.append(name)
    return _found(silent, unreachable, heard)


def _found(silent: list[str], unreachable: list[str], heard: int) -> Finding:
    if silent:
        return failure(
            f"Le message d’essai du prestataire n’est pas revenu : {', '.join(silent)}.",
            cure="Le site doit tourner, et ENCAISSE_PUBLIC_URL être joignable depuis Internet.",
        )
    if unreachable:
        return warning(
            f"Le prestataire n’a pas pu être interrogé : {', '.join(unreachable)}.",
            cure="Vérifiez la connexion à Internet et la clé du prestataire.",
        )
    if not heard:
        return fine("Aucun prestataire n’est connecté : rien à essayer.")
    return fine(f"Le message d’essai du prestataire revient signé ({heard} essayés).")


def _connections() -> Iterator[tuple[UUID, UUID, str]]:
    for organization_id in reversed(organization_ids()):
        with acting_for(organization_id):
            active = list(
                Connection.objects.filter(
                    organization_id=organization_id, state=ConnectionState.ACTIVE
                )
            )
        for row in active:
            yield organization_id, row.id, row.display_name
