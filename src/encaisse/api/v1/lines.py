"""Lines of quotes and invoices, in and out."""

from decimal import Decimal
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field, StringConstraints

from encaisse.api.schemas import Amount, AmountOut, Strict
from encaisse.invoicing.core.amounts import Line, Nature, VatRate
from encaisse.invoicing.core.snapshot import Snapshot
from encaisse.kernel.money import Money


class LineIn(Strict):
    label: Annotated[str, StringConstraints(min_length=1, max_length=240)]
    quantity: Annotated[Decimal, Field(gt=0, le=Decimal(9_999_999), decimal_places=3)]
    unit: Annotated[str, StringConstraints(max_length=20)] = ""
    unit_price: Amount
    vat_rate: Literal["0", "5.5", "10", "20"]
    nature: Nature = Nature.SERVICE

    def line(self) -> Line:
        return Line(
            label=self.label,
            quantity_thousandths=int(self.quantity * 1000),
            unit=self.unit,
            unit_price=self.unit_price.money(),
            rate=VatRate(int(Decimal(self.vat_rate) * 100)),
            nature=self.nature,
        )


class VatOut(Schema):
    rate_basis_points: int
    base: AmountOut
    vat: AmountOut


class LineOut(Schema):
    label: str
    quantity: str
    unit: str
    unit_price: AmountOut
    rate_basis_points: int
    nature: str
    net: AmountOut


def lines_of(snapshot: Snapshot) -> list[LineOut]:
    return [
        LineOut(
            label=line.label,
            quantity=str(Decimal(line.quantity_thousandths).scaleb(-3).normalize()),
            unit=line.unit,
            unit_price=AmountOut.of(Money(line.unit_price_minor)),
            rate_basis_points=line.rate_basis_points,
            nature=line.nature,
            net=AmountOut.of(Money(line.net_minor)),
        )
        for line in snapshot.lines
    ]


def vat_of(snapshot: Snapshot) -> list[VatOut]:
    return [
        VatOut(
            rate_basis_points=group.rate_basis_points,
            base=AmountOut.of(Money(group.base_minor)),
            vat=AmountOut.of(Money(group.vat_minor)),
        )
        for group in snapshot.vat
    ]
