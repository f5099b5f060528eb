"""What the evidence of a dispute is made of. Pure."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from encaisse.kernel.money import Money
from encaisse.reporting.story.ending import arrival_of
from encaisse.reporting.story.facts import DisputeFact, LineFact, PaymentFacts, TryFact


class Piece(StrEnum):
    """One kind of proof, in the order in which a bank reads them."""

    STATEMENT = "statement"
    QUOTE = "quote"
    INVOICE = "invoice"
    IDENTITY = "identity"
    CHECKS = "checks"
    PAGE = "page"
    MESSAGES = "messages"
    PHOTOS = "photos"
    BANK_LINE = "bank_line"


@dataclass(frozen=True, slots=True)
class PaperLine:
    label: str
    net: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A quote or an invoice as it was issued."""

    number: str
    subject: str
    dated_on: date | None
    supply_on: date | None
    gross: Money
    lines: tuple[PaperLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Who said yes to a quote, when and from where, and the hash of what they read."""

    name: str
    at: datetime
    ip_address: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture kept with the answer."""

    id: UUID
    file_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything that can be shown of one contested payment."""

    firm: str
    siren: str
    payer: str
    dispute: DisputeFact
    payment: PaymentFacts
    today: date
    quote: Paper | None = None
    agreement: Agreement | None = None
    invoice: Paper | None = None
    was_checked: bool = False
    statement: str = field(default="", repr=False)
    photos: tuple[Photo, ...] = ()
    staged_at: datetime | None = None

    @property
    def taken(self) -> TryFact | None:
        """Return the try that took the money."""
        return next((each for each in self.payment.tries if each.state == "captured"), None)

    @property
    def bank_line(self) -> LineFact | None:
        return arrival_of(self.payment)


def pieces_of(evidence: Evidence) -> dict[Piece, bool]:
    """Tell which proofs there are, in the order of the pack."""
    taken = evidence.taken
    return {
        Piece.STATEMENT: bool(evidence.statement),
        Piece.QUOTE: evidence.agreement is not None,
        Piece.INVOICE: evidence.invoice is not None,
        Piece.IDENTITY: taken is not None and taken.authentication == "authenticated",
        Piece.CHECKS: evidence.was_checked,
        Piece.PAGE: taken is not None,
        Piece.MESSAGES: bool(evidence.payment.mails),
        Piece.PHOTOS: bool(evidence.photos),
        Piece.BANK_LINE: evidence.bank_line is not None,
    }
