"""How careful a firm wants to be: its policy of access, its ceilings, what takes two people."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from encaisse.audit import services as audit
from encaisse.identity.freezing import is_frozen
from encaisse.kernel.actor import Actor
from encaisse.kernel.money import Currency, Money
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import FOUR_EYES, Permission, Role
from encaisse.organizations.errors import FourEyesImpossible
from encaisse.organizations.models import Membership, Safeguards
from encaisse.organizations.queries import roles_of
from encaisse.risk.presets import Preset, strictest

DEFAULT_REFUND_CEILING = Money(20_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a firm chose, or what it has until it chooses."""

    preset: Preset = Preset.EQUILIBRE
    refund_ceiling: Money = DEFAULT_REFUND_CEILING
    four_eyes: frozenset[Permission] = frozenset()


def rules_of(*, organization_id: UUID) -> Rules:
    row = Safeguards.objects.filter(organization_id=organization_id).first()
    if row is None:
        return Rules()
    return Rules(
        preset=Preset(row.preset),
        refund_ceiling=Money(row.refund_ceiling_minor, Currency(row.currency)),
        four_eyes=frozenset(map(Permission, row.four_eyes)),
    )


def set_rules(*, organization_id: UUID, actor: Actor, rules: Rules, now: datetime) -> UUID:
    """
    Replace the firm's rules.

    :raises FourEyesImpossible: two people are asked for something that only one may do
    """
    with acting_for(organization_id):
        # Nobody's role changes meanwhile: the owners are locked, as wherever roles change.
        lock_owners(organization_id)
        before = rules_of(organization_id=organization_id)
        _check_two_people(organization_id, rules.four_eyes)
        values = {
            "preset": rules.preset,
            "refund_ceiling_minor": rules.refund_ceiling.minor,
            "currency": rules.refund_ceiling.currency,
            "four_eyes": sorted(rules.four_eyes),
        }
        row, _is_new = Safeguards.objects.update_or_create(
            organization_id=organization_id,
            defaults=values,
            create_defaults={"id": new_id(), "created_at": now, **values},
        )
        audit.record(
            organization_id=organization_id,
            actor=actor,
            action="safeguards:set",
            target=f"organization:{organization_id}",
            facts={"before": _told(before), "after": _told(rules)},
            now=now,
        )
    return row.id


def loosens(before: Rules, after: Rules) -> bool:
    """Tell whether less would be asked than now, in any way."""
    return (
        strictest([before.preset, after.preset]) is not after.preset
        or after.refund_ceiling.minor > before.refund_ceiling.minor
        or not after.four_eyes >= before.four_eyes
    )


def lock_owners(organization_id: UUID) -> None:
    """Hold the owners, in one order, so that two who change roles wait and never block."""
    rows = Membership.objects.select_for_update().filter(organization_id=organization_id)
    list(rows.filter(role=Role.OWNER).order_by("id"))


def check_two_people_remain(*, organization_id: UUID, without: UUID) -> None:
    """
    Called once somebody's role was taken, under the lock of the owners.

    :raises FourEyesImpossible: they were the last but one who may sign
    """
    if is_frozen(user_id=without):  # they could not sign: the firm must be able to part with them
        return
    _check_two_people(organization_id, rules_of(organization_id=organization_id).four_eyes)


def preset_of_person(*, user_id: UUID) -> Preset:
    """Return the strictest policy among the firms of a person."""
    presets = []
    for organization_id in roles_of(user_id=user_id):  # a person has a handful of firms
        with acting_for(organization_id):
            presets.append(rules_of(organization_id=organization_id).preset)
    return strictest(presets)


def _check_two_people(organization_id: UUID, asked: Collection[Permission]) -> None:
    able = Membership.objects.filter(organization_id=organization_id, user__frozen_at__isnull=True)
    roles = list(able.values_list("role", flat=True))
    for permission in asked:
        if sum(role in FOUR_EYES[permission] for role in roles) < 2:
            raise FourEyesImpossible(permission=permission)


def _told(rules: Rules) -> dict[str, object]:
    return {
        "preset": rules.preset,
        "refund_ceiling": rules.refund_ceiling.minor,
        "four_eyes": sorted(rules.four_eyes),
    }
