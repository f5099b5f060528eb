from dataclasses import dataclass
from uuid import UUID

from encaisse.kit.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteSent(Event):
    """A quote was frozen and its private link is to be given to the customer."""

    quote_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteAccepted(Event):
    quote_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteRefused(Event):
    quote_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteWithdrawn(Event):
    """The consumer renounced the contract by its online function."""

    quote_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceIssued(Event):
    """A deposit, a final invoice or a credit note took its number."""

    invoice_id: UUID
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePaid(Event):
    invoice_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceReopened(Event):
    """What was paid is owed again: a refund or a lost dispute."""

    invoice_id: UUID
