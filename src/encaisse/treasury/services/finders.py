"""
What explains bank lines, found for a whole batch at once: each finder reads the database a fixed
number of times whatever the number of lines.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from encaisse.kernel.money import Money
from encaisse.kit.crypto import unseal
from encaisse.payments.core import IntentState, Method, RefundState
from encaisse.payments.models import PaymentAttempt, PaymentRequest, Payout, Refund
from encaisse.payments.services.payouts import mark_payout_matched
from encaisse.payments.services.receipts import ExternalReceipt, record_external_receipts
from encaisse.treasury.core.references import creditor_references_in, uuids_in
from encaisse.treasury.models import BankTransaction, Match, MatchKind
from encaisse.treasury.posting import post_initiated_transfer, post_payout, post_refund_debit

_SHORTEST_PAYOUT_REFERENCE = 6


@dataclass(frozen=True, slots=True)
class Details:
    """What the bank printed on a line."""

    remittance: str
    name: str
    iban: str


@dataclass(frozen=True, slots=True)
class Line:
    """A bank line opened for matching."""

    row: BankTransaction
    details: Details

    @property
    def amount(self) -> Money:
        return self.row.amount

    @property
    def text(self) -> str:
        return f"{self.row.end_to_end_id} {self.details.remittance}"

    @property
    def label(self) -> str:
        return f"Virement {self.details.name}".strip()


@dataclass(frozen=True, slots=True)
class Found:
    """What explains a line, and why we think so."""

    line: Line
    kind: MatchKind
    target_id: UUID
    reason: str


def open_line(row: BankTransaction) -> Line:
    return Line(row=row, details=details_of(row))


def details_of(row: BankTransaction) -> Details:
    """Open what the bank printed on a line."""
    return Details(**json.loads(unseal(row.details_sealed, row.place("details"))))


def find_all(organization_id: UUID, lines: Sequence[Line], now: datetime) -> list[Found]:
    """
    Explain what can be explained on proof, post it, and return it.

    The finders are tried in order, each on the lines that those before it left.
    """
    found: list[Found] = []
    for find in _FINDERS:
        explained = {item.line.row.id for item in found}
        left = [line for line in lines if line.row.id not in explained]
        if left:
            found += find(organization_id, left, now)
    return found


def _payouts(organization_id: UUID, lines: Sequence[Line], now: datetime) -> list[Found]:
    """A payout: the provider's reference on the line, and the net amount to the cent."""
    words = {line.row.id: _words(line) for line in lines}
    waiting = list(
        Payout.objects.select_for_update()
        .filter(
            organization_id=organization_id,
            bank_reference__in=set().union(*words.values()),
            matched_at__isnull=True,
        )
        .order_by("id")
    )
    found = []
    for line in lines:
        payout = next((row for row in waiting if _is_payout(row, line, words[line.row.id])), None)
        if payout is None:
            continue
        waiting.remove(payout)
        post_payout(payout=payout, transaction=line.row, now=now)
        mark_payout_matched(
            organization_id=organization_id,
            payout_id=payout.id,
            bank_transaction_id=line.row.id,
            now=now,
        )
        reason = f"versement {payout.bank_reference}, au centime"
        found.append(Found(line, MatchKind.PAYOUT, payout.id, reason))
    return found


def _words(line: Line) -> set[str]:
    return {word for word in line.text.split() if len(word) >= _SHORTEST_PAYOUT_REFERENCE}


def _is_payout(payout: Payout, line: Line, words: set[str]) -> bool:
    return (
        payout.bank_reference in words
        and payout.net_minor == line.amount.minor
        and payout.currency == line.amount.currency
    )


def _initiated_transfers(
    organization_id: UUID, lines: Sequence[Line], now: datetime
) -> list[Found]:
    """A transfer we had the payer's bank make: our identifier came back, for the right amount."""
    received = {line.row.id: line for line in lines if line.amount.minor > 0}
    ours = {row_id: uuids_in(line.text) for row_id, line in received.items()}
    theirs = {line.row.end_to_end_id for line in received.values()} - {""}
    attempts = PaymentAttempt.objects.select_related("intent").filter(
        Q(id__in=set().union(*ours.values())) | Q(provider_id__in=theirs),
        organization_id=organization_id,
        intent__method=Method.INSTANT_TRANSFER,
        intent__state=IntentState.CAPTURED,
    )
    by_id = {attempt.id: attempt for attempt in attempts}
    by_provider_id = {attempt.provider_id: attempt for attempt in by_id.values()}
    targets = {attempt.intent_id for attempt in by_id.values()}
    taken = _taken(MatchKind.INITIATED_TRANSFER, organization_id, targets)
    found = []
    for row_id, line in received.items():
        named = [by_id[id_] for id_ in ours[row_id] if id_ in by_id]
        if line.row.end_to_end_id in by_provider_id:
            named.append(by_provider_id[line.row.end_to_end_id])
        intent = next((a.intent for a in named if a.intent.amount == line.amount), None)
        if intent is None or intent.id in taken:
            continue
        taken.add(intent.id)
        post_initiated_transfer(intent=intent, transaction=line.row, now=now)
        reason = "notre identifiant, au centime"
        found.append(Found(line, MatchKind.INITIATED_TRANSFER, intent.id, reason))
    return found


def _referenced_transfers(
    organization_id: UUID, lines: Sequence[Line], now: datetime
) -> list[Found]:
    """A plain transfer that carries the creditor reference of a request."""
    references = {
        line.row.id: creditor_references_in(line.text) for line in lines if line.amount.minor > 0
    }
    requests = PaymentRequest.objects.filter(
        organization_id=organization_id, creditor_reference__in=set().union(*references.values())
    )
    by_reference = {row.creditor_reference: row for row in requests}
    named = [
        (line, request)
        for line in lines
        if (request := _named(references.get(line.row.id, []), by_reference, line)) is not None
    ]
    if not named:
        return []
    receipts = record_external_receipts(
        organization_id=organization_id,
        receipts=[receipt_of(line, request.id) for line, request in named],
        now=now,
    )
    found = []
    for line, request in named:
        intent = receipts[line.row.id]
        kind = MatchKind.TRANSFER if intent.request_id else MatchKind.TO_ALLOCATE
        reason = f"référence {request.creditor_reference}"
        found.append(Found(line, kind, intent.id, reason))
    return found


def _named(
    references: Iterable[str], by_reference: Mapping[str, PaymentRequest], line: Line
) -> PaymentRequest | None:
    requests = (by_reference[text] for text in references if text in by_reference)
    return next((row for row in requests if row.currency == line.amount.currency), None)


def receipt_of(line: Line, request_id: UUID | None) -> ExternalReceipt:
    return ExternalReceipt(
        bank_transaction_id=line.row.id,
        amount=line.amount,
        booked_on=line.row.booked_on,
        label=line.label,
        request_id=request_id,
    )


def _refunds(organization_id: UUID, lines: Sequence[Line], now: datetime) -> list[Found]:
    """Money that went back by transfer: the provider's refund id, for the right amount."""
    debits = [line for line in lines if line.amount.minor < 0 and line.row.end_to_end_id]
    rows = Refund.objects.filter(
        organization_id=organization_id,
        provider_id__in={line.row.end_to_end_id for line in debits},
        state=RefundState.SUCCEEDED,
    )
    by_provider_id = {refund.provider_id: refund for refund in rows}
    taken = _taken(MatchKind.REFUND, organization_id, {row.id for row in by_provider_id.values()})
    found = []
    for line in debits:
        refund = by_provider_id.get(line.row.end_to_end_id)
        if refund is None or refund.amount != -line.amount or refund.id in taken:
            continue
        taken.add(refund.id)
        post_refund_debit(refund=refund, transaction=line.row, now=now)
        reason = "identifiant du remboursement, au centime"
        found.append(Found(line, MatchKind.REFUND, refund.id, reason))
    return found


_FINDERS: tuple[Callable[[UUID, Sequence[Line], datetime], list[Found]], ...] = (
    _payouts,
    _initiated_transfers,
    _referenced_transfers,
    _refunds,
)


def _taken(kind: MatchKind, organization_id: UUID, targets: Iterable[UUID]) -> set[UUID]:
    """Return those that explain a line already: a second line with the same proof is not theirs."""
    return set(
        Match.objects.filter(
            organization_id=organization_id, kind=kind, target_id__in=list(targets)
        ).values_list("target_id", flat=True)
    )
