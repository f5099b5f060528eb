"""What changes who decides: described for whoever signs it, and done as it was signed."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from encaisse.kernel.actor import Actor
from encaisse.kernel.money import Currency, Money
from encaisse.organizations.core import OperationKind, Permission, Role
from encaisse.organizations.invitations import invite_member
from encaisse.organizations.models import Membership
from encaisse.organizations.operations import Content, Draft
from encaisse.organizations.safeguards import Rules, set_rules
from encaisse.organizations.team import change_role
from encaisse.risk.presets import Preset

PRESET_WORDS = {
    Preset.SOUPLE: "souple",
    Preset.EQUILIBRE: "équilibré",
    Preset.STRICT: "strict",
}


def owner_draft(membership: Membership) -> Draft:
    return Draft(
        kind=OperationKind.MAKE_OWNER,
        title="Donner le rôle de propriétaire",
        payee=f"{membership.user} ({membership.user.email})",
        content={"user_id": str(membership.user_id)},
        beneficiary=f"user:{membership.user_id}",
    )


def make_owner(organization_id: UUID, actor: Actor, content: Content, now: datetime) -> UUID:
    row = change_role(
        organization_id=organization_id,
        actor=actor,
        user_id=UUID(content["user_id"]),
        role=Role.OWNER,
        now=now,
    )
    return row.id


def invited_owner_draft(email: str) -> Draft:
    return Draft(
        kind=OperationKind.INVITE_OWNER,
        title="Inviter un propriétaire",
        payee=email,
        content={"email": email},
        beneficiary=f"email:{email.lower()}",
    )


def invite_owner(organization_id: UUID, actor: Actor, content: Content, now: datetime) -> UUID:
    if actor.id is None:
        raise TypeError(actor)
    row = invite_member(
        organization_id=organization_id,
        actor=actor,
        invited_by=actor.id,
        email=content["email"],
        role=Role.OWNER,
        real_now=timezone.now(),
        now=now,
    )
    return row.id


def rules_draft(rules: Rules) -> Draft:
    """Describe the rules that a firm would have."""
    people = "deux personnes" if rules.four_eyes else "une personne"
    return Draft(
        kind=OperationKind.SAFEGUARDS,
        title="Demander moins de preuves",
        payee=(
            f"Réglage {PRESET_WORDS[rules.preset]}, remboursements signés au-delà de "
            f"{rules.refund_ceiling}, {people} pour valider"
        ),
        content={
            "preset": rules.preset,
            "refund_ceiling_minor": rules.refund_ceiling.minor,
            "currency": rules.refund_ceiling.currency,
            "four_eyes": sorted(rules.four_eyes),
        },
    )


def change_rules(organization_id: UUID, actor: Actor, content: Content, now: datetime) -> UUID:
    rules = Rules(
        preset=Preset(content["preset"]),
        refund_ceiling=Money(content["refund_ceiling_minor"], Currency(content["currency"])),
        four_eyes=frozenset(map(Permission, content["four_eyes"])),
    )
    return set_rules(organization_id=organization_id, actor=actor, rules=rules, now=now)
