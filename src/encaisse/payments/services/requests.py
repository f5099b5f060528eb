"""Asking for money: the request behind a link, and closing it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from encaisse.audit import services as audit
from encaisse.kernel.actor import Actor
from encaisse.kernel.errors import Invalid
from encaisse.kernel.identifiers import creditor_reference
from encaisse.kernel.money import LARGEST_MINOR, Money
from encaisse.kernel.text import required_text
from encaisse.kit.crypto import seal, unseal
from encaisse.kit.identifiers import new_id
from encaisse.kit.jobs import enqueue
from encaisse.kit.tenancy import acting_for
from encaisse.ledger.core import Account
from encaisse.organizations.handles import HandleKind, new_token, register_handle
from encaisse.payments.core import LIVE_ATTEMPTS, REQUEST_MOVES, RequestState, check_move
from encaisse.payments.models import PaymentAttempt, PaymentRequest

_REFERENCE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U to misread
_REFERENCE_LENGTH = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestDraft:
    """What is asked: `reference` names the asker's object, such as ("invoice", id)."""

    amount: Money
    description: str
    credit_account: Account
    reference_kind: str = ""
    reference_id: UUID | None = None
    counterparty_id: UUID | None = None
    not_before_date: date | None = None
    due_date: date | None = None


def create_request(
    *, organization_id: UUID, actor: Actor, draft: RequestDraft, now: datetime
) -> PaymentRequest:
    """
    Open a request for money with its unguessable link.

    :raises Invalid: no description, or an amount that is not positive and reasonable
    """
    if not 0 < draft.amount.minor <= LARGEST_MINOR:
        raise Invalid(reason="le montant doit être positif et inférieur à dix milliards")
    request_id, token = new_id(), new_token()
    request = PaymentRequest(
        id=request_id,
        organization_id=organization_id,
        reference_kind=draft.reference_kind,
        reference_id=draft.reference_id,
        counterparty_id=draft.counterparty_id,
        description=required_text(draft.description, largest=140, field="Objet du paiement"),
        amount_minor=draft.amount.minor,
        currency=draft.amount.currency,
        credit_account=draft.credit_account,
        state=RequestState.OPEN,
        not_before_date=draft.not_before_date,
        due_date=draft.due_date,
        creditor_reference=_creditor_reference(request_id),
        created_at=now,
    )
    request.token_sealed = seal(token, request.place("token"))
    with acting_for(organization_id):
        request.save(force_insert=True)
        register_handle(
            kind=HandleKind.PAYMENT_REQUEST,
            token=token,
            organization_id=organization_id,
            target_id=request_id,
        )
        audit.record(
            organization_id=organization_id,
            actor=actor,
            action="payment_request:created",
            target=f"payment_request:{request_id}",
            facts={"amount_minor": draft.amount.minor, "reference": draft.reference_kind},
            now=now,
        )
    return request


def close_request(
    *, organization_id: UUID, actor: Actor, request_id: UUID, reason: str, now: datetime
) -> None:
    """
    Close every way of paying a request: link, QR and any checkout still open at the provider.

    A request already closed stays so; money that arrives all the same goes to "to allocate".
    """
    with acting_for(organization_id):
        request = PaymentRequest.objects.select_for_update().get(
            organization_id=organization_id, id=request_id
        )
        closed = close_requests([request], reason=reason)
        record_closings(closed, actor=actor, now=now)


def lock_request(*, organization_id: UUID, request_id: UUID | None) -> PaymentRequest | None:
    """Lock a request with its customer, before its intent and attempts: the first lock taken."""
    request_ids = [request_id] if request_id else []
    return lock_requests_by_id(organization_id=organization_id, request_ids=request_ids).get(
        request_id
    )


def lock_requests_by_id(
    *, organization_id: UUID, request_ids: Collection[UUID]
) -> dict[UUID | None, PaymentRequest]:
    """Lock several requests with their customers, in one order."""
    rows = (
        PaymentRequest.objects.select_for_update(of=("self",))
        .select_related("counterparty")
        .filter(organization_id=organization_id, id__in=request_ids)
        .order_by("id")
    )
    return {row.id: row for row in rows}


def lock_requests(
    *, organization_id: UUID, reference_kind: str, reference_id: UUID
) -> list[PaymentRequest]:
    """
    Lock what was asked for one object of the asker, before the asker locks its own row.

    A capture locks the request first and its handler the invoice after: everybody does.
    """
    return list(
        PaymentRequest.objects.select_for_update()
        .filter(
            organization_id=organization_id,
            reference_kind=reference_kind,
            reference_id=reference_id,
        )
        .order_by("id")
    )


def close_requests(requests: Sequence[PaymentRequest], *, reason: str) -> Sequence[PaymentRequest]:
    """Close requests the caller has locked, and return those that were not closed yet."""
    closed = [request for request in requests if request.state != RequestState.CLOSED]
    for request in closed:
        check_move(REQUEST_MOVES, RequestState(request.state), RequestState.CLOSED)
        request.state, request.closed_reason = RequestState.CLOSED, reason
        request.save(update_fields=["state", "closed_reason"])
    if closed:
        queue_cancellations(
            organization_id=closed[0].organization_id, request_ids=[row.id for row in closed]
        )
    return closed


def record_closings(closed: Sequence[PaymentRequest], *, actor: Actor, now: datetime) -> None:
    """Write who closed these requests: apart, for the audit head is locked after all the rest."""
    for request in closed:
        audit.record(
            organization_id=request.organization_id,
            actor=actor,
            action="payment_request:closed",
            target=f"payment_request:{request.id}",
            facts={"reason": request.closed_reason},
            now=now,
        )


def queue_cancellations(*, organization_id: UUID, request_ids: Collection[UUID]) -> None:
    """Queue the closing of every checkout of these requests that a payer may still have open."""
    live = PaymentAttempt.objects.filter(
        organization_id=organization_id,
        intent__request_id__in=request_ids,
        state__in=sorted(LIVE_ATTEMPTS),
    ).values_list("id", flat=True)
    for attempt_id in live:
        enqueue("payments.cancel_attempt", organization_id=organization_id, attempt_id=attempt_id)


def link_token(request: PaymentRequest) -> str:
    """Return the secret of a request's link, to send or print it again."""
    return unseal(request.token_sealed, request.place("token"))


def _creditor_reference(request_id: UUID) -> str:
    # From the random tail of the UUIDv7: 60 bits, so that even a million requests of one firm
    # collide with a probability under one in two million; the unique key is the referee.
    tail = request_id.int
    digits = []
    for _ in range(_REFERENCE_LENGTH):
        tail, index = divmod(tail, len(_REFERENCE_ALPHABET))
        digits.append(_REFERENCE_ALPHABET[index])
    return creditor_reference("".join(digits))
