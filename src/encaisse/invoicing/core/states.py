"""What quotes and invoices may become. The tables are the documentation. Pure."""

from collections.abc import Mapping
from enum import StrEnum


class QuoteState(StrEnum):
    DRAFT = "draft"
    SENT = "sent"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    INVOICED = "invoiced"


class AgreementPlace(StrEnum):
    """Where a quote is agreed decides when money may be asked (Code de la consommation)."""

    DISTANCE = "distance"
    HOME = "home"
    URGENT_HOME = "urgent_home"
    PREMISES = "premises"


class DocumentKind(StrEnum):
    """Kinds of numbered documents; the code is BT-3 of EN 16931 (UNTDID 1001)."""

    DEPOSIT = "deposit"
    FINAL = "final"
    CREDIT_NOTE = "credit_note"

    @property
    def code(self) -> str:
        return {"deposit": "386", "final": "380", "credit_note": "381"}[self.value]

    @property
    def label(self) -> str:
        return {"deposit": "Facture d’acompte", "final": "Facture", "credit_note": "Avoir"}[
            self.value
        ]


class InvoiceState(StrEnum):
    """PAID is reversible: a refund or a lost dispute reopens it."""

    ISSUED = "issued"
    PAID = "paid"
    CREDITED = "credited"


_Q = QuoteState
QUOTE_MOVES: Mapping[QuoteState, frozenset[QuoteState]] = {
    _Q.DRAFT: frozenset({_Q.SENT}),
    _Q.SENT: frozenset({_Q.ACCEPTED, _Q.REFUSED, _Q.EXPIRED}),
    _Q.ACCEPTED: frozenset({_Q.WITHDRAWN, _Q.INVOICED}),
    _Q.REFUSED: frozenset(),
    _Q.EXPIRED: frozenset(),
    _Q.WITHDRAWN: frozenset(),
    # A credited invoice frees its quote: the job can be invoiced again, rightly this time.
    _Q.INVOICED: frozenset({_Q.ACCEPTED}),
}
INVOICE_MOVES: Mapping[InvoiceState, frozenset[InvoiceState]] = {
    InvoiceState.ISSUED: frozenset({InvoiceState.PAID, InvoiceState.CREDITED}),
    InvoiceState.PAID: frozenset({InvoiceState.ISSUED, InvoiceState.CREDITED}),
    InvoiceState.CREDITED: frozenset(),
}
