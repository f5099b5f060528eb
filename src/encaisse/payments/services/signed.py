"""Refunds that somebody signs first: described with their amount and payee, done as described."""

from datetime import datetime
from uuid import UUID

from encaisse.kernel.actor import Actor
from encaisse.kernel.money import Currency, Money
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import OperationKind
from encaisse.organizations.operations import Content, Draft
from encaisse.payments.models import PaymentIntent
from encaisse.payments.services.refunds import check_refundable, request_refund


def refund_draft(*, organization_id: UUID, intent_id: UUID, amount: Money, reason: str) -> Draft:
    """
    Describe a refund, refusing now what would be refused once signed.

    :raises NotFound: no such payment here
    :raises PaymentNotCaptured: no money was taken
    :raises NotRefundableHere: the money came by plain transfer
    :raises RefundExceedsPayment: earlier refunds or a dispute already use the amount
    """
    with acting_for(organization_id):
        intent = check_refundable(
            organization_id=organization_id, intent_id=intent_id, amount=amount
        )
        payer = intent.request.counterparty if intent.request else None
    name = payer.name if payer else "ce client"
    return Draft(
        kind=OperationKind.REFUND,
        title="Rembourser",
        payee=name,
        amount=amount,
        at_stake=Money(intent.refunded_minor, amount.currency) + amount,
        content={
            "intent_id": str(intent_id),
            "amount_minor": amount.minor,
            "currency": amount.currency,
            "reason": reason,
        },
        beneficiary=f"customer:{payer.id}" if payer else f"payment:{intent_id}",
    )


def stake_of(intent: PaymentIntent, content: Content) -> Money:
    """Return what went back of a payment, this refund included."""
    return Money(intent.refunded_minor + content["amount_minor"], Currency(content["currency"]))


def refund_as_signed(organization_id: UUID, actor: Actor, content: Content, now: datetime) -> UUID:
    refund = request_refund(
        organization_id=organization_id,
        actor=actor,
        intent_id=UUID(content["intent_id"]),
        amount=Money(content["amount_minor"], Currency(content["currency"])),
        reason=content["reason"],
        now=now,
    )
    return refund.id
