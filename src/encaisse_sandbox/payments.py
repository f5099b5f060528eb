"""Payments: created by the merchant, acted upon by the payer, captured or canceled."""

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from encaisse_sandbox import bank, cards, events, ledger
from encaisse_sandbox.clock import stamp
from encaisse_sandbox.errors import conflict, missing
from encaisse_sandbox.identifiers import new_id, new_token
from encaisse_sandbox.records import Json, Payment, load
from encaisse_sandbox.world import World

AUTHORIZATION_LIFETIME = timedelta(days=7)
DISPUTE_DELAY = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """What a merchant asks a payer."""

    amount: int
    currency: str
    method: str
    capture: str
    reference: str
    description: str
    return_url: str
    cancel_url: str
    locale: str
    expires_in_seconds: int
    max_attempts: int
    three_d_secure: str
    payee_name: str | None
    payee_iban: str | None


def create(world: World, account_id: str, request: PaymentRequest) -> Payment:
    """Open a payment that waits for its payer."""
    now = world.clock.now()
    expires_at = stamp(now + timedelta(seconds=request.expires_in_seconds))
    payment = Payment(
        id=new_id("pay"),
        account_id=account_id,
        token=new_token(),
        status="requires_action",
        amount=request.amount,
        currency=request.currency,
        method=request.method,
        capture=request.capture,
        reference=request.reference,
        description=request.description,
        return_url=request.return_url,
        cancel_url=request.cancel_url,
        locale=request.locale,
        max_attempts=request.max_attempts,
        three_d_secure=request.three_d_secure,
        payee_name=request.payee_name,
        payee_iban=request.payee_iban,
        created_at=stamp(now),
        expires_at=expires_at,
        due_at=expires_at,
        updated_at=stamp(now),
        updated_sequence=world.db.next_number("payment_update"),
    )
    world.db.insert(payment)
    return payment


def find(world: World, payment_id: str, account_id: str | None = None) -> Payment:
    """
    Return a payment, of one account when it is named.

    :raises ApiError: there is none
    """
    payment = world.db.first(Payment, "id = ?", payment_id)
    if payment is None or account_id not in {None, payment.account_id}:
        raise missing("payment", payment_id)
    return payment


def save(world: World, payment: Payment, **changes: Any) -> Payment:
    """Store changes and move the payment to the end of the list of updates."""
    changes |= {
        "updated_at": world.clock.stamp(),
        "updated_sequence": world.db.next_number("payment_update"),
    }
    world.db.update(Payment, payment.id, **changes)
    return replace(payment, **changes)


def tell(world: World, payment: Payment, event_type: str) -> None:
    """Emit an event with the payment as it is now."""
    events.emit(world, payment.account_id, event_type, payload(world, payment))


def settle_card(world: World, payment: Payment) -> Payment:
    """Take an authorized card payment as far as its capture mode says."""
    now = world.clock.now()
    expiry = stamp(now + AUTHORIZATION_LIFETIME)
    changes = {"status": "authorized", "authorized_at": stamp(now), "due_at": expiry}
    authorized = save(world, payment, **changes)
    if payment.capture == "automatic":
        return capture(world, authorized, payment.amount)
    tell(world, authorized, "payment.authorized")
    return authorized


def capture(world: World, payment: Payment, amount: int | None) -> Payment:
    """
    Take the held funds, all or a part; the rest is released.

    :raises ApiError: the payment is not authorized, or for less
    """
    taken = payment.amount if amount is None else amount
    if payment.status != "authorized":
        raise conflict("payment_not_capturable", f"The payment is {payment.status}.")
    if taken > payment.amount:
        raise conflict("capture_exceeds_authorization", f"Only {payment.amount} are authorized.")
    card = load(payment.card) or {}
    now = world.clock.now()
    changes: Json = {
        "status": "captured",
        "amount_captured": taken,
        "captured_at": stamp(now),
        "due_at": None,
    }
    if payment.behaviour == "disputed":
        changes["dispute_due_at"] = stamp(now + DISPUTE_DELAY)
    captured = save(world, payment, **changes)
    fee = cards.fee(str(card.get("brand")), str(card.get("country")), taken)
    ledger.add(world, captured, ledger.Fact("payment", payment.id, gross=taken, fee=fee))
    tell(world, captured, "payment.captured")
    return captured


def receive_transfer(world: World, payment: Payment) -> Payment:
    """Book an instant transfer at the payee's bank: the payment is captured."""
    now = world.clock.stamp()
    captured = save(
        world,
        payment,
        status="captured",
        amount_captured=payment.amount,
        authorized_at=payment.authorized_at or now,
        captured_at=now,
        due_at=None,
    )
    _credit_payee(world, captured)
    fee = cards.INSTANT_TRANSFER_FEE
    ledger.add(world, captured, ledger.Fact("fee", payment.id, gross=0, fee=fee))
    tell(world, captured, "payment.captured")
    return captured


def _credit_payee(world: World, payment: Payment) -> None:
    payee = bank.find(world, payment.payee_iban or "")
    if payee is None:
        return  # the money left for a bank that is not simulated
    payer = load(payment.payer_bank) or {}
    bank.book(
        world,
        bank.Line(
            iban=payee.id,
            amount=payment.amount,
            remittance=payment.reference,
            code=bank.INSTANT_CREDIT,
            currency=payment.currency,
            counterparty_name=payer.get("holder_name"),
            counterparty_iban=payment.payer_iban,
            end_to_end_id=bank.end_to_end_id(payment.reference, payment.id),
        ),
    )


def cancel(world: World, payment: Payment, reason: str) -> Payment:
    """
    Release held funds, or close a checkout still open.

    :raises ApiError: the payment is past that
    """
    if payment.status not in {"requires_action", "authorized"}:
        raise conflict("payment_not_cancelable", f"The payment is {payment.status}.")
    canceled = save(world, payment, status="canceled", cancellation_reason=reason, due_at=None)
    tell(world, canceled, "payment.canceled")
    return canceled


def expire(world: World, payment: Payment) -> Payment:
    """Close a checkout that nobody finished in time."""
    expired = save(world, payment, status="expired", due_at=None)
    tell(world, expired, "payment.expired")
    return expired


def record_attempt(
    world: World, payment: Payment, decline_code: str | None, instrument: Json
) -> list[Json]:
    """Return the payment's attempts with one more at the end."""
    attempts: list[Json] = json.loads(payment.attempts)
    outcome = "declined" if decline_code else "succeeded"
    attempt = {"at": world.clock.stamp(), "outcome": outcome}
    card = {f"card_{name}": instrument.get(name) for name in ("last4", "country", "fingerprint")}
    return [*attempts, attempt | {"decline_code": decline_code} | card]


def checkout_url(world: World, payment: Payment) -> str:
    """Return the address of the page where the payer acts."""
    if payment.method == "card":
        return f"{world.public_url}/checkout/{payment.id}/{payment.token}"
    return f"{world.public_url}/bank/authorize/{payment.token}"


def return_address(payment: Payment) -> str:
    """Return where the payer is sent back: the payment is named and nothing else is told."""
    parts = urlsplit(payment.return_url)
    query = "&".join(filter(None, [parts.query, urlencode({"payment": payment.id})]))
    return urlunsplit(parts._replace(query=query))


def payload(world: World, payment: Payment) -> Json:
    """Return the payment as the API and its events show it."""
    return {
        "object": "payment",
        "id": payment.id,
        "account": payment.account_id,
        "status": payment.status,
        "amount": payment.amount,
        "currency": payment.currency,
        "amount_captured": payment.amount_captured,
        "amount_refunded": payment.amount_refunded,
        "method": payment.method,
        "capture": payment.capture,
        "reference": payment.reference,
        "description": payment.description,
        "checkout_url": checkout_url(world, payment),
        "created_at": payment.created_at,
        "expires_at": payment.expires_at,
        "authorized_at": payment.authorized_at,
        "captured_at": payment.captured_at,
        "updated_at": payment.updated_at,
        "cancellation_reason": payment.cancellation_reason,
        "max_attempts": payment.max_attempts,
        "three_d_secure": payment.three_d_secure,
        "capture_before": payment.due_at if payment.status == "authorized" else None,
    } | _instrument_payload(payment)


def _instrument_payload(payment: Payment) -> Json:
    return {
        "card": load(payment.card),
        "payer_bank": load(payment.payer_bank),
        "authentication": load(payment.authentication),
        "decline": load(payment.decline),
        "attempts": json.loads(payment.attempts),
    }
