"""
What a payment provider plug-in is. Plug-ins import this module, `answering`, `identification` and
the kernel.

Small protocols by capability, no default implementations. Every answer about a payment is the
same value, so the direct path, the webhook and the sweep all end in the same function.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar, Generic, Protocol, TypeVar

from encaisse.kernel.errors import DomainError
from encaisse.kernel.money import Money
from encaisse.providers.identification import Identification

_T = TypeVar("_T")


class ProviderStatus(StrEnum):
    """What a provider says of a payment. A word we do not know reads as PENDING, never as final."""

    REQUIRES_ACTION = "requires_action"
    PENDING = "pending"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    CANCELED = "canceled"
    FAILED = "failed"
    EXPIRED = "expired"


class DeclineReason(StrEnum):
    """Why a payer's bank refused, in words a merchant can act on."""

    INSUFFICIENT_FUNDS = "insufficient_funds"
    EXPIRED_CARD = "expired_card"
    INCORRECT_SECURITY_CODE = "incorrect_security_code"
    LOST_OR_STOLEN = "lost_or_stolen"
    AUTHENTICATION_REQUIRED = "authentication_required"  # a "soft" refusal of an exemption
    AUTHENTICATION_FAILED = "authentication_failed"
    REFUSED_BY_PAYER = "refused_by_payer"
    REFUSED_BY_BANK = "refused_by_bank"
    TECHNICAL = "technical"
    OTHER = "other"


class FingerprintScope(StrEnum):
    """How far a card's fingerprint is the same: at this account, or wherever the card goes."""

    ACCOUNT = "account"
    NETWORK = "network"


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What may be kept of a card (PCI DSS 3.3): never the number, never the security code."""

    brand: str
    last4: str
    expiry_month: int
    expiry_year: int
    country: str
    fingerprint: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Authentication:
    """How the payer proved who they are (EMV 3-D Secure), and who bears a fraud's loss."""

    status: str
    has_liability_shift: bool


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refused try of the payer on the provider's page."""

    at: datetime
    reason: DeclineReason
    card_last4: str
    card_country: str = ""
    card_fingerprint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderPayment:
    """A payment as the provider knows it now; `reference` is our attempt's id."""

    provider_id: str
    account_id: str
    reference: str
    status: ProviderStatus
    amount: Money
    captured: Money
    refunded: Money
    checkout_url: str
    expires_at: datetime | None = None
    capture_before: datetime | None = None
    occurred_at: datetime
    card: CardFacts | None = None
    authentication: Authentication | None = None
    decline: DeclineReason | None = None
    refusals: tuple[Refusal, ...] = ()
    payer_name: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutRequest:
    """Ask for a page of the provider where the payer pays; the key is our attempt's id."""

    idempotency_key: str
    amount: Money
    description: str
    return_url: str
    cancel_url: str
    locale: str
    expires_in_seconds: int
    max_attempts: int
    identification: Identification = Identification.AUTOMATIC


@dataclass(frozen=True, slots=True)
class Payee:
    """Whose bank account an initiated transfer credits."""

    name: str
    iban: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequest:
    idempotency_key: str
    provider_payment_id: str
    amount: Money


class RefundStatus(StrEnum):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ProviderRefund:
    provider_id: str
    provider_payment_id: str
    status: RefundStatus
    amount: Money


class DisputeStatus(StrEnum):
    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"  # the answer is with the payer's bank
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderDispute:
    provider_id: str
    provider_payment_id: str
    status: DisputeStatus
    amount: Money
    reason: str
    evidence_due_at: datetime | None
    opened_at: datetime


class PayoutItemKind(StrEnum):
    PAYMENT = "payment"
    REFUND = "refund"
    DISPUTE = "dispute"
    FEE = "fee"


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutItem:
    """One line of a payout: `gross` − `fee` = `net`, signed from the merchant's side."""

    kind: PayoutItemKind
    provider_id: str
    provider_payment_id: str
    gross: Money
    fee: Money
    net: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderPayout:
    """Money the provider sends to the merchant's bank, and what it is made of."""

    provider_id: str
    account_id: str
    gross: Money
    fee: Money
    net: Money
    bank_reference: str
    paid_at: datetime
    items: tuple[PayoutItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAccount:
    """Whom the key opens, and the proof that the provider may hold cards."""

    account_id: str
    name: str
    checkout_host: str
    pci_attested_on: date | None
    pci_expires_on: date | None
    pci_certificate_url: str
    bank_iban: str = field(default="", repr=False)
    bank_holder_name: str = ""


@dataclass(frozen=True, slots=True)
class WebhookRegistration:
    endpoint_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class InboundRequest:
    """A webhook as it arrived. `received_at` is real time, for the tolerance on signatures."""

    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    received_at: datetime


class ProviderObject(StrEnum):
    """What an event is about, hence what to fetch."""

    PAYMENT = "payment"
    REFUND = "refund"
    DISPUTE = "dispute"
    PAYOUT = "payout"
    PING = "ping"  # a test of the way to us: there is nothing to fetch
    UNKNOWN = "unknown"  # a word the plug-in does not know: kept, told, and not acted upon


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderEvent:
    """A hint that something changed: never the truth, which is fetched."""

    external_id: str
    kind: str
    account_id: str
    object_kind: ProviderObject
    object_id: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Page(Generic[_T]):
    """A page of a list, and where the next one starts."""

    items: Sequence[_T]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class PayoutDelay:
    """When a card payment reaches the merchant's bank, counted in days on which banks work."""

    bank_days: int


class DeclaresPayoutDelay(Protocol):
    """Said by the plug-in itself, so that nobody has to be asked."""

    payout_delay: ClassVar[PayoutDelay]


class DeclaresFingerprint(Protocol):
    """Only what is the same everywhere may ever be compared between firms."""

    fingerprint_scope: ClassVar[FingerprintScope]


class DescribesAccount(Protocol):
    def account(self) -> ProviderAccount: ...


class ReadsPayments(Protocol):
    def fetch_payments(self, provider_ids: Sequence[str]) -> Sequence[ProviderPayment]: ...
    def find_payment(self, reference: str) -> ProviderPayment | None: ...
    def payments_updated_since(
        self, since: datetime, cursor: str | None
    ) -> Page[ProviderPayment]: ...


class ChargesCards(ReadsPayments, Protocol):
    def start_card_payment(self, request: CheckoutRequest) -> ProviderPayment: ...
    def capture(
        self, *, provider_payment_id: str, amount: Money, idempotency_key: str
    ) -> ProviderPayment: ...
    def cancel(self, *, provider_payment_id: str, idempotency_key: str) -> ProviderPayment: ...


class InitiatesTransfers(ReadsPayments, Protocol):
    def start_transfer(self, request: CheckoutRequest, payee: Payee) -> ProviderPayment: ...
    def cancel(self, *, provider_payment_id: str, idempotency_key: str) -> ProviderPayment: ...


class RefundsPayments(Protocol):
    def refund(self, request: RefundRequest) -> ProviderRefund: ...
    def fetch_refund(self, provider_refund_id: str) -> ProviderRefund: ...
    def refunds_of(self, provider_payment_id: str) -> Sequence[ProviderRefund]: ...


class ReportsDisputes(Protocol):
    def fetch_dispute(self, provider_dispute_id: str) -> ProviderDispute: ...
    def disputes_updated_since(self, since: datetime) -> Sequence[ProviderDispute]: ...


class ReportsPayouts(Protocol):
    def fetch_payout(self, provider_payout_id: str) -> ProviderPayout: ...
    def payouts_since(self, since: datetime) -> Sequence[ProviderPayout]: ...


class ReceivesWebhooks(Protocol):
    def register_webhook(self, url: str) -> WebhookRegistration: ...
    def ping_webhook(self, endpoint_id: str) -> bool: ...
    def verify_webhook(self, request: InboundRequest) -> None: ...
    def parse_webhook(self, request: InboundRequest) -> ProviderEvent: ...


class ReadsBankFeed(Protocol):
    def bank_statement(self, *, iban: str, first_day: date, last_day: date) -> bytes: ...


class ProviderError(DomainError):
    """The payment provider could not be used."""

    code = "provider_error"
    status = 502
    french = "Le prestataire de paiement n’a pas pu être utilisé."


class ProviderUnavailable(ProviderError):
    """The provider was not reached; nothing was sent, so a retry is safe."""

    code = "provider_unavailable"
    status = 503
    french = (
        "Le prestataire de paiement ne répond pas. Rien n’a été débité ; réessayez dans un moment."
    )


class ProviderOutcomeUnknown(ProviderError):
    """The provider did not answer; it may have acted. Fetch before any retry."""

    code = "provider_outcome_unknown"
    french = (
        "Le prestataire n’a pas confirmé. Nous vérifions ce qu’il a fait ; ne payez pas une "
        "seconde fois."
    )


class ProviderRejected(ProviderError):
    """The provider refused the request: {reason}."""

    code = "provider_rejected"
    french = "Le prestataire a refusé la demande ({reason})."


class ProviderKeyInvalid(ProviderError):
    """The provider does not know this key."""

    code = "provider_key_invalid"
    status = 422
    french = "Le prestataire ne reconnaît pas cette clé. Vérifiez qu’elle est copiée en entier."


class WebhookSignatureInvalid(ProviderError):
    """The webhook is not signed by the provider."""

    code = "webhook_signature_invalid"
    status = 401
    french = "Ce message n’est pas signé par le prestataire."


class WebhookMalformed(ProviderError):
    """The webhook is signed but cannot be read."""

    code = "webhook_malformed"
    status = 400
    french = "Ce message du prestataire est illisible."
