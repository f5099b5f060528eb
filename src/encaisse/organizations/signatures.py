"""
Signing an operation: a proof bound to its amount and beneficiary, five tries, five minutes, once.

A passkey signs the challenge, which is a digest of the operation; a code sent is derived with it;
a code of an application opens this signature only.
"""

import secrets
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.db.models import F, QuerySet

from encaisse.audit import services as audit
from encaisse.identity.proofs import Proof, is_enough
from encaisse.kernel.actor import Actor, ActorKind
from encaisse.kit.crypto import blind_index, is_index_of, unseal
from encaisse.kit.events import publish
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import (
    ASKED_WITH,
    OTHERS_PATIENCE,
    SIGNATURE_LIFE,
    SIGNATURE_TRIES,
    SIGNED_WITH,
    OperationKind,
    OperationState,
    SignatureState,
)
from encaisse.organizations.errors import (
    NotYoursToSign,
    OperationChanged,
    OperationClosed,
    SignatureOver,
)
from encaisse.organizations.events import OperationAsked
from encaisse.organizations.models import Operation, Signature
from encaisse.organizations.operations import end, given_to, is_signed, lock
from encaisse.organizations.services import hold_right
from encaisse.risk.presets import Level

_PURPOSE = "operation"


def signature_of(
    *, operation: Operation, user_id: UUID, begun_in: str, real_now: datetime
) -> Signature | None:
    """Return the signature this person has begun in this session and may still give."""
    rows = _mine(operation, user_id).filter(state=SignatureState.OPEN, begun_in=begun_in)
    found = rows.first()
    return found if found is not None and found.expires_at > real_now else None


def check_may_sign(operation: Operation, *, user_id: UUID, real_now: datetime) -> None:
    """
    Let those sign who may, each once, who asked it first.

    :raises OperationClosed: it has ended
    :raises NotYoursToSign: they signed already, or the asker has not
    :raises PermissionDenied: their role does not carry the right
    """
    if operation.state != OperationState.OPEN or operation.expires_at <= real_now:
        raise OperationClosed
    is_asker = operation.asked_by_id == user_id
    hold_right(
        organization_id=operation.organization_id,
        actor=Actor(ActorKind.MEMBER, user_id),
        permission=(ASKED_WITH if is_asker else SIGNED_WITH)[OperationKind(operation.kind)],
    )
    given = signers_of(operation)
    waits_for_asker = operation.asked_by_id not in {None, user_id, *given}
    if user_id in given or waits_for_asker:
        raise NotYoursToSign


def signers_of(operation: Operation) -> set[UUID]:
    """Return who has signed."""
    return set(given_to(operation).values_list("user_id", flat=True))


def begin(
    *,
    operation: Operation,
    user_id: UUID,
    level: Level,
    access_id: UUID,
    begun_in: str,
    now: datetime,
    real_now: datetime,
) -> Signature:
    """Open a signature for five minutes, in one session; tries used before are not given back."""
    with acting_for(operation.organization_id):
        locked = lock(operation.organization_id, operation.id)
        check_may_sign(locked, user_id=user_id, real_now=real_now)
        before = _mine(locked, user_id).order_by("-created_at", "-id").first()
        _mine(locked, user_id).update(state=SignatureState.ENDED)
        return Signature.objects.create(
            id=new_id(),
            organization_id=locked.organization_id,
            operation=locked,
            user_id=user_id,
            state=SignatureState.OPEN,
            level=max(level, Level.STANDARD, key=tuple(Level).index),
            access_id=access_id,
            begun_in=begun_in,
            nonce=secrets.token_bytes(32),
            bound_to=blind_index(_binding(locked).hex(), purpose=_PURPOSE),
            tries_left=before.tries_left if before else SIGNATURE_TRIES,
            expires_at=real_now + SIGNATURE_LIFE,
            created_at=now,
        )


def challenge_of(signature: Signature, operation: Operation) -> bytes:
    """Return what a passkey signs: 32 bytes that another amount or payee would change."""
    return sha256(bytes(signature.nonce) + _binding(operation)).digest()


def spend_try(
    *, organization_id: UUID, signature_id: UUID, begun_in: str, real_now: datetime
) -> None:
    """
    Count a try before it is known whether it succeeds.

    :raises SignatureOver: none is left, five minutes have passed, or it was begun elsewhere
    """
    with acting_for(organization_id):
        rows = Signature.objects.filter(organization_id=organization_id, id=signature_id)
        rows = rows.filter(begun_in=begun_in)
        rows = rows.filter(state=SignatureState.OPEN, tries_left__gt=0, expires_at__gt=real_now)
        if not rows.update(tries_left=F("tries_left") - 1):
            raise SignatureOver


def fail(*, organization_id: UUID, signature_id: UUID, now: datetime, real_now: datetime) -> None:
    """
    Note a wrong proof; the fifth refuses the operation for good.

    :raises SignatureOver: it was the fifth
    """
    with acting_for(organization_id):
        signature = Signature.objects.get(organization_id=organization_id, id=signature_id)
        if signature.tries_left > 0:
            return
        operation = lock(organization_id, signature.operation_id)
        if operation.state == OperationState.OPEN:
            actor = Actor(ActorKind.MEMBER, signature.user_id)
            end(operation, OperationState.REFUSED, actor=actor, now=now, real_now=real_now)
    raise SignatureOver


def prove(
    *,
    organization_id: UUID,
    signature_id: UUID,
    proof: Proof,
    challenge: bytes,
    now: datetime,
    real_now: datetime,
) -> Signature:
    """
    Add a proof that was verified against this challenge; enough of them make the signature given.

    :raises OperationClosed: it ended meanwhile
    :raises OperationChanged: the challenge is of something else than what would be done
    :raises SignatureOver: five minutes have passed
    """
    with acting_for(organization_id):
        signature = Signature.objects.get(organization_id=organization_id, id=signature_id)
        operation = lock(organization_id, signature.operation_id)
        signature = Signature.objects.select_for_update().get(
            organization_id=organization_id, id=signature_id
        )
        check_may_sign(operation, user_id=signature.user_id, real_now=real_now)
        if signature.state != SignatureState.OPEN or signature.expires_at <= real_now:
            raise SignatureOver
        _check_bound(signature, operation, challenge)
        signature.proofs = sorted({*signature.proofs, proof})
        signature.tries_left = F("tries_left") + 1
        if is_enough(Level(signature.level), {Proof.PASSWORD, *map(Proof, signature.proofs)}):
            signature.state = SignatureState.GIVEN
        signature.save(update_fields=["proofs", "tries_left", "state"])
        signature.refresh_from_db()
        if signature.state == SignatureState.GIVEN:
            _note_given(operation, signature, now, real_now)
    return signature


def _note_given(
    operation: Operation, signature: Signature, now: datetime, real_now: datetime
) -> None:
    audit.record(
        organization_id=operation.organization_id,
        actor=Actor(ActorKind.MEMBER, signature.user_id),
        action="operation:signed",
        target=f"operation:{operation.id}",
        facts={"kind": operation.kind, "proofs": signature.proofs, "level": signature.level},
        now=now,
    )
    if not is_signed(operation):
        operation.expires_at = real_now + OTHERS_PATIENCE
        operation.save(update_fields=["expires_at"])
        publish(
            OperationAsked(organization_id=operation.organization_id, operation_id=operation.id)
        )


def _check_bound(signature: Signature, operation: Operation, challenge: bytes) -> None:
    is_same = secrets.compare_digest(challenge, challenge_of(signature, operation))
    bound = is_index_of(signature.bound_to, _binding(operation).hex(), purpose=_PURPOSE)
    if not (is_same and bound):
        raise OperationChanged


def _binding(operation: Operation) -> bytes:
    """Return the digest of everything that would be done, for whom, and by whose wish."""
    content = unseal(operation.content_sealed, operation.place())
    return sha256(f"{operation.organization_id}|{operation.id}|{content}".encode()).digest()


def _mine(operation: Operation, user_id: UUID) -> QuerySet[Signature]:
    return Signature.objects.filter(
        organization_id=operation.organization_id, operation=operation, user_id=user_id
    )
