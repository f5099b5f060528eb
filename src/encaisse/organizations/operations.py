"""
Operations that are done once signed: asked with all they need, shown, signed, carried out once.

What will be done is sealed when it is asked and never read from the page again: a person signs
what the page shows, and exactly that is done (DSP2, art. 97(2); delegated regulation 2018/389,
art. 5).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from encaisse.audit import services as audit
from encaisse.kernel.actor import SYSTEM, Actor, ActorKind
from encaisse.kernel.errors import DomainError, NotFound
from encaisse.kernel.money import Currency, Money
from encaisse.kit.crypto import seal, unseal
from encaisse.kit.events import publish
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.caution import Caution, asked_by
from encaisse.organizations.core import (
    ASKED_WITH,
    OPERATION_MOVES,
    OTHERS_PATIENCE,
    OWN_PATIENCE,
    SIGNED_WITH,
    OperationKind,
    OperationState,
    Role,
    SignatureState,
    allows,
    people_needed,
)
from encaisse.organizations.errors import AlreadyAsked, ApiKeyInvalid, OperationClosed
from encaisse.organizations.events import OperationAsked, OperationEnded, OperationRefused
from encaisse.organizations.models import ApiKey, Membership, Operation, Signature
from encaisse.organizations.safeguards import lock_owners, rules_of
from encaisse.organizations.services import hold_right

Content = Mapping[str, Any]
# Does what was signed, inside the transaction that writes that it is done; returns what it made.
CarryOut = Callable[[UUID, Actor, Content, datetime], UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """
    An operation as it is asked. `title` and `payee` are what the signer reads.

    `content` is what carries it out, JSON values only; `beneficiary` names who gains by it, in a
    form that stays the same from one operation to the next. `at_stake` is what went the same way
    before, this amount included: a large sum is not made small by cutting it in pieces.
    """

    kind: OperationKind
    title: str
    payee: str
    content: Content
    amount: Money | None = None
    beneficiary: str = ""
    at_stake: Money | None = None
    caution: Caution | None = None


_carried_out_by: dict[OperationKind, CarryOut] = {}


def carries_out(kind: OperationKind, action: CarryOut) -> None:
    """Say who does this kind of operation. Called from AppConfig.ready."""
    _carried_out_by[kind] = action


def carrier_of(kind: OperationKind) -> CarryOut:
    return _carried_out_by[kind]


def ask(
    *,
    organization_id: UUID,
    actor: Actor,
    draft: Draft,
    once: UUID | None = None,
    now: datetime,
    real_now: datetime,
) -> Operation:
    """
    Write down what somebody asks; it waits for signatures.

    :raises AlreadyAsked: the form was sent before
    """
    with acting_for(organization_id):
        four_eyes = rules_of(organization_id=organization_id).four_eyes
        cautious = asked_by(organization_id, draft.kind, draft.caution)
        needed = max(people_needed(draft.kind, four_eyes), cautious)
        operation = drafted(
            organization_id, actor, draft, needed=needed, once=once, now=now, real_now=real_now
        )
        save_once(operation)
        _audit(operation, "asked", actor=actor, now=now)
        if actor.kind is not ActorKind.MEMBER:
            publish(OperationAsked(organization_id=organization_id, operation_id=operation.id))
    return operation


def drafted(
    organization_id: UUID,
    actor: Actor,
    draft: Draft,
    *,
    needed: int,
    once: UUID | None,
    now: datetime,
    real_now: datetime,
) -> Operation:
    """Return the row of an operation, sealed and not written yet."""
    is_person = actor.kind is ActorKind.MEMBER
    operation = Operation(
        id=new_id(),
        organization_id=organization_id,
        kind=draft.kind,
        state=OperationState.OPEN,
        asked_by_id=actor.id if is_person else None,
        asked_by_key_id=None if is_person else actor.id,
        needed=needed,
        once=once,
        asked_at=real_now,
        expires_at=real_now + (OWN_PATIENCE if is_person else OTHERS_PATIENCE),
        created_at=now,
    )
    operation.content_sealed = seal(written(draft), operation.place())
    return operation


def asked_with(*, organization_id: UUID, once: UUID) -> UUID | None:
    """Return the operation that a form asked when it was sent first."""
    with acting_for(organization_id):
        rows = Operation.objects.filter(organization_id=organization_id, once=once)
        return rows.values_list("id", flat=True).first()


def save_once(operation: Operation) -> None:
    """:raises AlreadyAsked: the same form has written another, or is writing it at this moment"""
    rows = Operation.objects.filter(organization_id=operation.organization_id)
    Operation.objects.bulk_create([operation], ignore_conflicts=True)
    if not rows.filter(id=operation.id).exists():
        raise AlreadyAsked(operation_id=rows.values_list("id", flat=True).get(once=operation.once))


def written(draft: Draft) -> str:
    """Return an operation as one text, always the same for the same operation."""
    amount = draft.amount
    values = {
        "kind": draft.kind,
        "title": draft.title,
        "payee": draft.payee,
        "content": dict(draft.content),
        "amount_minor": amount.minor if amount else None,
        "currency": amount.currency if amount else None,
        "beneficiary": draft.beneficiary,
    }
    if draft.caution:
        values["caution"] = asdict(draft.caution)
    return json.dumps(values, ensure_ascii=False, sort_keys=True)


def read(operation: Operation) -> Draft:
    """Return what was asked."""
    values = json.loads(unseal(operation.content_sealed, operation.place()))
    minor, currency = values.pop("amount_minor"), values.pop("currency")
    amount = None if minor is None else Money(minor, Currency(currency))
    kind, caution = OperationKind(values.pop("kind")), values.pop("caution", None)
    if caution is not None:
        caution = Caution(caution["signers"], tuple(caution["sentences"]))
    return Draft(**values, kind=kind, amount=amount, caution=caution)


def operation_by_id(*, organization_id: UUID, operation_id: UUID) -> Operation:
    """:raises NotFound: no such operation here"""
    rows = Operation.objects.select_related("asked_by").filter(organization_id=organization_id)
    operation = rows.filter(id=operation_id).first()
    if operation is None:
        raise NotFound
    return operation


def open_operations(*, organization_id: UUID, real_now: datetime) -> QuerySet[Operation]:
    """Return what waits for signatures, newest first."""
    rows = Operation.objects.select_related("asked_by").filter(organization_id=organization_id)
    rows = rows.filter(state=OperationState.OPEN, expires_at__gt=real_now)
    return rows.order_by("-asked_at")


def carry_out(
    *, organization_id: UUID, operation_id: UUID, now: datetime, real_now: datetime
) -> OperationState:
    """
    Do what enough people signed, once; a second call, or two at once, change nothing.

    What refuses it is kept with the operation: it is over, and nothing of it was done.
    """
    try:
        with acting_for(organization_id):
            operation = lock(organization_id, operation_id)
            if operation.state != OperationState.OPEN or not is_signed(operation):
                return OperationState(operation.state)
            draft, actor = read(operation), _asker(operation)
            end(operation, OperationState.DONE, actor=actor, now=now, real_now=real_now)
            made = _carried_out_by[draft.kind](organization_id, actor, draft.content, now)
            Operation.objects.filter(organization_id=organization_id, id=operation_id).update(
                made_id=made
            )
    except DomainError as error:
        return _fail(organization_id, operation_id, error, now, real_now)
    return OperationState.DONE


def cancel(
    *, organization_id: UUID, actor: Actor, operation_id: UUID, now: datetime, real_now: datetime
) -> None:
    """
    End an operation nobody will sign: cancelled by who asked it, refused by anybody else.

    :raises OperationClosed: it has ended meanwhile
    """
    with acting_for(organization_id):
        operation = lock(organization_id, operation_id)
        if operation.state != OperationState.OPEN:
            raise OperationClosed
        own = operation.asked_by_id is not None and operation.asked_by_id == actor.id
        if not own:
            hold_right(
                organization_id=organization_id,
                actor=actor,
                permission=SIGNED_WITH[OperationKind(operation.kind)],
            )
        state = OperationState.CANCELLED if own else OperationState.REFUSED
        end(operation, state, actor=actor, now=now, real_now=real_now)


def cancel_asked_by(*, organization_id: UUID, user_id: UUID, now: datetime, at: datetime) -> None:
    """End what a person asked and what they signed, where others have not finished it."""
    with acting_for(organization_id):
        rows = Operation.objects.select_for_update().filter(
            organization_id=organization_id, state=OperationState.OPEN
        )
        signed = Signature.objects.filter(
            organization_id=organization_id, user_id=user_id, state=SignatureState.GIVEN
        ).values("operation_id")
        theirs = rows.filter(asked_by_id=user_id) | rows.filter(id__in=signed)
        for operation in theirs.order_by("id"):
            end(operation, OperationState.CANCELLED, actor=SYSTEM, now=now, real_now=at)


def close_expired_operations(*, organization_id: UUID, now: datetime, real_now: datetime) -> None:
    """End what waited too long, after doing what was signed when a process stopped in between."""
    with acting_for(organization_id):
        given = Signature.objects.filter(
            organization_id=organization_id,
            state=SignatureState.GIVEN,
            operation__state=OperationState.OPEN,
        )
        signed = set(given.values_list("operation_id", flat=True))
    for operation_id in sorted(signed):
        carry_out(
            organization_id=organization_id, operation_id=operation_id, now=now, real_now=real_now
        )
    with acting_for(organization_id):
        rows = Operation.objects.select_for_update().filter(
            organization_id=organization_id, state=OperationState.OPEN, expires_at__lte=real_now
        )
        for operation in rows.order_by("id"):
            end(operation, OperationState.EXPIRED, actor=SYSTEM, now=now, real_now=real_now)


def lock(organization_id: UUID, operation_id: UUID) -> Operation:
    """:raises NotFound: no such operation here"""
    rows = Operation.objects.select_for_update().filter(organization_id=organization_id)
    operation = rows.filter(id=operation_id).first()
    if operation is None:
        raise NotFound
    return operation


def end(
    operation: Operation,
    state: OperationState,
    *,
    actor: Actor,
    now: datetime,
    real_now: datetime,
    failure: str = "",
) -> None:
    """:raises OperationClosed: it has ended already"""
    if state not in OPERATION_MOVES[OperationState(operation.state)]:
        raise OperationClosed
    operation.state, operation.ended_at, operation.failure = state, real_now, failure
    operation.save(update_fields=["state", "ended_at", "failure"])
    _audit(operation, state, actor=actor, now=now)
    publish(
        OperationEnded(
            organization_id=operation.organization_id,
            operation_id=operation.id,
            kind=operation.kind,
            state=state,
        )
    )
    if state is OperationState.REFUSED:
        publish(
            OperationRefused(
                organization_id=operation.organization_id,
                operation_id=operation.id,
                action=operation.kind,
                user_id=actor.id,
                at=real_now,
            )
        )


def given_to(operation: Operation) -> QuerySet[Signature]:
    """Return the signatures given to an operation."""
    return Signature.objects.filter(
        organization_id=operation.organization_id,
        operation=operation,
        state=SignatureState.GIVEN,
    )


def is_signed(operation: Operation) -> bool:
    """Count who signed and still may, against what the rules ask when it was asked and now."""
    organization_id, kind = operation.organization_id, OperationKind(operation.kind)
    given = given_to(operation)
    rows = Membership.objects.filter(
        organization_id=organization_id,
        user_id__in=given.values("user_id"),
        user__frozen_at__isnull=True,
    )
    able = sum(
        allows(Role(role), SIGNED_WITH[kind]) for role in rows.values_list("role", flat=True)
    )
    four_eyes = rules_of(organization_id=organization_id).four_eyes
    return able >= max(operation.needed, people_needed(kind, four_eyes))


def _asker(operation: Operation) -> Actor:
    """
    Return who asked, whose rights must still hold when it is done.

    :raises NoLongerMember: they left
    :raises PermissionDenied: they lost the right
    :raises ApiKeyInvalid: the program's key was revoked, replaced or expired
    """
    organization_id = operation.organization_id
    if operation.asked_by_id is not None:
        actor = Actor(ActorKind.MEMBER, operation.asked_by_id)
        permission = ASKED_WITH[OperationKind(operation.kind)]
        lock_owners(organization_id)  # first, as wherever roles change
        hold_right(organization_id=organization_id, actor=actor, permission=permission)
        return actor
    keys = ApiKey.objects.filter(organization_id=organization_id)
    key = keys.filter(id=operation.asked_by_key_id or UUID(int=0)).first()
    if key is None or not key.opens(timezone.now()):
        raise ApiKeyInvalid
    return Actor(ActorKind.API_KEY, key.id)


def _fail(
    organization_id: UUID,
    operation_id: UUID,
    error: DomainError,
    now: datetime,
    real_now: datetime,
) -> OperationState:
    with acting_for(organization_id):
        operation = lock(organization_id, operation_id)
        if operation.state == OperationState.OPEN:
            failed = OperationState.FAILED
            end(operation, failed, actor=SYSTEM, now=now, real_now=real_now, failure=error.code)
    return OperationState(operation.state)


def _audit(operation: Operation, what: str, *, actor: Actor, now: datetime) -> None:
    audit.record(
        organization_id=operation.organization_id,
        actor=actor,
        action=f"operation:{what}",
        target=f"operation:{operation.id}",
        facts={"kind": operation.kind, "failure": operation.failure},
        now=now,
    )
