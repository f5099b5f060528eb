"""Secrets in addresses: payer links, quotes, webhook connections, API keys, invitations."""

import secrets
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from encaisse.kit.crypto import digest
from encaisse.organizations.errors import HandleUnknown
from encaisse.organizations.models import Handle

# 128 bits of randomness in 22 characters: out of reach of guessing, short enough for a QR code.
_TOKEN_BYTES = 16


class HandleKind(StrEnum):
    API_KEY = "api_key"
    INVITATION = "invitation"
    PAYMENT_REQUEST = "payment_request"
    PROOFS = "proofs"
    QUOTE = "quote"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class Destination:
    organization_id: UUID
    target_id: UUID


def new_token() -> str:
    """Return an unguessable text fit for an address."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def register_handle(
    *, kind: HandleKind, token: str, organization_id: UUID, target_id: UUID
) -> None:
    """Make a token lead to a row of this organization."""
    Handle.objects.create(
        kind=kind, digest=digest(token), organization_id=organization_id, target_id=target_id
    )


def resolve_handle(*, kind: HandleKind, token: str) -> Destination:
    """
    Return where a token leads.

    :raises HandleUnknown: nowhere
    """
    found = Handle.objects.filter(kind=kind, digest=digest(token[:128])).first()
    if found is None:
        raise HandleUnknown
    return Destination(organization_id=found.organization_id, target_id=found.target_id)
