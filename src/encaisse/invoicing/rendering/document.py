"""What a document prints, as texts ready to be typeset. Pure: no layout, no clock."""

from dataclasses import dataclass
from datetime import date

from encaisse.invoicing.core.amounts import VatRate
from encaisse.invoicing.core.snapshot import Buyer, Earlier, Seller, Snapshot, SnapshotLine, day
from encaisse.kernel.money import NARROW_SPACE, NO_BREAK_SPACE, Currency, Money
from encaisse.organizations.core import readable_on

Content = dict[str, object]
_PAPER = "#ffffff"
_COLON = f"{NARROW_SPACE}:"
_MINUS = "\N{MINUS SIGN}"
_TITLES = {
    "quote": "Devis",
    "deposit": "Facture d’acompte",
    "final": "Facture",
    "credit_note": "Avoir",
}


@dataclass(frozen=True, slots=True)
class PaymentBlock:
    """
    How to pay what remains: the link first, then the transfer it can be replaced by.

    Without an IBAN the firm takes no transfer and the link stands alone.
    """

    link_url: str
    iban_grouped: str
    holder_name: str
    creditor_reference: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Row:
    """A label and its value; `style` says how much it weighs on the page."""

    label: str
    value: str
    detail: str = ""
    style: str = "plain"

    def content(self) -> Content:
        return {
            "label": self.label, "value": self.value, "detail": self.detail, "style": self.style,
        }  # fmt: skip


def document_content(snapshot: Snapshot, payment: PaymentBlock | None) -> Content:
    """Return every text of the document, in French."""
    title = _TITLES[snapshot.kind]
    return {
        "title": title,
        "number": snapshot.number,
        "name": " ".join(filter(None, (title, snapshot.number, "–", snapshot.seller.name))),
        "accent": readable_on(snapshot.seller.colour, _PAPER),
        "seller": _seller(snapshot.seller),
        "buyer": _buyer(snapshot.buyer),
        "facts": [row.content() for row in _facts(snapshot)],
        "subject": snapshot.subject,
        "lines": [_line(line, snapshot) for line in snapshot.lines],
        "totals": [row.content() for row in _totals(snapshot)],
        "payment": _payment(payment),
        "notes": _notes(snapshot),
        "legal": _legal(snapshot.seller),
    }


def in_figures(day: date) -> str:
    return day.strftime("%d/%m/%Y")


def amount_text(money: Money) -> str:
    """Return the amount with a real minus sign, as wide as the digits beside it."""
    return money.in_french().replace("-", _MINUS)


def quantity_text(thousandths: int, unit: str) -> str:
    """Return "2,5 h": no zero that says nothing, thousands grouped, the unit never left alone."""
    units, rest = divmod(abs(thousandths), 1000)
    decimals = f",{rest:03d}".rstrip("0") if rest else ""
    sign = _MINUS if thousandths < 0 else ""
    figures = f"{sign}{units:,}".replace(",", NARROW_SPACE) + decimals
    return f"{figures}{NO_BREAK_SPACE}{unit}" if unit else figures


def rate_text(basis_points: int) -> str:
    return VatRate(basis_points).label.replace(" ", NO_BREAK_SPACE)


def siren_text(siren: str) -> str:
    """Group the nine figures by three, as the register writes them."""
    return NO_BREAK_SPACE.join(siren[index : index + 3] for index in range(0, len(siren), 3))


def _money(minor: int, snapshot: Snapshot) -> Money:
    return Money(minor, Currency(snapshot.currency))


def _seller(seller: Seller) -> Content:
    legal = seller.legal_name if seller.legal_name != seller.name else ""
    town = f"{seller.postal_code} {seller.city}"
    return {
        "name": seller.name,
        "details": [text for text in (legal, seller.street, town) if text.strip()],
        "contacts": [text for text in (seller.phone, seller.email) if text],
    }


def _buyer(buyer: Buyer) -> Content:
    town = f"{buyer.postal_code} {buyer.city}".strip()
    return {
        "name": buyer.name,
        "details": [text for text in (buyer.street, town) if text],
        "siren": f"SIREN {siren_text(buyer.siren)}" if buyer.siren else "",
    }


def _facts(snapshot: Snapshot) -> list[Row]:
    dates = [
        ("Date", snapshot.issued_on),
        ("Date de la prestation", snapshot.supply_on),
        ("Échéance", snapshot.due_on),
        ("Valable jusqu’au", snapshot.valid_until),
    ]
    rows = [Row(label, in_figures(found)) for label, text in dates if (found := day(text))]
    if snapshot.kind == "credit_note":
        rows += [
            Row("Annule la facture", f"{item.number} du {_day_text(item.issued_on)}")
            for item in snapshot.earlier
        ]
    if snapshot.buyer.code:
        rows.append(Row("Référence client", snapshot.buyer.code))
    return rows


def _day_text(text: str) -> str:
    found = day(text)
    return in_figures(found) if found else ""


def _line(line: SnapshotLine, snapshot: Snapshot) -> Content:
    return {
        "label": line.label,
        "quantity": quantity_text(line.quantity_thousandths, line.unit),
        "unit_price": amount_text(_money(line.unit_price_minor, snapshot)),
        "rate": rate_text(line.rate_basis_points),
        "amount": amount_text(_money(line.net_minor, snapshot)),
    }


def _totals(snapshot: Snapshot) -> list[Row]:
    rows = [Row("Total HT", amount_text(_money(snapshot.net_minor, snapshot)))]
    for group in snapshot.vat:
        base = amount_text(_money(group.base_minor, snapshot))
        rows.append(
            Row(
                f"TVA {rate_text(group.rate_basis_points)}",
                amount_text(_money(group.vat_minor, snapshot)),
                detail=f"sur {base}",
            )
        )
    gross = amount_text(_money(snapshot.gross_minor, snapshot))
    match snapshot.kind:
        case "quote":
            return [*rows, Row("Total TTC", gross, style="due"), *_deposit_asked(snapshot)]
        case "credit_note":
            return [*rows, Row("Montant de l’avoir TTC", gross, style="due")]
        case _:
            return [*rows, Row("Total TTC", gross, style="strong"), *_remaining(snapshot)]


def _deposit_asked(snapshot: Snapshot) -> list[Row]:
    if not snapshot.deposit_minor:
        return []
    units, rest = divmod(snapshot.deposit_basis_points, 100)
    share = f"{units},{rest:02d}".rstrip("0") if rest else str(units)
    return [
        Row(
            "Acompte à la commande",
            amount_text(_money(snapshot.deposit_minor, snapshot)),
            detail=f"{share}{NO_BREAK_SPACE}% du total",
            style="taken",
        )
    ]


def _remaining(snapshot: Snapshot) -> list[Row]:
    """List what was taken off already, then what remains to pay."""
    taken = snapshot.earlier if snapshot.kind == "final" else ()
    rows = [_deposit_taken(item, snapshot) for item in taken]
    to_pay = snapshot.to_pay_minor
    paid = snapshot.gross_minor - sum(item.gross_minor for item in taken) - to_pay
    if paid:
        rows.append(Row("Déjà réglé", amount_text(-_money(paid, snapshot))))
    return [*rows, Row("Reste à payer", amount_text(_money(to_pay, snapshot)), style="due")]


def _deposit_taken(item: Earlier, snapshot: Snapshot) -> Row:
    vat = sum(group.vat_minor for group in item.vat)
    return Row(
        f"Acompte {item.number}",
        amount_text(-_money(item.gross_minor, snapshot)),
        detail=f"du {_day_text(item.issued_on)}, dont TVA {amount_text(_money(vat, snapshot))}",
        style="taken",
    )


def _payment(payment: PaymentBlock | None) -> Content | None:
    if payment is None:
        return None
    reference = payment.creditor_reference.replace(" ", "")
    return {
        "amount": amount_text(payment.amount),
        "address": payment.link_url,
        "holder": payment.holder_name,
        "iban": payment.iban_grouped.replace(" ", NO_BREAK_SPACE),
        "reference": NO_BREAK_SPACE.join(
            reference[index : index + 4] for index in range(0, len(reference), 4)
        ),
    }


def _notes(snapshot: Snapshot) -> list[str]:
    seller = snapshot.seller
    notes = list(snapshot.notes)
    if seller.insurance:
        notes.append(f"Assurance professionnelle{_COLON} {seller.insurance}")
    if seller.mediator and not snapshot.buyer.is_professional:
        notes.append(f"Médiateur de la consommation{_COLON} {seller.mediator}")
    return notes


def _legal(seller: Seller) -> str:
    """Return who the seller is before the law (C. com. R123-237, CGI ann. II 242 nonies A)."""
    siren = siren_text(seller.siren)
    register = f"RCS {seller.trade_register_city} {siren}" if seller.trade_register_city else ""
    form = " ".join(
        filter(
            None, (seller.legal_form, f"au capital de {seller.capital}" if seller.capital else "")
        )
    )
    parts = [
        seller.legal_name or seller.name,
        form,
        register or (f"SIREN {siren}" if siren else ""),
        f"TVA{NO_BREAK_SPACE}{seller.vat_number}" if seller.vat_number else "",
    ]
    return " · ".join(part for part in parts if part)
