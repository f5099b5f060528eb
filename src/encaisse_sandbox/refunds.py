"""Refunds: money given back to the payer, never more than was captured."""

from datetime import timedelta

from encaisse_sandbox import bank, chaos, events, ledger, payments
from encaisse_sandbox.clock import stamp
from encaisse_sandbox.errors import conflict, missing
from encaisse_sandbox.identifiers import new_id
from encaisse_sandbox.records import Json, Payment, Refund, load
from encaisse_sandbox.world import World

PENDING_DELAY = timedelta(hours=1)


def create(world: World, payment: Payment, amount: int) -> Refund:
    """
    Give back a part of a captured payment.

    :raises ApiError: nothing was captured, or less than the amount remains
    """
    if payment.status != "captured":
        raise conflict("payment_not_refundable", f"The payment is {payment.status}.")
    if amount > payment.refundable:
        raise conflict(
            "refund_exceeds_payment", f"Only {payment.refundable} can still be refunded."
        )
    status = _first_status(world, payment.account_id)
    now = world.clock.now()
    refund = Refund(
        id=new_id("re"),
        account_id=payment.account_id,
        payment_id=payment.id,
        amount=amount,
        currency=payment.currency,
        status=status,
        due_at=stamp(now + PENDING_DELAY) if status == "pending" else None,
        created_at=stamp(now),
        updated_at=stamp(now),
    )
    world.db.insert(refund)
    if status != "failed":
        payment = payments.save(
            world, payment, amount_refunded=payment.amount_refunded + refund.amount
        )
    _carry_out(world, payment, refund)
    return refund


def complete(world: World, refund: Refund) -> None:
    """Finish a refund that was pending."""
    world.db.update(
        Refund, refund.id, status="succeeded", due_at=None, updated_at=world.clock.stamp()
    )
    _carry_out(world, payments.find(world, refund.payment_id), find(world, refund.id))


def find(world: World, refund_id: str, account_id: str | None = None) -> Refund:
    """
    Return a refund, of one account when it is named.

    :raises ApiError: there is none
    """
    refund = world.db.first(Refund, "id = ?", refund_id)
    if refund is None or account_id not in {None, refund.account_id}:
        raise missing("refund", refund_id)
    return refund


def of_payment(world: World, account_id: str, payment_id: str) -> list[Refund]:
    """Return a payment's refunds, oldest first."""
    return world.db.all(
        Refund, "account_id = ? AND payment_id = ? ORDER BY created_at", account_id, payment_id
    )


def payload(refund: Refund) -> Json:
    """Return the refund as the API and its events show it."""
    return {
        "object": "refund",
        "id": refund.id,
        "payment": refund.payment_id,
        "amount": refund.amount,
        "currency": refund.currency,
        "status": refund.status,
        "created_at": refund.created_at,
        "updated_at": refund.updated_at,
    }


def _first_status(world: World, account_id: str) -> str:
    if chaos.strikes(world, account_id, "refund_failed"):
        return "failed"
    if chaos.strikes(world, account_id, "refund_pending"):
        return "pending"
    return "succeeded"


def _carry_out(world: World, payment: Payment, refund: Refund) -> None:
    if refund.status == "succeeded":
        _return_money(world, payment, refund)
    if refund.status != "pending":
        events.emit(world, refund.account_id, f"refund.{refund.status}", payload(refund))


def _return_money(world: World, payment: Payment, refund: Refund) -> None:
    if payment.method == "card":
        ledger.add(world, payment, ledger.Fact("refund", refund.id, gross=-refund.amount, fee=0))
        return
    payee = bank.find(world, payment.payee_iban or "")
    if payee is None:
        return  # the money leaves from a bank that is not simulated
    payer = load(payment.payer_bank) or {}
    bank.book(
        world,
        bank.Line(
            iban=payee.id,
            amount=-refund.amount,
            remittance=f"REMBOURSEMENT {payment.reference}",
            code=bank.INSTANT_DEBIT,
            currency=refund.currency,
            counterparty_name=payer.get("holder_name"),
            counterparty_iban=payment.payer_iban,
            end_to_end_id=refund.id,
        ),
    )
