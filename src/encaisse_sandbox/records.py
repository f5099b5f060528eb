"""The rows of the simulated world, one frozen dataclass per table."""

import json
from dataclasses import dataclass
from typing import Any, ClassVar

Json = dict[str, Any]


def load(text: str | None) -> Json | None:
    """Read a stored JSON object, or nothing."""
    return None if text is None else json.loads(text)


def dump(value: object) -> str:
    """Write a value as compact JSON that keeps accents readable."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Account:
    """A merchant's account at the provider."""

    TABLE: ClassVar[str] = "accounts"
    id: str
    name: str
    siren: str | None
    api_key_digest: str
    created_at: str


@dataclass(frozen=True, slots=True)
class BankAccount:
    """An account at the sandbox's bank; its id is its IBAN."""

    TABLE: ClassVar[str] = "bank_accounts"
    id: str
    account_id: str
    bic: str
    holder_name: str


@dataclass(frozen=True, slots=True)
class BankTransaction:
    """A booked line; the amount is positive for a credit."""

    TABLE: ClassVar[str] = "bank_transactions"
    id: str
    sequence: int
    iban: str
    booked_at: str
    booked_date: str
    amount: int
    currency: str
    remittance: str
    counterparty_name: str | None
    counterparty_iban: str | None
    end_to_end_id: str | None
    code: str


@dataclass(frozen=True, slots=True)
class Payment:
    """What a payer is asked, and what became of it."""

    TABLE: ClassVar[str] = "payments"
    id: str
    account_id: str
    token: str
    status: str
    amount: int
    currency: str
    method: str
    capture: str
    reference: str
    description: str
    return_url: str
    cancel_url: str
    locale: str
    max_attempts: int
    payee_name: str | None
    payee_iban: str | None
    created_at: str
    expires_at: str
    due_at: str | None
    updated_at: str
    updated_sequence: int
    amount_captured: int = 0
    amount_refunded: int = 0
    card: str | None = None
    payer_bank: str | None = None
    payer_iban: str | None = None
    authentication: str | None = None
    decline: str | None = None
    attempts: str = "[]"
    behaviour: str = "approve"
    cancellation_reason: str | None = None
    authorized_at: str | None = None
    captured_at: str | None = None
    dispute_due_at: str | None = None
    three_d_secure: str = "automatic"

    @property
    def refundable(self) -> int:
        """What was captured and not yet given back."""
        return self.amount_captured - self.amount_refunded


@dataclass(frozen=True, slots=True)
class Challenge:
    """A strong authentication under way at the payer's bank."""

    TABLE: ClassVar[str] = "challenges"
    id: str
    payment_id: str
    kind: str
    state: str
    behaviour: str
    instrument: str
    code: str
    wrong_codes: int
    created_at: str
    way: str = "sms"
    secret: str = ""
    expires_at: str = ""


@dataclass(frozen=True, slots=True)
class Device:
    """A device that recognises the payer, registered at their bank; its id is the credential's."""

    TABLE: ClassVar[str] = "devices"
    id: str
    site: str
    credential: str
    signatures: int
    created_at: str


@dataclass(frozen=True, slots=True)
class Refund:
    """Money on its way back to the payer."""

    TABLE: ClassVar[str] = "refunds"
    id: str
    account_id: str
    payment_id: str
    amount: int
    currency: str
    status: str
    due_at: str | None
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class Dispute:
    """A chargeback opened by the payer's bank."""

    TABLE: ClassVar[str] = "disputes"
    id: str
    account_id: str
    payment_id: str
    amount: int
    currency: str
    reason: str
    status: str
    fee: int
    evidence_due_by: str
    created_at: str
    updated_at: str
    evidence_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class BalanceItem:
    """What one fact adds to, or takes from, what the provider owes the merchant."""

    TABLE: ClassVar[str] = "balance_items"
    id: str
    account_id: str
    kind: str
    object_id: str
    payment_id: str
    gross: int
    fee: int
    created_at: str
    payout_id: str | None = None

    @property
    def net(self) -> int:
        """What remains once the fee is taken."""
        return self.gross - self.fee


@dataclass(frozen=True, slots=True)
class Payout:
    """A batch of balance items paid to the merchant's bank account."""

    TABLE: ClassVar[str] = "payouts"
    id: str
    account_id: str
    gross: int
    fee: int
    currency: str
    status: str
    bank_reference: str
    paid_at: str
    updated_at: str

    @property
    def net(self) -> int:
        """The amount of the bank line; negative when the merchant owes the provider."""
        return self.gross - self.fee


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address that receives signed webhooks."""

    TABLE: ClassVar[str] = "endpoints"
    id: str
    account_id: str
    url: str
    secret: str
    created_at: str
    deleted_at: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, as its body tells it to every endpoint."""

    TABLE: ClassVar[str] = "events"
    id: str
    sequence: int
    account_id: str
    type: str
    body: str
    created_at: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """The sending of one event to one endpoint."""

    TABLE: ClassVar[str] = "deliveries"
    id: str
    sequence: int
    event_id: str
    endpoint_id: str
    state: str
    attempts: str
    next_attempt_at: str | None
    flushable_at: str | None


@dataclass(frozen=True, slots=True)
class Message:
    """A text message on the simulated telephone."""

    TABLE: ClassVar[str] = "messages"
    id: str
    sequence: int
    recipient: str
    text: str
    sent_at: str


@dataclass(frozen=True, slots=True)
class PushBrowser:
    """A browser that a site subscribed, with the keys only it would hold."""

    TABLE: ClassVar[str] = "push_browsers"
    id: str
    token: str
    private_key: str
    auth: str
    application_key: str
    is_gone: int


@dataclass(frozen=True, slots=True)
class PushMessage:
    """A push message as its browser read it."""

    TABLE: ClassVar[str] = "push_messages"
    id: str
    sequence: int
    browser_id: str
    text: str
    life_seconds: int
    topic: str
    sent_at: str


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it was received, whole."""

    TABLE: ClassVar[str] = "mails"
    id: str
    sequence: int
    sender: str
    recipients: str
    raw: bytes
    received_at: str


@dataclass(frozen=True, slots=True)
class ChaosRule:
    """A way in which the world misbehaves, for a while."""

    TABLE: ClassVar[str] = "chaos_rules"
    id: str
    account_id: str | None
    rule: str
    remaining: int | None


@dataclass(frozen=True, slots=True)
class IdempotentAnswer:
    """An answer kept to be given again to the same request."""

    TABLE: ClassVar[str] = "idempotent_answers"
    account_id: str
    key: str
    request_digest: str
    status: int
    body: str
    created_at: str
