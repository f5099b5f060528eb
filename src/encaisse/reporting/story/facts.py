"""
What a story is made of: steps with their proofs, and the facts they are told from. Pure.

No words here: a page or a program says the steps in its own language.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from encaisse.kernel.money import Money


class StepKind(StrEnum):
    """What happened, in the order in which it usually does."""

    ASKED = "asked"
    SENT = "sent"
    OPENED = "opened"
    REFUSED = "refused"
    AUTHENTICATED = "authenticated"
    RESERVED = "reserved"
    DOUBT = "doubt"
    ENDED = "ended"
    PAID = "paid"
    ALLOCATED = "allocated"
    INVOICED = "invoiced"
    BOOKED = "booked"
    MAILED = "mailed"
    PAYOUT = "payout"
    ARRIVED = "arrived"
    REFUND_ASKED = "refund_asked"
    REFUNDED = "refunded"
    REFUND_FAILED = "refund_failed"
    DISPUTED = "disputed"
    DISPUTE_WON = "dispute_won"
    DISPUTE_LOST = "dispute_lost"


class ProofKind(StrEnum):
    """Where a step can be checked by somebody who does not believe us."""

    REFERENCE = "reference"
    PROVIDER_ID = "provider_id"
    EVENT = "event"
    FETCHED = "fetched"
    AUDIT = "audit"
    ENTRY = "entry"
    MAIL = "mail"
    BANK_LINE = "bank_line"
    PAYOUT_REFERENCE = "payout_reference"


class EndingKind(StrEnum):
    """Where the money is now."""

    NOTHING_TAKEN = "nothing_taken"
    WITH_PAYER = "with_payer"
    UNDER_WAY = "under_way"
    RESERVED = "reserved"
    UNKNOWN = "unknown"
    AT_PROVIDER = "at_provider"
    PAID_OUT = "paid_out"
    BANK_TO_CONFIRM = "bank_to_confirm"
    ON_ACCOUNT = "on_account"
    REFUNDING = "refunding"
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Proof:
    """`value` is the identifier to quote; `id` is our row, where a page can show it."""

    kind: ProofKind
    value: str
    at: datetime | None = None
    id: UUID | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """One side of an entry in the books."""

    account: str
    side: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happened. `at` is None where nobody wrote the time."""

    kind: StepKind
    at: datetime | None
    is_whole_day: bool = False
    actor: str = ""
    name: str = ""
    reason: str = ""
    card: str = ""
    amount: Money | None = None
    fee: Money | None = None
    net: Money | None = None
    due_on: date | None = None
    is_complete: bool = True
    moves: tuple[Move, ...] = ()
    proofs: tuple[Proof, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Where the money is; `on` is when it comes or since when it is there."""

    kind: EndingKind
    provider: str = ""
    on: date | None = None
    is_late: bool = False
    returned: Money | None = None
    waits_for_request: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    steps: tuple[Step, ...]
    ending: Ending


# --- What is known, gathered by `queries.py` -------------------------------------------------


@dataclass(frozen=True, slots=True)
class AuditFact:
    sequence: int
    at: datetime
    actor: str
    action: str
    target: str

    @property
    def proof(self) -> Proof:
        return Proof(ProofKind.AUDIT, str(self.sequence), self.at)


@dataclass(frozen=True, slots=True)
class MessageFact:
    """A signed message of the provider, about one of its objects."""

    external_id: str
    kind: str
    object_id: str
    at: datetime

    @property
    def proof(self) -> Proof:
        return Proof(ProofKind.EVENT, self.external_id, self.at, detail=self.kind)


@dataclass(frozen=True, slots=True)
class EntryFact:
    number: str
    source: str
    reason: str
    at: datetime
    moves: tuple[Move, ...]

    @property
    def proof(self) -> Proof:
        return Proof(ProofKind.ENTRY, self.number, self.at)


@dataclass(frozen=True, slots=True)
class MailFact:
    kind: str
    object_id: UUID
    message_id: str
    at: datetime
    state: str

    @property
    def proof(self) -> Proof:
        return Proof(ProofKind.MAIL, self.message_id, self.at, detail=self.state)


@dataclass(frozen=True, slots=True)
class LineFact:
    """A line of a bank statement; `at` is the start of its day."""

    id: UUID
    booked_on: date
    at: datetime
    account: str
    amount: Money
    reason: str

    @property
    def proof(self) -> Proof:
        return Proof(ProofKind.BANK_LINE, self.account, id=self.id, detail=self.reason)


@dataclass(frozen=True, slots=True)
class AskedFact:
    id: UUID
    at: datetime
    reference_kind: str
    reference_id: UUID | None
    creditor_reference: str
    amount: Money


@dataclass(frozen=True, slots=True)
class RefusalFact:
    at: datetime
    reason: str
    card: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TryFact:
    """One ask of one provider."""

    id: UUID
    provider: str
    state: str
    provider_id: str
    opened_at: datetime
    updated_at: datetime
    failure: str = ""
    card: str = ""
    authentication: str = ""
    has_liability_shift: bool = False
    refusals: tuple[RefusalFact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutFact:
    """A payout that holds this payment; the three amounts are this payment's own."""

    id: UUID
    provider_id: str
    bank_reference: str
    paid_at: datetime
    paid_on: date
    gross: Money
    fee: Money
    net: Money
    arrival: LineFact | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFact:
    id: UUID
    amount: Money
    state: str
    reason: str
    provider_id: str
    asked_at: datetime
    updated_at: datetime
    departure: LineFact | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeFact:
    id: UUID
    provider_id: str
    amount: Money
    state: str
    reason: str
    opened_at: datetime
    due_on: date | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class InvoiceFact:
    id: UUID
    number: str
    kind: str
    is_paid: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFacts:
    """Everything the rows say of one payment."""

    id: UUID
    method: str
    state: str
    amount: Money
    today: date
    captured_at: datetime | None = None
    captured_on: date | None = None
    allocated_at: datetime | None = None
    is_to_allocate: bool = False
    payout_bank_days: int | None = None
    asked: AskedFact | None = None
    tries: tuple[TryFact, ...] = ()
    payouts: tuple[PayoutFact, ...] = ()
    arrival: LineFact | None = None
    refunds: tuple[RefundFact, ...] = ()
    disputes: tuple[DisputeFact, ...] = ()
    invoice: InvoiceFact | None = None
    audit: tuple[AuditFact, ...] = ()
    messages: tuple[MessageFact, ...] = ()
    entries: tuple[EntryFact, ...] = ()
    mails: tuple[MailFact, ...] = ()
