"""What is done at once because little is at stake, counted so that little stays little."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, Sum

from encaisse.kernel.actor import Actor, ActorKind
from encaisse.kernel.money import Money
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import (
    ASKED_WITH,
    OperationKind,
    OperationState,
    people_needed,
)
from encaisse.organizations.errors import ApiKeyInvalid, OperationChanged
from encaisse.organizations.hands import ADDED_UP_OVER, hand_of
from encaisse.organizations.models import ApiKey, Membership, Operation
from encaisse.organizations.operations import (
    Draft,
    carrier_of,
    drafted,
    open_operations,
    read,
    save_once,
)
from encaisse.organizations.safeguards import Rules, rules_of
from encaisse.organizations.services import hold_right

# Weighs what is asked: firm, hand, draft, the firm's time, real time, and whether it is kept. Gives
# the draft back with what speaks for caution, and what is at stake at this very moment.
Weigher = Callable[..., Draft]
_weighed_by: dict[OperationKind, Weigher] = {}


def weighs(kind: OperationKind, weigher: Weigher) -> None:
    """Say who weighs this kind of operation. Called from AppConfig.ready."""
    _weighed_by[kind] = weigher


def weighed(
    *,
    organization_id: UUID,
    actor: Actor,
    draft: Draft,
    now: datetime,
    real_now: datetime,
    is_kept: bool = True,
) -> Draft:
    """Return a draft with what speaks for caution; what was decided is kept, unless only shown."""
    weigher = _weighed_by.get(draft.kind)
    if weigher is None:
        return draft
    return weigher(
        organization_id=organization_id,
        actor=actor,
        draft=draft,
        now=now,
        real_now=real_now,
        is_kept=is_kept,
    )


def waiting_by_hand(
    *, organization_id: UUID, actor: Actor, kind: OperationKind, real_now: datetime
) -> list[tuple[datetime, Draft]]:
    """Return what a member or a program asked and nobody finished signing, oldest first."""
    hand = hand_of(organization_id=organization_id, actor=actor, real_now=real_now)
    rows = open_operations(organization_id=organization_id, real_now=real_now).filter(kind=kind)
    rows = rows.filter(Q(asked_by__in=hand.members) | Q(asked_by_key_id__in=hand.keys))
    return [(row.asked_at, read(row)) for row in rows.order_by("asked_at")]


def moved_at_once(
    *, organization_id: UUID, actor: Actor, kind: OperationKind, real_now: datetime
) -> tuple[Money, Rules]:
    """
    Return what a member or a key has moved without signing since yesterday at this time, and the
    rules it meets.
    """
    with acting_for(organization_id):
        rules = rules_of(organization_id=organization_id)
        hand = hand_of(organization_id=organization_id, actor=actor, real_now=real_now)
        rows = Operation.objects.filter(
            organization_id=organization_id,
            asked_at__gt=real_now - ADDED_UP_OVER,
            needed=0,
            kind=kind,
            currency=rules.refund_ceiling.currency,
        )
        rows = rows.filter(Q(asked_by__in=hand.members) | Q(asked_by_key_id__in=hand.keys))
        total = rows.aggregate(total=Sum("amount_minor"))["total"]
    return Money(total or 0, rules.refund_ceiling.currency), rules


def takes_a_signature(rules: Rules, draft: Draft, *, before: Money) -> bool:
    """
    Tell whether an operation is signed whoever asks it and however small the risk.

    `before` is what the same hand moved of late: neither one payment nor many are emptied by
    pieces.
    """
    if draft.caution is not None:
        return True
    if draft.amount is None or people_needed(draft.kind, rules.four_eyes) > 1:
        return True
    stakes = (draft.at_stake or draft.amount, before + draft.amount)
    return any(stake > rules.refund_ceiling for stake in stakes)


def must_be_signed(
    *, organization_id: UUID, actor: Actor, draft: Draft, real_now: datetime
) -> bool:
    """Tell the same of an operation as it is asked; only `do_now` knows for sure."""
    before, rules = moved_at_once(
        organization_id=organization_id, actor=actor, kind=draft.kind, real_now=real_now
    )
    return takes_a_signature(rules, draft, before=before)


def do_now(
    *,
    organization_id: UUID,
    actor: Actor,
    draft: Draft,
    once: UUID | None = None,
    now: datetime,
    real_now: datetime,
) -> UUID:
    """
    Do at once what needs no signature; return what it made.

    :raises AlreadyAsked: the form was sent before
    :raises OperationChanged: the firm's rules ask for a signature, or what was done meanwhile does
    """
    with acting_for(organization_id):
        _hold(organization_id, actor, draft.kind, real_now)
        asked: dict[str, Any] = {
            "organization_id": organization_id, "actor": actor, "real_now": real_now,
        }  # fmt: skip
        # What the same hand did meanwhile counts too.
        again = weighed(**asked, draft=draft, now=now, is_kept=False)
        if must_be_signed(**asked, draft=again):
            raise OperationChanged
        operation = drafted(
            organization_id, actor, draft, needed=0, once=once, now=now, real_now=real_now
        )
        operation.state, operation.ended_at = OperationState.DONE, real_now
        if draft.amount is not None:
            operation.amount_minor = draft.amount.minor
            operation.currency = draft.amount.currency
        save_once(operation)
        made: UUID = carrier_of(draft.kind)(organization_id, actor, draft.content, now)
        Operation.objects.filter(organization_id=organization_id, id=operation.id).update(
            made_id=made
        )
    return made


def _hold(organization_id: UUID, actor: Actor, kind: OperationKind, real_now: datetime) -> None:
    """Let one hand do one thing at a time: twenty at once are added up one after the other."""
    if actor.kind is ActorKind.MEMBER:
        hold_right(organization_id=organization_id, actor=actor, permission=ASKED_WITH[kind])
        return
    hand = hand_of(organization_id=organization_id, actor=actor, real_now=real_now)
    people = Membership.objects.select_for_update().filter(organization_id=organization_id)
    list(people.filter(user_id__in=hand.members))  # first, as wherever a person's keys are closed
    rows = ApiKey.objects.select_for_update().filter(organization_id=organization_id)
    keys = rows.filter(id__in=hand.keys).order_by("id")
    if actor.id not in {key.id for key in keys}:
        raise ApiKeyInvalid
