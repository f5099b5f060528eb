"""What changes who decides: described for whoever signs it, and done as it was signed."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from encaisse.kernel.actor import Actor
from encaisse.kernel.money import Currency, Money
from encaisse.organizations.core import ROLE_WORDS, OperationKind, Permission, Role
from encaisse.organizations.errors import OperationChanged
from encaisse.organizations.invitations import invite_member
from encaisse.organizations.models import Membership
from encaisse.organizations.operations import Content, Draft
from encaisse.organizations.safeguards import Rules, rules_of, set_rules
from encaisse.organizations.team import change_role
from encaisse.risk.presets import Preset

PRESET_WORDS = {
    Preset.SOUPLE: "souple",
    Preset.EQUILIBRE: "équilibré",
    Preset.STRICT: "strict",
}
FOUR_EYES_WORDS = {
    Permission.PAYMENTS_REFUND: "Rembourser un client",
    Permission.BANK_WRITE: "Changer le compte où vos clients paient, ou celui du prestataire",
    Permission.EXPORTS_READ: "Tout exporter",
    Permission.MEMBERS_MANAGE: "Nommer qui peut signer",
}


def signer_draft(membership: Membership, role: Role) -> Draft:
    """Describe a role that lets somebody sign."""
    return Draft(
        kind=OperationKind.GIVE_ROLE,
        title=f"Donner le rôle : {ROLE_WORDS[role]}",
        payee=f"{membership.user} ({membership.user.email})",
        content={"user_id": str(membership.user_id), "role": role},
        beneficiary=f"user:{membership.user_id}",
    )


def give_role(organization_id: UUID, actor: Actor, content: Content, now: datetime) -> UUID:
    row = change_role(
        organization_id=organization_id,
        actor=actor,
        user_id=UUID(content["user_id"]),
        role=Role(content["role"]),
        now=now,
    )
    return row.id


def invited_signer_draft(email: str, role: Role) -> Draft:
    """Describe an invitation to a role that lets somebody sign."""
    return Draft(
        kind=OperationKind.INVITE_SIGNER,
        title=f"Inviter dans le rôle : {ROLE_WORDS[role]}",
        payee=email,
        content={"email": email, "role": role},
        beneficiary=f"email:{email.lower()}",
    )


def invite_signer(organization_id: UUID, actor: Actor, content: Content, now: datetime) -> UUID:
    if actor.id is None:
        raise TypeError(actor)
    row = invite_member(
        organization_id=organization_id,
        actor=actor,
        invited_by=actor.id,
        email=content["email"],
        role=Role(content["role"]),
        real_now=timezone.now(),
        now=now,
    )
    return row.id


def rules_draft(before: Rules, rules: Rules) -> Draft:
    """Describe what a firm would have instead of what it has, rule by rule."""
    return Draft(
        kind=OperationKind.SAFEGUARDS,
        title="Demander moins de preuves",
        payee=" ; ".join(_changes(before, rules)),
        content={"before": _written(before), "after": _written(rules)},
    )


def change_rules(organization_id: UUID, actor: Actor, content: Content, now: datetime) -> UUID:
    """:raises OperationChanged: the rules have changed since it was asked"""
    after = content["after"]
    if _written(rules_of(organization_id=organization_id)) != content["before"]:
        raise OperationChanged
    rules = Rules(
        preset=Preset(after["preset"]),
        refund_ceiling=Money(after["refund_ceiling_minor"], Currency(after["currency"])),
        four_eyes=frozenset(map(Permission, after["four_eyes"])),
    )
    return set_rules(organization_id=organization_id, actor=actor, rules=rules, now=now)


def _changes(before: Rules, after: Rules) -> Iterator[str]:
    if before.preset is not after.preset:
        yield f"vigilance {PRESET_WORDS[before.preset]} → {PRESET_WORDS[after.preset]}"
    if before.refund_ceiling != after.refund_ceiling:
        yield f"remboursements signés au-delà de {before.refund_ceiling} → {after.refund_ceiling}"
    for permission in sorted(before.four_eyes - after.four_eyes):
        yield f"une seule personne pour : {FOUR_EYES_WORDS[permission]}"
    for permission in sorted(after.four_eyes - before.four_eyes):
        yield f"deux personnes pour : {FOUR_EYES_WORDS[permission]}"


def _written(rules: Rules) -> dict[str, object]:
    return {
        "preset": rules.preset,
        "refund_ceiling_minor": rules.refund_ceiling.minor,
        "currency": rules.refund_ceiling.currency,
        "four_eyes": sorted(rules.four_eyes),
    }
