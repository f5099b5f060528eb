"""Freezing what a document says, with a number taken in the same commit."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from encaisse.counterparties.models import Counterparty
from encaisse.invoicing.core.amounts import Line, Nature, Totals, VatRate
from encaisse.invoicing.core.notes import notes_of
from encaisse.invoicing.core.snapshot import (
    Buyer,
    Earlier,
    Seller,
    Snapshot,
    lines_to_snapshot,
    snapshot_from,
    totals_to_snapshot,
)
from encaisse.invoicing.errors import DocumentWithoutLines, VatNotApplicable
from encaisse.invoicing.models import Document, Invoice
from encaisse.kernel.money import Money
from encaisse.kernel.text import clean_text, required_text
from encaisse.kit.identifiers import new_id
from encaisse.organizations.models import Profile
from encaisse.organizations.queries import profile

LARGEST_LINE_COUNT = 200
_NOTHING = Money(0)
# What somebody decides to write; deposits and credit notes follow from an earlier document.
_CHOSEN = frozenset({"quote", "final"})
_SERIES = {"quote": "D", "deposit": "F", "final": "F", "credit_note": "A"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a document is about, before it has a number."""

    kind: str
    customer: Counterparty
    subject: str
    lines: tuple[Line, ...]
    totals: Totals
    issued_on: date
    due_on: date | None = None
    supply_on: date | None = None
    valid_until: date | None = None
    earlier: tuple[Earlier, ...] = ()
    to_pay: Money
    deposit: Money = _NOTHING
    deposit_basis_points: int = 0
    agreement_place: str = ""


def freeze(*, organization_id: UUID, content: Content, now: datetime) -> Document:
    """
    Take the next number and write the document, in the caller's transaction.

    The counter row is locked until that transaction ends: a failure gives the number back, and
    numbers follow each other without a gap (CGI ann. II art. 242 nonies A).
    """
    firm = profile(organization_id=organization_id)
    if content.kind in _CHOSEN:
        _check_regime(firm, content.lines)
    number = _next_number(organization_id, _SERIES[content.kind], content.issued_on.year, now)
    snapshot = _snapshot(firm, number, content)
    document = Document(
        id=new_id(),
        organization_id=organization_id,
        kind=content.kind,
        number=number,
        sha256=snapshot.sha256(),
        created_at=now,
    )
    document.snapshot = _json(snapshot)
    document.save(force_insert=True)
    return document


def check_regime(*, organization_id: UUID, lines: Sequence[Line]) -> None:
    """:raises VatNotApplicable: a line bears VAT and the firm charges none"""
    _check_regime(profile(organization_id=organization_id), lines)


def _check_regime(firm: Profile, lines: Sequence[Line]) -> None:
    if firm.is_vat_franchise and any(line.rate != VatRate.ZERO for line in lines):
        raise VatNotApplicable


def read_lines(raw: Sequence[Mapping[str, Any]]) -> tuple[Line, ...]:
    """Read stored draft lines back into values."""
    return tuple(
        Line(
            label=line["label"],
            quantity_thousandths=line["quantity_thousandths"],
            unit=line["unit"],
            unit_price=Money(line["unit_price_minor"]),
            rate=VatRate(line["rate_basis_points"]),
            nature=Nature(line.get("nature", Nature.SERVICE)),
        )
        for line in raw
    )


def checked_lines(lines: Sequence[Line]) -> tuple[Line, ...]:
    """
    Clean what people typed in lines.

    :raises DocumentWithoutLines: none
    :raises Invalid: an empty label, or a text too long
    """
    if not lines or len(lines) > LARGEST_LINE_COUNT:
        raise DocumentWithoutLines
    return tuple(
        Line(
            label=required_text(line.label, largest=240, field="Désignation", multiline=True),
            quantity_thousandths=line.quantity_thousandths,
            unit=clean_text(line.unit, largest=20, field="Unité"),
            unit_price=line.unit_price,
            rate=VatRate(line.rate),
            nature=Nature(line.nature),
        )
        for line in lines
    )


def earlier_of(invoice: Invoice) -> Earlier:
    """Return how a later document refers to this one."""
    snapshot = snapshot_from(invoice.document.snapshot)
    return Earlier(
        number=invoice.number,
        issued_on=invoice.issued_on.isoformat(),
        gross_minor=invoice.gross_minor,
        vat=snapshot.vat,
    )


def _next_number(organization_id: UUID, series: str, year: int, now: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO invoicing_numbercounter AS counter
                (id, organization_id, series, year, last_number, created_at)
            VALUES (%s, %s, %s, %s, 1, %s)
            ON CONFLICT (organization_id, series, year)
            DO UPDATE SET last_number = counter.last_number + 1
            RETURNING last_number
            """,
            [new_id(), organization_id, series, year, now],
        )
        return f"{series}-{year}-{cursor.fetchone()[0]:04d}"


def _snapshot(firm: Profile, number: str, content: Content) -> Snapshot:
    totals = content.totals
    return Snapshot(
        kind=content.kind,
        number=number,
        issued_on=content.issued_on.isoformat(),
        due_on=_iso(content.due_on),
        supply_on=_iso(content.supply_on),
        valid_until=_iso(content.valid_until),
        subject=content.subject,
        seller=_seller(firm),
        buyer=_buyer(content.customer),
        lines=lines_to_snapshot(content.lines),
        vat=totals_to_snapshot(totals),
        net_minor=totals.net.minor,
        vat_minor=totals.vat.minor,
        gross_minor=totals.gross.minor,
        earlier=content.earlier,
        to_pay_minor=content.to_pay.minor,
        deposit_minor=content.deposit.minor,
        deposit_basis_points=content.deposit_basis_points,
        agreement_place=content.agreement_place,
        is_vat_on_debits=firm.is_vat_on_debits,
        notes=notes_of(
            kind=content.kind,
            issued_on=content.issued_on,
            is_professional=content.customer.is_professional,
            is_vat_on_debits=firm.is_vat_on_debits,
            # A document from before the regime still bears its VAT.
            is_vat_franchise=firm.is_vat_franchise and not totals.vat,
            has_deposit=bool(content.deposit),
        ),
    )


def _seller(firm: Profile) -> Seller:
    capital = Money(firm.capital_minor).in_french() if firm.capital_minor else ""
    return Seller(
        name=firm.name,
        legal_name=firm.legal_name,
        legal_form=firm.legal_form,
        capital=capital,
        siren=firm.siren,
        vat_number=firm.vat_number,
        trade_register_city=firm.trade_register_city,
        street=firm.street,
        postal_code=firm.postal_code,
        city=firm.city,
        email=firm.email,
        phone=firm.phone,
        insurance=firm.insurance,
        mediator=firm.mediator,
        colour=firm.colour,
    )


def _buyer(customer: Counterparty) -> Buyer:
    return Buyer(
        name=customer.name,
        code=customer.code,
        siren=customer.siren,
        is_professional=customer.is_professional,
        street=customer.street,
        postal_code=customer.postal_code,
        city=customer.city,
        email=customer.email,
    )


def _json(snapshot: Snapshot) -> dict[str, Any]:

    data: dict[str, Any] = json.loads(snapshot.canonical())
    return data


def _iso(value: date | None) -> str:
    return value.isoformat() if value else ""
