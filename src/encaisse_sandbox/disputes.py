"""Disputes: the payer's bank takes a card payment back, until the dispute is won."""

import binascii
from base64 import b64decode
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

from encaisse_sandbox import cards, events, ledger, payments
from encaisse_sandbox.clock import parse, stamp
from encaisse_sandbox.errors import conflict, invalid, missing
from encaisse_sandbox.identifiers import new_id
from encaisse_sandbox.records import Dispute, Json, Payment
from encaisse_sandbox.world import World

EVIDENCE_DELAY = timedelta(days=14)
LARGEST_EVIDENCE_BYTES = 10 * 1024 * 1024
_OPEN = {"needs_response", "under_review"}


def open_dispute(world: World, payment: Payment, reason: str, amount: int | None) -> Dispute:
    """
    Take the disputed amount and the dispute fee from the merchant's next payout.

    :raises ApiError: the payment is not a captured card payment, or for less
    """
    disputed = payment.refundable if amount is None else amount
    if payment.method != "card" or payment.status != "captured":
        raise conflict("payment_not_disputable", "Only a captured card payment can be disputed.")
    if not 0 < disputed <= payment.refundable:
        raise conflict("dispute_exceeds_payment", f"Only {payment.refundable} can be disputed.")
    now = world.clock.now()
    dispute = Dispute(
        id=new_id("dp"),
        account_id=payment.account_id,
        payment_id=payment.id,
        amount=disputed,
        currency=payment.currency,
        reason=reason,
        status="needs_response",
        fee=cards.DISPUTE_FEE,
        evidence_due_by=stamp(now + EVIDENCE_DELAY),
        created_at=stamp(now),
        updated_at=stamp(now),
    )
    with world.db.transaction():
        world.db.insert(dispute)
        taken = ledger.Fact("dispute", dispute.id, gross=-disputed, fee=dispute.fee)
        ledger.add(world, payment, taken)
        events.emit(world, dispute.account_id, "dispute.opened", payload(dispute))
    return dispute


def close(world: World, dispute: Dispute, outcome: str) -> Dispute:
    """
    Give the money back if the dispute is won; the fee stays with the provider.

    :raises ApiError: the dispute is closed already
    """
    if dispute.status not in _OPEN:
        raise conflict("dispute_closed", f"The dispute is already {dispute.status}.")
    now = world.clock.stamp()
    closed = replace(dispute, status=outcome, updated_at=now)
    with world.db.transaction():
        world.db.update(Dispute, dispute.id, status=outcome, updated_at=now)
        if outcome == "won":
            given_back = ledger.Fact("dispute", dispute.id, gross=dispute.amount, fee=0)
            ledger.add(world, payments.find(world, dispute.payment_id), given_back)
        events.emit(world, dispute.account_id, "dispute.closed", payload(closed))
    return closed


def submit_evidence(world: World, dispute: Dispute, pdf: str) -> Dispute:
    """
    Pass the merchant's answer on to the payer's bank: once, and in time.

    :raises ApiError: it was answered or closed before, the delay is over, or it is no PDF
    """
    _check_answerable(world, dispute)
    now, digest = world.clock.stamp(), sha256(_pdf(pdf)).hexdigest()
    changes = {"status": "under_review", "evidence_sha256": digest, "updated_at": now}
    with world.db.transaction():
        world.db.update(Dispute, dispute.id, **changes)
        answered = find(world, dispute.id)
        events.emit(world, dispute.account_id, "dispute.updated", payload(answered))
    return answered


def accept(world: World, dispute: Dispute) -> Dispute:
    """
    Give the dispute up: it is lost at once.

    :raises ApiError: it was answered or closed before, or the delay is over
    """
    _check_answerable(world, dispute)
    return close(world, dispute, "lost")


def _check_answerable(world: World, dispute: Dispute) -> None:
    if dispute.status == "under_review":
        raise conflict("dispute_answered", "The dispute has its answer: there is only one.")
    if dispute.status not in _OPEN:
        raise conflict("dispute_closed", f"The dispute is already {dispute.status}.")
    if world.clock.now() >= parse(dispute.evidence_due_by):
        raise conflict("evidence_too_late", f"Evidence was due by {dispute.evidence_due_by}.")


def _pdf(text: str) -> bytes:
    try:
        content = b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid("pdf must be base64.") from error
    if not content.startswith(b"%PDF-") or len(content) > LARGEST_EVIDENCE_BYTES:
        raise invalid("pdf must be a PDF of at most 10 MB.")
    return content


def open_scheduled(world: World, payment: Payment) -> Dispute | None:
    """Open the fraud dispute that a test card brings, unless all was refunded meanwhile."""
    payments.save(world, payment, dispute_due_at=None)
    if payment.refundable == 0:
        return None
    return open_dispute(world, payment, "fraudulent", None)


def find(world: World, dispute_id: str, account_id: str | None = None) -> Dispute:
    """
    Return a dispute, of one account when it is named.

    :raises ApiError: there is none
    """
    dispute = world.db.first(Dispute, "id = ?", dispute_id)
    if dispute is None or account_id not in {None, dispute.account_id}:
        raise missing("dispute", dispute_id)
    return dispute


def updated_since(world: World, account_id: str, since: str) -> list[Dispute]:
    """Return the account's disputes changed since a moment, newest change last."""
    return world.db.all(
        Dispute, "account_id = ? AND updated_at >= ? ORDER BY updated_at, id", account_id, since
    )


def payload(dispute: Dispute) -> Json:
    """Return the dispute as the API and its events show it."""
    return {
        "object": "dispute",
        "id": dispute.id,
        "payment": dispute.payment_id,
        "amount": dispute.amount,
        "currency": dispute.currency,
        "reason": dispute.reason,
        "status": dispute.status,
        "evidence_due_by": dispute.evidence_due_by,
        "created_at": dispute.created_at,
        "updated_at": dispute.updated_at,
        "fee": dispute.fee,
        "evidence_sha256": dispute.evidence_sha256,
    }
