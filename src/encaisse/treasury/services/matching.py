"""
Explaining bank lines: payouts, initiated transfers, plain transfers, refunds.

A line is matched by itself only on proof: the provider's payout reference, our own identifier
carried end to end, or the creditor reference printed on the invoice. Everything else waits for a
person, with its reasons.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog
from django.db import DatabaseError

from encaisse.audit import services as audit
from encaisse.kernel.actor import Actor
from encaisse.kernel.errors import DomainError, Invalid, NotFound
from encaisse.kit.bulk import insert_all
from encaisse.kit.events import publish
from encaisse.kit.gathering import gathered
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for
from encaisse.payments.models import PaymentAttempt, PayoutLine
from encaisse.payments.services.receipts import record_external_receipts
from encaisse.treasury.errors import TransactionAlreadyMatched
from encaisse.treasury.events import FundsArrived
from encaisse.treasury.models import BankTransaction, Match, MatchKind, UnmatchedTransaction
from encaisse.treasury.services.finders import Found, find_all, open_line, receipt_of

log = structlog.get_logger()

_CHUNK = 500


def match_pending(*, organization_id: UUID, now: datetime) -> int:
    """
    Try every line that waits and return how many found their match.

    Lines are tried by the hundred, each batch in one transaction: it locks what it pays before
    the books, as a capture does. A batch that meets a line it cannot write is tried again line by
    line, so that no line holds another back.
    """
    with acting_for(organization_id):
        waiting = list(
            UnmatchedTransaction.objects.filter(organization_id=organization_id)
            .order_by("id")
            .values_list("id", flat=True)
        )
    chunks = (waiting[start : start + _CHUNK] for start in range(0, len(waiting), _CHUNK))
    return sum(_match_chunk(organization_id, chunk, now) for chunk in chunks)


def _match_chunk(organization_id: UUID, waiting_ids: Sequence[UUID], now: datetime) -> int:
    try:
        with acting_for(organization_id), gathered():
            waiting = (
                UnmatchedTransaction.objects.select_for_update(of=("self",), skip_locked=True)
                .select_related("transaction")
                .filter(organization_id=organization_id, id__in=waiting_ids)
                .order_by("id")
            )
            lines = [open_line(row.transaction) for row in waiting]
            found = find_all(organization_id, lines, now)
            _settle(organization_id, found, now, is_automatic=True)
            return len(found)
    except (DomainError, DatabaseError) as error:
        if len(waiting_ids) == 1:
            reason = error.code if isinstance(error, DomainError) else "database_error"
            log.warning("bank_line_not_matched", line=str(waiting_ids[0]), code=reason)
            return 0
    return sum(_match_chunk(organization_id, [one], now) for one in waiting_ids)


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
    with acting_for(organization_id), gathered():
        waiting = _lock_waiting(organization_id, transaction_id)
        line = open_line(waiting.transaction)
        if line.amount.minor <= 0:
            raise Invalid(reason="seule une somme reçue peut être affectée à une demande")
        receipts = record_external_receipts(
            organization_id=organization_id, receipts=[receipt_of(line, request_id)], now=now
        )
        intent = receipts[transaction_id]
        if request_id is not None and intent.request_id != request_id:
            raise Invalid(reason="cette demande ne peut pas recevoir ce montant")
        kind = MatchKind.TRANSFER if request_id else MatchKind.TO_ALLOCATE
        found = Found(line, kind, intent.id, "affecté à la main")
        _settle(organization_id, [found], now, is_automatic=False)
        audit.record(
            organization_id=organization_id,
            actor=actor,
            action="bank_transaction:matched",
            target=f"bank_transaction:{transaction_id}",
            facts={"request": str(request_id)},
            now=now,
        )


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


def _settle(
    organization_id: UUID, found: Sequence[Found], now: datetime, *, is_automatic: bool
) -> None:
    """Tie lines to what explains them, and tell whose money is on the account."""
    matches = [
        Match(
            id=new_id(),
            organization_id=organization_id,
            transaction_id=item.line.row.id,
            kind=item.kind,
            target_id=item.target_id,
            reason=item.reason[:160],
            is_automatic=is_automatic,
            created_at=now,
        )
        for item in found
    ]
    insert_all(matches)
    UnmatchedTransaction.objects.filter(
        organization_id=organization_id,
        transaction_id__in=[item.line.row.id for item in found],
    ).delete()
    paid_out = _paid_out(organization_id, found)
    for item in found:
        for intent_id in paid_out.get(item.target_id, _brought_by(item)):
            publish(
                FundsArrived(
                    organization_id=organization_id,
                    intent_id=intent_id,
                    booked_on=item.line.row.booked_on,
                )
            )


def _brought_by(item: Found) -> Sequence[UUID]:
    """Return the payment a line is the money of; payouts bring many, read apart."""
    brings = {MatchKind.TRANSFER, MatchKind.INITIATED_TRANSFER, MatchKind.TO_ALLOCATE}
    return [item.target_id] if item.kind in brings else []


def _paid_out(organization_id: UUID, found: Sequence[Found]) -> dict[UUID, list[UUID]]:
    """Return, by payout found, the payments whose money it brought."""
    payouts = [item.target_id for item in found if item.kind is MatchKind.PAYOUT]
    if not payouts:
        return {}
    paid = dict(
        PayoutLine.objects.filter(
            organization_id=organization_id, payout_id__in=payouts, kind="payment"
        ).values_list("provider_payment_id", "payout_id")
    )
    intents: dict[UUID, list[UUID]] = {}
    for provider_id, intent_id in PaymentAttempt.objects.filter(
        organization_id=organization_id, provider_id__in=paid
    ).values_list("provider_id", "intent_id"):
        intents.setdefault(paid[provider_id], []).append(intent_id)
    return intents
