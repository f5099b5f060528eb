"""One person in front of one operation: what they showed, what they may show, what comes of it."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone

from encaisse.identity.access import grant, record_failure
from encaisse.identity.models import User
from encaisse.identity.proofs import Proof
from encaisse.identity.sessions import stored_key
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.organizations import signatures
from encaisse.organizations.core import OperationState, SignatureState
from encaisse.organizations.errors import SignatureOver
from encaisse.organizations.models import Operation, Signature
from encaisse.organizations.operations import Draft, carry_out, operation_by_id, read
from encaisse.risk.presets import Level
from encaisse.web.access import MemberRequest
from encaisse.web.entrance.origin import origin_of
from encaisse.web.entrance.weighing import weigh
from encaisse.web.operations.asking import access_to


@dataclass(slots=True)
class Signing:
    """A signature being given. Every method opens its own short transactions."""

    request: HttpRequest
    user: User
    operation: Operation
    draft: Draft
    signature: Signature

    @property
    def organization_id(self) -> UUID:
        return self.operation.organization_id

    @property
    def challenge(self) -> bytes:
        """What proves that this operation, and no other, is agreed to."""
        return signatures.challenge_of(self.signature, self.operation)

    @property
    def begun_in(self) -> str:
        """The session at work, which alone may finish what it begins."""
        return session_of(self.request)

    @property
    def shown(self) -> set[Proof]:
        return set(map(Proof, self.signature.proofs))

    @property
    def is_given(self) -> bool:
        return self.signature.state == SignatureState.GIVEN

    def attempt(self, verify: Callable[[], Proof | None]) -> bool:
        """
        Count a try, verify it, and go as far as it leads; tell whether the proof was right.

        :raises SignatureOver: too many tries, or too late
        """
        real_now = timezone.now()
        where = {"organization_id": self.organization_id, "signature_id": self.signature.id}
        signatures.spend_try(**where, begun_in=self.begun_in, real_now=real_now)
        proof = verify()
        if proof is None:
            self._note_failure()
            signatures.fail(**where, now=business_now(), real_now=real_now)
            return False
        self.signature = signatures.prove(
            **where,
            proof=proof,
            challenge=self.challenge,
            now=business_now(),
            real_now=timezone.now(),
        )
        if self.is_given:
            self._conclude()
        return True

    def _conclude(self) -> None:
        grant(
            event_id=self.signature.access_id,
            proofs=self.shown,
            device=None,
            real_now=timezone.now(),
        )
        state = carry_out(
            organization_id=self.organization_id,
            operation_id=self.operation.id,
            now=business_now(),
            real_now=timezone.now(),
        )
        self.operation.state = OperationState(state)

    def _note_failure(self) -> None:
        record_failure(
            user_id=self.user.id,
            origin=origin_of(self.request, user_id=self.user.id),
            operation=access_to(self.draft),
            real_now=timezone.now(),
        )


def session_of(request: HttpRequest) -> str:
    """Return what the table of sessions calls this one."""
    return stored_key(request.session.session_key or "")


def open_signing(request: MemberRequest, operation_id: UUID) -> Signing:
    """
    Return the signature this person has begun in this session, or begin one, weighing the risk
    first. What is posted only finishes what a page of the same session has begun.

    :raises NotFound: no such operation here
    :raises OperationClosed: it has ended
    :raises NotYoursToSign: it waits for somebody else
    :raises SignatureOver: it was begun elsewhere, or too long ago
    :raises AccessDenied: too much speaks against this access
    """
    real_now = timezone.now()
    with acting_for(request.organization_id):
        operation = operation_by_id(
            organization_id=request.organization_id, operation_id=operation_id
        )
        signatures.check_may_sign(operation, user_id=request.user.id, real_now=real_now)
        begun = signatures.signature_of(
            operation=operation,
            user_id=request.user.id,
            begun_in=session_of(request),
            real_now=real_now,
        )
    if begun is None and request.method == "POST":
        raise SignatureOver
    draft = read(operation)
    if begun is None:
        event = weigh(request, request.user, access_to(draft))
        begun = signatures.begin(
            operation=operation,
            user_id=request.user.id,
            level=Level(event.level),
            access_id=event.id,
            begun_in=session_of(request),
            now=business_now(),
            real_now=real_now,
        )
    return Signing(request, request.user, operation, draft, begun)
