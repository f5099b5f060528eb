"""
What a search finds in each of a firm's books, within what the person may read.

Names and numbers are found in the whole of the books where an index leads to them. What none does
(subjects, amounts, the end of a number) is looked for among the latest rows only: a firm of this
size has years of them there, and a search never reads more than that.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from encaisse.counterparties.models import Counterparty
from encaisse.counterparties.queries import customers
from encaisse.invoicing.models import Invoice, Quote
from encaisse.invoicing.queries import invoices, quotes
from encaisse.kernel.money import Money
from encaisse.kit.clock import paris_date
from encaisse.organizations.core import Permission, Role, allows
from encaisse.payments.models import PaymentIntent, PaymentRequest
from encaisse.payments.queries import payments, requests
from encaisse.reporting.search.terms import Terms, holds
from encaisse.treasury.models import BankTransaction
from encaisse.treasury.queries import bank_transactions
from encaisse.treasury.services.finders import details_of

_Row = TypeVar("_Row", bound=Model)
MOST_HITS = 6
# Rows read without an index that leads to them; lines of the bank are opened one by one.
LATEST_ROWS, LATEST_LINES = 5_000, 300


class Book(StrEnum):
    CUSTOMERS = "customers"
    QUOTES = "quotes"
    INVOICES = "invoices"
    REQUESTS = "requests"
    PAYMENTS = "payments"
    BANK = "bank"


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found; `amount` is None where it has none."""

    id: UUID
    title: str
    detail: str
    amount: Money | None = None
    on: date | None = None


@dataclass(frozen=True, slots=True)
class _Search:
    organization_id: UUID
    terms: Terms
    customer_ids: Sequence[UUID]


def search(*, organization_id: UUID, role: Role, terms: Terms) -> Mapping[Book, Sequence[Hit]]:
    """Return what was found in each book the role may read, the latest first; none is left out."""
    if terms.is_empty:
        return {}
    who = _customers(organization_id, terms) if allows(role, Permission.CUSTOMERS_READ) else []
    asked = _Search(organization_id, terms, [row.id for row in who])
    found = {Book.CUSTOMERS: [_customer_hit(row) for row in who]}
    for book, (permission, look) in _BOOKS.items():
        if allows(role, permission):
            found[book] = look(asked)
    return {book: hits for book, hits in found.items() if hits}


def _customers(organization_id: UUID, terms: Terms) -> list[Counterparty]:
    named = Q(search_key__contains=terms.key) | Q(email__istartswith=terms.key)
    meant = (named if terms.key else Q()) | (
        Q(code=terms.reference) | Q(siren=terms.reference) if terms.reference else Q()
    )
    return (
        list(customers(organization_id=organization_id).filter(meant)[:MOST_HITS]) if meant else []
    )


def _quotes(asked: _Search) -> list[Hit]:
    rows = quotes(organization_id=asked.organization_id)
    found = [
        *rows.filter(customer_id__in=asked.customer_ids)[:MOST_HITS],
        *_numbered(asked, rows.filter(document__isnull=False), "document__number"),
        *_said(asked, rows, "subject"),
    ]
    return [_quote_hit(row) for row in _once(found)]


def _invoices(asked: _Search) -> list[Hit]:
    rows = invoices(organization_id=asked.organization_id)
    found = [
        *_numbered(asked, rows, "number"),
        *rows.filter(customer_id__in=asked.customer_ids)[:MOST_HITS],
        *_worth(asked, rows, "gross_minor", "to_pay_minor"),
    ]
    return [_invoice_hit(row) for row in _once(found)]


def _requests(asked: _Search) -> list[Hit]:
    rows = requests(organization_id=asked.organization_id)
    found = [
        *(rows.filter(creditor_reference=asked.terms.reference) if asked.terms.reference else ()),
        *rows.filter(counterparty_id__in=asked.customer_ids)[:MOST_HITS],
        *_worth(asked, rows, "amount_minor"),
        *_said(asked, rows, "description"),
    ]
    return [_request_hit(row) for row in _once(found)]


def _payments(asked: _Search) -> list[Hit]:
    rows = payments(organization_id=asked.organization_id)
    found = [
        *rows.filter(request__counterparty_id__in=asked.customer_ids)[:MOST_HITS],
        *_worth(asked, rows, "amount_minor"),
    ]
    return [_payment_hit(row) for row in _once(found)]


def _bank(asked: _Search) -> list[Hit]:
    rows = bank_transactions(organization_id=asked.organization_id)
    found = list(_worth(asked, rows, "amount_minor", sign=-1))
    if asked.terms.reference:
        named = Q(bank_reference=asked.terms.reference) | Q(end_to_end_id=asked.terms.reference)
        found += _latest(rows).filter(named)[:MOST_HITS]
    if asked.terms.key:
        found += [row for row in rows[:LATEST_LINES] if _tells(row, asked.terms.key)]
    return [_bank_hit(row) for row in _once(found)]


def _tells(row: BankTransaction, key: str) -> bool:
    details = details_of(row)
    return holds(key, f"{details.name} {details.remittance}")


def _numbered(asked: _Search, rows: QuerySet[_Row], column: str) -> list[_Row]:
    """Return what bears the number; or whose number ends so, among the latest."""
    reference = asked.terms.reference
    if not reference:
        return []
    whole = list(rows.filter(**{column: reference})[:MOST_HITS])
    return whole or list(_latest(rows).filter(**{f"{column}__endswith": reference})[:MOST_HITS])


def _worth(asked: _Search, rows: QuerySet[_Row], *columns: str, sign: int = 0) -> list[_Row]:
    """Return what is of that amount among the latest; with a sign, of its opposite too."""
    if asked.terms.amount is None:
        return []
    minor = asked.terms.amount.minor
    same = Q()
    for column in columns:
        same |= Q(**{f"{column}__in": [minor, sign * minor] if sign else [minor]})
    return list(_latest(rows).filter(same)[:MOST_HITS])


def _said(asked: _Search, rows: QuerySet[_Row], column: str) -> list[_Row]:
    """Return those of the latest rows whose text holds what is searched, without accents."""
    if not asked.terms.key:
        return []
    texts = _latest(rows).values_list("id", column)
    found = [row_id for row_id, text in texts if holds(asked.terms.key, text)][:MOST_HITS]
    return list(rows.filter(id__in=found))


def _latest(rows: QuerySet[_Row]) -> QuerySet[_Row]:
    """Return the same rows, none older than the latest ones: the window is found by its index."""
    return rows.filter(id__in=rows.values("id")[:LATEST_ROWS])


def _once(rows: Sequence[_Row]) -> list[_Row]:
    return list({row.pk: row for row in rows}.values())[:MOST_HITS]


def _customer_hit(row: Counterparty) -> Hit:
    return Hit(row.id, row.name, f"{row.code} {row.city}".strip())


def _quote_hit(row: Quote) -> Hit:
    number = row.document.number if row.document else "Brouillon"
    return Hit(
        row.id, f"{number} · {row.subject}", row.customer.name, on=paris_date(row.created_at)
    )


def _invoice_hit(row: Invoice) -> Hit:
    return Hit(row.id, row.number, row.customer.name, Money(row.gross_minor), row.issued_on)


def _request_hit(row: PaymentRequest) -> Hit:
    who = row.counterparty.name if row.counterparty else ""
    return Hit(row.id, row.description, who, row.amount, paris_date(row.created_at))


def _payment_hit(row: PaymentIntent) -> Hit:
    asked = row.request
    title = asked.description if asked else "Virement reçu"
    who = asked.counterparty.name if asked and asked.counterparty else ""
    return Hit(row.id, title, who, row.amount, paris_date(row.created_at))


def _bank_hit(row: BankTransaction) -> Hit:
    details = details_of(row)
    return Hit(row.id, details.name or "Mouvement", details.remittance, row.amount, row.booked_on)


_BOOKS: Mapping[Book, tuple[Permission, Callable[[_Search], list[Hit]]]] = {
    Book.INVOICES: (Permission.INVOICES_READ, _invoices),
    Book.QUOTES: (Permission.QUOTES_READ, _quotes),
    Book.PAYMENTS: (Permission.PAYMENTS_READ, _payments),
    Book.REQUESTS: (Permission.PAYMENTS_READ, _requests),
    Book.BANK: (Permission.BANK_READ, _bank),
}
