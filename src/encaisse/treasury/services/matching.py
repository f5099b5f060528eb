"""
Explaining bank lines: payouts, initiated transfers, plain transfers, refunds.

A line is matched by itself only on proof: the provider's payout reference, our own identifier
carried end to end, or the creditor reference printed on the invoice. Everything else waits for a
person, with its reasons.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from encaisse.audit import services as audit
from encaisse.kernel.actor import Actor
from encaisse.kernel.errors import DomainError, Invalid, NotFound
from encaisse.kernel.money import Money
from encaisse.kit.crypto import unseal
from encaisse.kit.events import publish
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for
from encaisse.payments.core import IntentState, Method, RefundState
from encaisse.payments.models import (
    PaymentAttempt,
    PaymentRequest,
    Payout,
    PayoutLine,
    Refund,
)
from encaisse.payments.services.payouts import mark_payout_matched
from encaisse.payments.services.receipts import record_external_receipt
from encaisse.treasury.core.references import creditor_references_in, uuids_in
from encaisse.treasury.errors import TransactionAlreadyMatched
from encaisse.treasury.events import FundsArrived
from encaisse.treasury.models import BankTransaction, Match, MatchKind, UnmatchedTransaction
from encaisse.treasury.posting import post_initiated_transfer, post_payout, post_refund_debit

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Details:
    """What the bank printed on a line."""

    remittance: str
    name: str
    iban: str


@dataclass(frozen=True, slots=True)
class _Line:
    """A bank line opened for matching."""

    row: BankTransaction
    details: Details
    now: datetime

    @property
    def amount(self) -> Money:
        return self.row.amount

    @property
    def text(self) -> str:
        return f"{self.row.end_to_end_id} {self.details.remittance}"


@dataclass(frozen=True, slots=True)
class _Found:
    kind: MatchKind
    target_id: UUID
    reason: str


def match_pending(*, organization_id: UUID, now: datetime) -> int:
    """
    Try every line that waits and return how many found their match.

    One transaction a line: it locks what it pays before the books, as a capture does, and a line
    that cannot be matched holds no other back.
    """
    with acting_for(organization_id):
        waiting = list(
            UnmatchedTransaction.objects.filter(organization_id=organization_id)
            .order_by("id")
            .values_list("id", flat=True)
        )
    return sum(_match_alone(organization_id, waiting_id, now) for waiting_id in waiting)


def _match_alone(organization_id: UUID, waiting_id: UUID, now: datetime) -> bool:
    try:
        with acting_for(organization_id):
            waiting = (
                UnmatchedTransaction.objects.select_for_update(of=("self",), skip_locked=True)
                .select_related("transaction")
                .filter(organization_id=organization_id, id=waiting_id)
                .first()
            )
            return waiting is not None and _match_one(waiting, now)
    except DomainError as error:
        log.warning("bank_line_not_matched", line=str(waiting_id), code=error.code)
        return False


def receive_unexplained(
    *,
    organization_id: UUID,
    actor: Actor,
    transaction_id: UUID,
    request_id: UUID | None,
    now: datetime,
) -> None:
    """
    Explain a credit by hand: for this request, or for nobody yet (471 "to allocate").

    :raises NotFound: no such line here
    :raises TransactionAlreadyMatched: it is explained already
    :raises Invalid: it is a debit, or the request cannot take the amount
    """
    with acting_for(organization_id):
        waiting = _lock_waiting(organization_id, transaction_id)
        line = _opened(waiting.transaction, now)
        if line.amount.minor <= 0:
            raise Invalid(reason="seule une somme reçue peut être affectée à une demande")
        intent = record_external_receipt(
            organization_id=organization_id,
            bank_transaction_id=transaction_id,
            amount=line.amount,
            booked_on=line.row.booked_on,
            label=_label(line),
            request_id=request_id,
            now=now,
        )
        if request_id is not None and intent.request_id != request_id:
            raise Invalid(reason="cette demande ne peut pas recevoir ce montant")
        kind = MatchKind.TRANSFER if request_id else MatchKind.TO_ALLOCATE
        _settle(waiting, _Found(kind, intent.id, "affecté à la main"), now, is_automatic=False)
        audit.record(
            organization_id=organization_id,
            actor=actor,
            action="bank_transaction:matched",
            target=f"bank_transaction:{transaction_id}",
            facts={"request": str(request_id)},
            now=now,
        )


def details_of(row: BankTransaction) -> Details:
    """Open what the bank printed on a line."""
    return Details(**json.loads(unseal(row.details_sealed, row.place("details"))))


def _lock_waiting(organization_id: UUID, transaction_id: UUID) -> UnmatchedTransaction:
    rows = BankTransaction.objects.filter(organization_id=organization_id, id=transaction_id)
    if not rows.exists():
        raise NotFound
    waiting = (
        UnmatchedTransaction.objects.select_for_update(of=("self",))
        .select_related("transaction")
        .filter(organization_id=organization_id, transaction_id=transaction_id)
        .first()
    )
    if waiting is None:
        raise TransactionAlreadyMatched
    return waiting


def _match_one(waiting: UnmatchedTransaction, now: datetime) -> bool:
    line = _opened(waiting.transaction, now)
    for find in _FINDERS:
        found = find(line)
        if found is not None:
            _settle(waiting, found, now, is_automatic=True)
            return True
    return False


def _opened(row: BankTransaction, now: datetime) -> _Line:
    return _Line(row=row, details=details_of(row), now=now)


def _settle(
    waiting: UnmatchedTransaction, found: _Found, now: datetime, *, is_automatic: bool
) -> None:
    Match.objects.create(
        id=new_id(),
        organization_id=waiting.organization_id,
        transaction_id=waiting.transaction_id,
        kind=found.kind,
        target_id=found.target_id,
        reason=found.reason[:160],
        is_automatic=is_automatic,
        created_at=now,
    )
    waiting.delete()
    for intent_id in _intents_of(found, waiting.organization_id):
        publish(
            FundsArrived(
                organization_id=waiting.organization_id,
                intent_id=intent_id,
                booked_on=waiting.transaction.booked_on,
            )
        )


def _intents_of(found: _Found, organization_id: UUID) -> list[UUID]:
    """Return the payments whose money a matched line brought."""
    if found.kind in {MatchKind.TRANSFER, MatchKind.INITIATED_TRANSFER, MatchKind.TO_ALLOCATE}:
        return [found.target_id]
    if found.kind is not MatchKind.PAYOUT:
        return []
    paid_out = PayoutLine.objects.filter(
        organization_id=organization_id, payout_id=found.target_id, kind="payment"
    ).values("provider_payment_id")
    return list(
        PaymentAttempt.objects.filter(
            organization_id=organization_id, provider_id__in=paid_out
        ).values_list("intent_id", flat=True)
    )


def _payout(line: _Line) -> _Found | None:
    """A payout: the provider's reference on the line, and the net amount to the cent."""
    words = [word for word in line.text.split() if len(word) >= 6]
    payout = (
        Payout.objects.select_for_update()
        .filter(
            organization_id=line.row.organization_id,
            bank_reference__in=words,
            net_minor=line.amount.minor,
            currency=line.amount.currency,
            matched_at__isnull=True,
        )
        .first()
    )
    if payout is None:
        return None
    post_payout(payout=payout, transaction=line.row, now=line.now)
    mark_payout_matched(
        organization_id=payout.organization_id,
        payout_id=payout.id,
        bank_transaction_id=line.row.id,
        now=line.now,
    )
    return _Found(MatchKind.PAYOUT, payout.id, f"versement {payout.bank_reference}, au centime")


def _initiated_transfer(line: _Line) -> _Found | None:
    """A transfer we had the payer's bank make: our identifier came back, for the right amount."""
    ids = uuids_in(line.text)
    if line.amount.minor <= 0 or not (ids or line.row.end_to_end_id):
        return None
    attempts = PaymentAttempt.objects.select_related("intent").filter(
        organization_id=line.row.organization_id,
        intent__method=Method.INSTANT_TRANSFER,
        intent__state=IntentState.CAPTURED,
        intent__amount_minor=line.amount.minor,
        intent__currency=line.amount.currency,
    )
    attempt = (
        attempts.filter(id__in=ids).first()
        or attempts.filter(provider_id=line.row.end_to_end_id).exclude(provider_id="").first()
    )
    if attempt is None or _is_taken(line, MatchKind.INITIATED_TRANSFER, attempt.intent_id):
        return None
    post_initiated_transfer(intent=attempt.intent, transaction=line.row, now=line.now)
    return _Found(MatchKind.INITIATED_TRANSFER, attempt.intent_id, "notre identifiant, au centime")


def _referenced_transfer(line: _Line) -> _Found | None:
    """A plain transfer that carries the creditor reference of a request."""
    references = creditor_references_in(line.text)
    if line.amount.minor <= 0 or not references:
        return None
    request = PaymentRequest.objects.filter(
        organization_id=line.row.organization_id,
        creditor_reference__in=references,
        currency=line.amount.currency,
    ).first()
    if request is None:
        return None
    intent = record_external_receipt(
        organization_id=line.row.organization_id,
        bank_transaction_id=line.row.id,
        amount=line.amount,
        booked_on=line.row.booked_on,
        label=_label(line),
        request_id=request.id,
        now=line.now,
    )
    kind = MatchKind.TRANSFER if intent.request_id else MatchKind.TO_ALLOCATE
    return _Found(kind, intent.id, f"référence {request.creditor_reference}")


def _refund(line: _Line) -> _Found | None:
    """Money that went back by transfer: the provider's refund id, for the right amount."""
    if line.amount.minor >= 0 or not line.row.end_to_end_id:
        return None
    refund = Refund.objects.filter(
        organization_id=line.row.organization_id,
        provider_id=line.row.end_to_end_id,
        amount_minor=-line.amount.minor,
        currency=line.amount.currency,
        state=RefundState.SUCCEEDED,
    ).first()
    if refund is None or _is_taken(line, MatchKind.REFUND, refund.id):
        return None
    post_refund_debit(refund=refund, transaction=line.row, now=line.now)
    return _Found(MatchKind.REFUND, refund.id, "identifiant du remboursement, au centime")


_FINDERS: tuple[Callable[[_Line], _Found | None], ...] = (
    _payout,
    _initiated_transfer,
    _referenced_transfer,
    _refund,
)


def _is_taken(line: _Line, kind: MatchKind, target_id: UUID) -> bool:
    """A second line with the same proof is not explained by the same payment."""
    return Match.objects.filter(
        organization_id=line.row.organization_id, kind=kind, target_id=target_id
    ).exists()


def _label(line: _Line) -> str:
    return f"Virement {line.details.name}".strip()
