"""The public page of a firm's proofs: shown once a firm asks for it, gone when it says so."""

from datetime import datetime
from uuid import UUID

from encaisse.audit import services as audit
from encaisse.kernel.actor import Actor
from encaisse.kernel.errors import NotFound
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Permission
from encaisse.organizations.handles import HandleKind, new_token, register_handle
from encaisse.organizations.models import Profile
from encaisse.organizations.queries import profile
from encaisse.organizations.services import hold_right


def publish_proofs(*, organization_id: UUID, actor: Actor, now: datetime) -> str:
    """
    Open the page at a new address and return its token; an open one keeps its address.

    :raises PermissionDenied: the right was lost meanwhile
    """
    with acting_for(organization_id):
        row = _held(organization_id, actor)
        if row.proofs_token:
            return str(row.proofs_token)
        token = new_token()
        register_handle(
            kind=HandleKind.PROOFS,
            token=token,
            organization_id=organization_id,
            target_id=organization_id,
        )
        _keep(row, token, actor, "proofs:published", now)
    return token


def withdraw_proofs(*, organization_id: UUID, actor: Actor, now: datetime) -> None:
    """
    Close the page: its address leads nowhere, and will never lead anywhere again.

    :raises PermissionDenied: the right was lost meanwhile
    """
    with acting_for(organization_id):
        row = _held(organization_id, actor)
        if row.proofs_token:
            _keep(row, "", actor, "proofs:withdrawn", now)


def published_profile(*, organization_id: UUID, token: str) -> Profile:
    """
    Return the firm whose page this is.

    :raises NotFound: the firm closed it
    """
    row = profile(organization_id=organization_id)
    if row.proofs_token != token:
        raise NotFound
    return row


def _held(organization_id: UUID, actor: Actor) -> Profile:
    hold_right(organization_id=organization_id, actor=actor, permission=Permission.SETTINGS_WRITE)
    found: Profile = Profile.objects.select_for_update().get(organization_id=organization_id)
    return found


def _keep(row: Profile, token: str, actor: Actor, action: str, now: datetime) -> None:
    row.proofs_token = token
    row.save(update_fields=["proofs_token_sealed"])
    audit.record(
        organization_id=row.organization_id,
        actor=actor,
        action=action,
        target=f"organization:{row.organization_id}",
        facts={},
        now=now,
    )
