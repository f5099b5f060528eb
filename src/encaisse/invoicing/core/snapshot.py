"""
What a document says, as one immutable value. Screen, PDF and ledger read this and nothing else.

It is stored as canonical JSON with its SHA-256: the hash a customer accepts is the hash kept.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from encaisse.invoicing.core.amounts import (
    Line,
    Nature,
    Totals,
    VatGroup,
    VatRate,
    without_goods,
)
from encaisse.kernel.money import Currency, Money


@dataclass(frozen=True, slots=True)
class Seller:
    """The firm as the document prints it (CGI ann. II art. 242 nonies A; C. com. R123-237)."""

    name: str
    legal_name: str
    legal_form: str
    capital: str
    siren: str
    vat_number: str
    trade_register_city: str
    street: str
    postal_code: str
    city: str
    email: str
    phone: str
    insurance: str
    mediator: str
    colour: str


@dataclass(frozen=True, slots=True)
class Buyer:
    name: str
    code: str
    siren: str
    is_professional: bool
    street: str
    postal_code: str
    city: str
    email: str = field(repr=False, default="")


@dataclass(frozen=True, slots=True)
class SnapshotLine:
    """A line with its amount already computed."""

    label: str
    quantity_thousandths: int
    unit: str
    unit_price_minor: int
    rate_basis_points: int
    net_minor: int
    nature: str = Nature.SERVICE.value


@dataclass(frozen=True, slots=True)
class SnapshotVat:
    rate_basis_points: int
    base_minor: int
    vat_minor: int


@dataclass(frozen=True, slots=True)
class Earlier:
    """A deposit taken off a final invoice, or the invoice a credit note cancels."""

    number: str
    issued_on: str
    gross_minor: int
    vat: tuple[SnapshotVat, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A quote or an issued document. Dates are ISO texts, amounts are minor units."""

    kind: str  # "quote", "deposit", "final" or "credit_note"
    number: str
    issued_on: str
    due_on: str
    supply_on: str
    valid_until: str
    subject: str
    seller: Seller
    buyer: Buyer
    lines: tuple[SnapshotLine, ...]
    vat: tuple[SnapshotVat, ...]
    net_minor: int
    vat_minor: int
    gross_minor: int
    earlier: tuple[Earlier, ...]
    to_pay_minor: int
    deposit_minor: int
    deposit_basis_points: int
    agreement_place: str
    is_vat_on_debits: bool
    notes: tuple[str, ...]
    currency: str = Currency.EUR.value

    def canonical(self) -> bytes:
        """Return the one JSON text of this document."""
        content = asdict(self)
        for line in content["lines"]:
            # A document of services reads, and hashes, as before goods could be named.
            if line["nature"] == Nature.SERVICE:
                del line["nature"]
        return json.dumps(
            content, sort_keys=True, separators=(",", ":"), ensure_ascii=False
        ).encode()

    def sha256(self) -> str:
        return hashlib.sha256(self.canonical()).hexdigest()

    @property
    def totals(self) -> Totals:
        """Return the document's own totals, before anything is taken off."""
        return totals_from(self.vat)

    @property
    def remaining(self) -> Totals:
        """Return the totals once earlier deposits are taken off, rate by rate."""
        totals = self.totals
        for earlier in self.earlier if self.kind == "final" else ():
            totals = totals.minus(totals_from(earlier.vat))
        return totals

    @property
    def goods(self) -> Mapping[VatRate, Money]:
        """Return what the document sells as goods, by rate, before VAT."""
        bases: defaultdict[VatRate, Money] = defaultdict(lambda: Money(0))
        for line in self.lines:
            if line.nature == Nature.GOODS:
                bases[VatRate(line.rate_basis_points)] += Money(line.net_minor)
        return dict(bases)

    @property
    def pending(self) -> tuple[VatGroup, ...]:
        """Return the amounts whose VAT waits for the money: none with the debits option."""
        if self.is_vat_on_debits:
            return ()
        return without_goods(self.remaining.groups, self.totals, self.goods)


def snapshot_from(data: dict[str, Any]) -> Snapshot:
    """Read a stored snapshot back."""
    return Snapshot(
        **{
            **data,
            "seller": Seller(**data["seller"]),
            "buyer": Buyer(**data["buyer"]),
            "lines": tuple(SnapshotLine(**line) for line in data["lines"]),
            "vat": tuple(SnapshotVat(**group) for group in data["vat"]),
            "earlier": tuple(
                Earlier(**{**item, "vat": tuple(SnapshotVat(**group) for group in item["vat"])})
                for item in data["earlier"]
            ),
            "notes": tuple(data["notes"]),
        }
    )


def lines_to_snapshot(lines: tuple[Line, ...]) -> tuple[SnapshotLine, ...]:
    return tuple(
        SnapshotLine(
            label=line.label,
            quantity_thousandths=line.quantity_thousandths,
            unit=line.unit,
            unit_price_minor=line.unit_price.minor,
            rate_basis_points=int(line.rate),
            net_minor=line.net.minor,
            nature=line.nature.value,
        )
        for line in lines
    )


def totals_to_snapshot(totals: Totals) -> tuple[SnapshotVat, ...]:
    return tuple(
        SnapshotVat(int(group.rate), group.base.minor, group.vat.minor) for group in totals.groups
    )


def totals_from(groups: tuple[SnapshotVat, ...]) -> Totals:
    return Totals(
        tuple(
            VatGroup(
                VatRate(group.rate_basis_points), Money(group.base_minor), Money(group.vat_minor)
            )
            for group in groups
        )
    )


def day(text: str) -> date | None:
    """Return a snapshot's date, or None where the document has none."""
    return date.fromisoformat(text) if text else None
