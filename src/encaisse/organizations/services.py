"""Writing organizations: sign-up, profile, who may still write."""

from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from encaisse.audit import services as audit
from encaisse.identity.errors import AccountIsFrozen
from encaisse.identity.freezing import is_frozen
from encaisse.kernel.actor import Actor, ActorKind
from encaisse.kernel.errors import Invalid
from encaisse.kernel.identifiers import Siren
from encaisse.kernel.text import clean_text, required_text
from encaisse.kernel.trades import Trade
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Permission, Role, allows, parse_colour
from encaisse.organizations.errors import NoLongerMember, PermissionDenied
from encaisse.organizations.models import Membership, Organization, Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileDraft:
    """What an owner types about the firm."""

    name: str
    siren: str
    street: str
    postal_code: str
    city: str
    email: str
    trade: Trade = Trade.UNSAID
    legal_name: str = ""
    legal_form: str = ""
    capital_minor: int | None = None
    is_vat_on_debits: bool = False
    is_vat_franchise: bool = False
    trade_register_city: str = ""
    phone: str = ""
    website: str = ""
    insurance: str = ""
    mediator: str = ""
    colour: str = "#0b6e4f"


def require(role: Role, permission: Permission) -> None:
    """:raises PermissionDenied: the role does not carry the permission"""
    if not allows(role, permission):
        raise PermissionDenied(permission=permission)


def create_organization(*, owner_id: UUID, draft: ProfileDraft, now: datetime) -> Organization:
    """
    Sign a firm up with its first owner.

    :raises SirenInvalid: the number does not pass its check
    :raises Invalid: a field is missing or too long
    """
    organization = Organization(id=new_id(), created_at=now)
    values = _checked(draft)
    with acting_for(organization.id):
        organization.save(force_insert=True)
        Profile.objects.create(organization_id=organization.id, created_at=now, **values)
        Membership.objects.create(
            organization_id=organization.id, user_id=owner_id, role=Role.OWNER, created_at=now
        )
        audit.record(
            organization_id=organization.id,
            actor=Actor(ActorKind.MEMBER, owner_id),
            action="organization:created",
            target=f"organization:{organization.id}",
            facts={"siren": values["siren"]},
            now=now,
        )
    return organization


def update_profile(
    *, organization_id: UUID, actor: Actor, draft: ProfileDraft, now: datetime
) -> Profile:
    """
    Replace what the firm says of itself. Issued documents keep what they said.

    :raises SirenInvalid: the number does not pass its check
    :raises Invalid: a field is missing or too long
    """
    values = _checked(draft)
    with acting_for(organization_id):
        profile = Profile.objects.select_for_update().get(organization_id=organization_id)
        changed = [name for name, value in values.items() if getattr(profile, name) != value]
        for name, value in values.items():
            setattr(profile, name, value)
        profile.save()
        audit.record(
            organization_id=organization_id,
            actor=actor,
            action="organization:profile:updated",
            target=f"organization:{organization_id}",
            facts={"changed": changed},
            now=now,
        )
    return profile


def set_logo(*, organization_id: UUID, file_id: UUID) -> None:
    """Show this stored file as the firm's logo."""
    with acting_for(organization_id):
        Profile.objects.filter(organization_id=organization_id).update(logo_file_id=file_id)


def hold_right(*, organization_id: UUID, actor: Actor, permission: Permission) -> None:
    """
    Keep a member's role as it is until what they are making is written.

    Whoever removes them at that moment waits for it, and closes it with the rest.

    :raises NoLongerMember: they were removed first
    :raises AccountIsFrozen: their account was frozen first
    :raises PermissionDenied: they lost the right first
    """
    if actor.kind is not ActorKind.MEMBER or actor.id is None:
        return
    membership = (
        Membership.objects.select_for_update()
        .filter(organization_id=organization_id, user_id=actor.id)
        .first()
    )
    if membership is None:
        raise NoLongerMember
    if is_frozen(user_id=actor.id):  # a moment ago, while this request was under way
        raise AccountIsFrozen
    require(Role(membership.role), permission)


_LARGEST = {
    "name": 80, "legal_name": 120, "legal_form": 60, "trade_register_city": 60, "street": 120,
    "postal_code": 10, "city": 60, "email": 254, "phone": 20, "website": 200, "insurance": 240,
    "mediator": 240,
}  # fmt: skip
_REQUIRED = {
    "name": "Nom", "street": "Adresse", "postal_code": "Code postal", "city": "Ville",
    "email": "Adresse électronique",
}  # fmt: skip


def _checked(draft: ProfileDraft) -> dict[str, object]:
    siren = Siren.parse(draft.siren)
    if draft.is_vat_franchise and draft.is_vat_on_debits:
        raise Invalid(reason="en franchise de TVA, l’option pour les débits n’existe pas")
    values: dict[str, object] = {
        "siren": siren.digits,
        "is_vat_on_debits": draft.is_vat_on_debits,
        "is_vat_franchise": draft.is_vat_franchise,
        # Whoever charges no VAT has no number to print.
        "vat_number": "" if draft.is_vat_franchise else siren.vat_number,
        "colour": parse_colour(draft.colour),
        "trade": draft.trade.value,
        "capital_minor": draft.capital_minor,
    }
    for field in fields(draft):
        if field.name in values:
            continue
        text = str(getattr(draft, field.name))
        check = required_text if field.name in _REQUIRED else clean_text
        label = _REQUIRED.get(field.name, field.name)
        values[field.name] = check(text, largest=_LARGEST[field.name], field=label)
    values["legal_name"] = values["legal_name"] or values["name"]
    return values
