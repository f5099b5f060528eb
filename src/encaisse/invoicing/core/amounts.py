"""
Amounts of a document. Pure.

VAT is computed per rate on the summed base, then rounded half away from zero (EN 16931, BR-CO-17):
never as the sum of the lines' VAT.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum, StrEnum

from encaisse.kernel.errors import DomainError
from encaisse.kernel.money import LARGEST_MINOR, Currency, Money, rate_of, round_half_away

_QUANTITY = re.compile(r"[0-9]{1,7}(?:[.,][0-9]{1,3})?")


class VatRate(IntEnum):
    """Rates of mainland France in basis points (CGI art. 278, 278-0 bis, 279, 279-0 bis)."""

    ZERO = 0
    REDUCED = 550
    INTERMEDIATE = 1000
    NORMAL = 2000

    @property
    def label(self) -> str:
        """Return the rate as documents print it: "5,5 %"."""
        units, rest = divmod(self.value, 100)
        return f"{units},{rest // 10} %" if rest else f"{units} %"


class Nature(StrEnum):
    """What a line sells; a part supplied and fitted belongs to the service (BOI-TVA-CHAMP-10)."""

    SERVICE = "service"
    GOODS = "goods"


class QuantityInvalid(DomainError):
    """A quantity is positive, with at most three decimals."""

    code = "quantity_invalid"
    status = 422
    french = "Cette quantité n’est pas valable : un nombre positif, trois décimales au plus."


class DocumentAmountInvalid(DomainError):
    """The total of a document is positive and below ten billion."""

    code = "document_amount_invalid"
    status = 422
    french = "Le total doit être positif et inférieur à dix milliards."


def parse_quantity(text: str) -> int:
    """
    Read a quantity as a person types it and return thousandths.

    :raises QuantityInvalid: not a positive number with at most three decimals
    """
    compact = text[:32].strip().replace("\u202f", "").replace(" ", "")
    if not _QUANTITY.fullmatch(compact):
        raise QuantityInvalid
    thousandths = int(Decimal(compact.replace(",", ".")) * 1000)
    if not thousandths:
        raise QuantityInvalid
    return thousandths


@dataclass(frozen=True, slots=True)
class Line:
    """One line: `quantity_thousandths` × `unit_price`, before VAT."""

    label: str
    quantity_thousandths: int
    unit: str
    unit_price: Money
    rate: VatRate
    nature: Nature = Nature.SERVICE

    @property
    def net(self) -> Money:
        """Return the line's amount before VAT, rounded to the cent (BT-131)."""
        exact = Decimal(self.quantity_thousandths) * self.unit_price.minor / 1000
        return Money(round_half_away(exact), self.unit_price.currency)


@dataclass(frozen=True, slots=True)
class VatGroup:
    """What a document bears at one rate."""

    rate: VatRate
    base: Money
    vat: Money

    @property
    def total(self) -> Money:
        return self.base + self.vat


@dataclass(frozen=True, slots=True)
class Totals:
    """The foot of a document."""

    groups: tuple[VatGroup, ...]

    @property
    def net(self) -> Money:
        return Money.total(group.base for group in self.groups)

    @property
    def vat(self) -> Money:
        return Money.total(group.vat for group in self.groups)

    @property
    def gross(self) -> Money:
        return self.net + self.vat

    def minus(self, other: "Totals") -> "Totals":
        """Take another document off, rate by rate: what remains after a deposit."""
        taken = {group.rate: group for group in other.groups}
        groups = []
        for group in self.groups:
            less = taken.pop(group.rate, None)
            base = group.base - less.base if less else group.base
            vat = group.vat - less.vat if less else group.vat
            groups.append(VatGroup(group.rate, base, vat))
        groups += [VatGroup(group.rate, -group.base, -group.vat) for group in taken.values()]
        return Totals(tuple(groups))


def totals_of(lines: Sequence[Line]) -> Totals:
    """
    Sum the lines by rate and compute the VAT of each rate on its base.

    :raises DocumentAmountInvalid: the total is not positive, or absurd
    """
    bases: defaultdict[VatRate, int] = defaultdict(int)
    for line in lines:
        bases[line.rate] += line.net.minor
    groups = tuple(
        VatGroup(rate, Money(base), Money(rate_of(base, rate)))
        for rate, base in sorted(bases.items(), reverse=True)
    )
    totals = Totals(groups)
    if not 0 < totals.gross.minor <= LARGEST_MINOR:
        raise DocumentAmountInvalid
    return totals


def part_of(totals: Totals, amount: Money) -> Totals:
    """
    Return a part of the total to pay, such as a deposit, split over the rates as the total is.

    Inside each rate the VAT is what makes base + VAT the share: base = share / (1 + rate).
    """
    shares = amount.allocate([group.total.minor for group in totals.groups])
    groups = []
    for group, share in zip(totals.groups, shares, strict=True):
        base = round_half_away(Decimal(share.minor) * 10_000 / (10_000 + group.rate))
        groups.append(VatGroup(group.rate, Money(base), Money(share.minor - base)))
    return Totals(tuple(groups))


def vat_received(groups: Iterable[VatGroup], *, received: Money) -> Mapping[VatRate, Money]:
    """
    Return the VAT that has fallen due, per rate, once this much of the total was received.

    VAT on services is due on receipt (CGI art. 269-2 c). Computed on the cumulated receipts, so
    that the parts of a payment in several times always add up to the whole.
    """
    parts = list(groups)  # also those that come to nothing: their VAT may be a cent of rounding
    whole = sum(group.total.minor for group in parts)
    if not whole:
        return {}
    due: defaultdict[VatRate, int] = defaultdict(int)
    for group in parts:  # deposits and goods may bear the same rate
        due[group.rate] += round_half_away(Decimal(group.vat.minor) * received.minor / whole)
    return {rate: Money(minor, Currency.EUR) for rate, minor in due.items()}


def without_goods(
    groups: Iterable[VatGroup], whole: Totals, goods: Mapping[VatRate, Money]
) -> tuple[VatGroup, ...]:
    """
    Return these amounts with the VAT of goods taken out of what waits for the money.

    VAT on goods is due when they are delivered (CGI art. 269-2 a): their part of each rate stays
    in the sum to be received, and bears no VAT any more. `goods` gives the bases of goods in
    `whole`, of which `groups` are the part that is left.
    """
    bases = {group.rate: group.base for group in whole.groups}
    parts: list[VatGroup] = []
    for group in groups:
        sold, base = goods.get(group.rate, Money(0)), bases.get(group.rate)
        if not sold or not base:
            parts.append(group)
            continue
        share = Decimal(sold.minor) / base.minor
        of_base = Money(round_half_away(group.base.minor * share))
        of_vat = Money(round_half_away(group.vat.minor * share))
        parts.append(VatGroup(group.rate, group.base - of_base, group.vat - of_vat))
        parts.append(VatGroup(group.rate, of_base + of_vat, Money(0)))
    return tuple(parts)
