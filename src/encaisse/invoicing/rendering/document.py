"""What a document prints, as texts ready to be typeset. Pure: no layout, no clock."""

from dataclasses import dataclass

from encaisse.invoicing.core.notes import translation_of
from encaisse.invoicing.core.snapshot import Buyer, Earlier, Seller, Snapshot, SnapshotLine, day
from encaisse.invoicing.rendering.words import Words
from encaisse.kernel.language import Language
from encaisse.kernel.money import NO_BREAK_SPACE, Currency, Money
from encaisse.kernel.sentences import read_in
from encaisse.organizations.core import readable_on

Content = dict[str, object]
_PAPER = "#ffffff"
_MINUS = "\N{MINUS SIGN}"


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


def document_content(snapshot: Snapshot, payment: PaymentBlock | None, words: Words) -> Content:
    """Return every text of the document; what people typed is never translated."""
    title = words.titles[snapshot.kind]
    return {
        "language": words.language.value,
        "region": words.region,
        "words": words.of_the_page(),
        "title": title,
        "number": snapshot.number,
        "name": " ".join(filter(None, (title, snapshot.number, "–", snapshot.seller.name))),
        "accent": readable_on(snapshot.seller.colour, _PAPER),
        "seller": _seller(snapshot.seller),
        "buyer": _buyer(snapshot.buyer, words),
        "facts": [row.content() for row in _facts(snapshot, words)],
        "subject": read_in(words.language, snapshot.subject),
        "lines": [_line(line, snapshot, words) for line in snapshot.lines],
        "totals": [row.content() for row in _totals(snapshot, words)],
        "payment": _payment(payment, words.language),
        "notes": _notes(snapshot, words),
        "legal": _legal(snapshot.seller, words),
    }


def amount_text(money: Money, language: Language) -> str:
    """Return the amount with a real minus sign, as wide as the digits beside it."""
    return language.amount(money).replace("-", _MINUS)


def quantity_text(thousandths: int, unit: str, language: Language) -> str:
    """Return "2,5 h": the unit never left alone."""
    sign = _MINUS if thousandths < 0 else ""
    figures = sign + language.quantity(abs(thousandths))
    return f"{figures}{NO_BREAK_SPACE}{unit}" if unit else figures


def siren_text(siren: str) -> str:
    """Group the nine figures by three, as the register writes them."""
    return NO_BREAK_SPACE.join(siren[index : index + 3] for index in range(0, len(siren), 3))


def _amount(minor: int, snapshot: Snapshot, language: Language) -> str:
    return amount_text(Money(minor, Currency(snapshot.currency)), language)


def _seller(seller: Seller) -> Content:
    legal = seller.legal_name if seller.legal_name != seller.name else ""
    town = f"{seller.postal_code} {seller.city}"
    return {
        "name": seller.name,
        "details": [text for text in (legal, seller.street, town) if text.strip()],
        "contacts": [text for text in (seller.phone, seller.email) if text],
    }


def _buyer(buyer: Buyer, words: Words) -> Content:
    town = f"{buyer.postal_code} {buyer.city}".strip()
    return {
        "name": buyer.name,
        "details": [text for text in (buyer.street, town) if text],
        "siren": words.siren.format(siren=siren_text(buyer.siren)) if buyer.siren else "",
    }


def _facts(snapshot: Snapshot, words: Words) -> list[Row]:
    dates = [
        (words.issued_on, snapshot.issued_on),
        (words.supply_on, snapshot.supply_on),
        (words.due_on, snapshot.due_on),
        (words.valid_until, snapshot.valid_until),
    ]
    rows = [Row(label, found) for label, text in dates if (found := _day_text(text, words))]
    if snapshot.kind == "credit_note":
        rows += [
            Row(
                words.cancels,
                words.cancelled.format(number=item.number, day=_day_text(item.issued_on, words)),
            )
            for item in snapshot.earlier
        ]
    if snapshot.buyer.code:
        rows.append(Row(words.customer_code, snapshot.buyer.code))
    return rows


def _day_text(text: str, words: Words) -> str:
    found = day(text)
    return words.language.day(found) if found else ""


def _line(line: SnapshotLine, snapshot: Snapshot, words: Words) -> Content:
    language = words.language
    label = read_in(language, line.label)
    # Of a line that is ours, the unit is ours too.
    unit = line.unit if label == line.label else words.lump_sum
    return {
        "label": label,
        "quantity": quantity_text(line.quantity_thousandths, unit, language),
        "unit_price": _amount(line.unit_price_minor, snapshot, language),
        "rate": language.rate(line.rate_basis_points),
        "amount": _amount(line.net_minor, snapshot, language),
    }


def _totals(snapshot: Snapshot, words: Words) -> list[Row]:
    language = words.language
    rows = [Row(words.net, _amount(snapshot.net_minor, snapshot, language))]
    rows += [
        Row(
            words.vat.format(rate=language.rate(group.rate_basis_points)),
            _amount(group.vat_minor, snapshot, language),
            detail=words.vat_base.format(base=_amount(group.base_minor, snapshot, language)),
        )
        for group in snapshot.vat
    ]
    gross = _amount(snapshot.gross_minor, snapshot, language)
    match snapshot.kind:
        case "quote":
            return [*rows, Row(words.gross, gross, style="due"), *_deposit_asked(snapshot, words)]
        case "credit_note":
            return [*rows, Row(words.credited, gross, style="due")]
        case _:
            return [*rows, Row(words.gross, gross, style="strong"), *_remaining(snapshot, words)]


def _deposit_asked(snapshot: Snapshot, words: Words) -> list[Row]:
    if not snapshot.deposit_minor:
        return []
    share = words.language.rate(snapshot.deposit_basis_points)
    return [
        Row(
            words.deposit_asked,
            _amount(snapshot.deposit_minor, snapshot, words.language),
            detail=words.deposit_share.format(rate=share),
            style="taken",
        )
    ]


def _remaining(snapshot: Snapshot, words: Words) -> list[Row]:
    """List what was taken off already, then what remains to pay."""
    taken = snapshot.earlier if snapshot.kind == "final" else ()
    rows = [_deposit_taken(item, snapshot, words) for item in taken]
    to_pay = snapshot.to_pay_minor
    paid = snapshot.gross_minor - sum(item.gross_minor for item in taken) - to_pay
    if paid:
        rows.append(Row(words.paid, _amount(-paid, snapshot, words.language)))
    return [*rows, Row(words.to_pay, _amount(to_pay, snapshot, words.language), style="due")]


def _deposit_taken(item: Earlier, snapshot: Snapshot, words: Words) -> Row:
    vat = sum(group.vat_minor for group in item.vat)
    return Row(
        words.deposit_taken.format(number=item.number),
        _amount(-item.gross_minor, snapshot, words.language),
        detail=words.deposit_detail.format(
            day=_day_text(item.issued_on, words), vat=_amount(vat, snapshot, words.language)
        ),
        style="taken",
    )


def _payment(payment: PaymentBlock | None, language: Language) -> Content | None:
    if payment is None:
        return None
    reference = payment.creditor_reference.replace(" ", "")
    return {
        "amount": amount_text(payment.amount, language),
        "address": payment.link_url,
        "holder": payment.holder_name,
        "iban": payment.iban_grouped.replace(" ", NO_BREAK_SPACE),
        "reference": NO_BREAK_SPACE.join(
            reference[index : index + 4] for index in range(0, len(reference), 4)
        ),
    }


def _notes(snapshot: Snapshot, words: Words) -> list[Content]:
    """List what the law wants said: its French sentence stays, a translation comes before it."""
    seller = snapshot.seller
    translated = words.language is not Language.FRENCH
    notes: list[Content] = [
        {"text": translation_of(note) if translated else "", "french": note}
        for note in snapshot.notes
    ]
    if seller.insurance:
        notes.append(_said(words.insurance.format(insurance=seller.insurance)))
    if seller.mediator and not snapshot.buyer.is_professional:
        notes.append(_said(words.mediator.format(mediator=seller.mediator)))
    return notes


def _said(text: str) -> Content:
    return {"text": text, "french": ""}


def _legal(seller: Seller, words: Words) -> str:
    """Return who the seller is before the law (C. com. R123-237, CGI ann. II 242 nonies A)."""
    parts = [
        seller.legal_name or seller.name,
        _form(seller),
        _register(seller, words),
        words.vat_number.format(number=seller.vat_number) if seller.vat_number else "",
    ]
    return " · ".join(part for part in parts if part)


def _register(seller: Seller, words: Words) -> str:
    siren, city = siren_text(seller.siren), seller.trade_register_city
    if city:
        return words.register.format(city=city, siren=siren)
    return words.siren.format(siren=siren) if siren else ""


def _form(seller: Seller) -> str:
    """Return what the French register calls the firm: nobody finds it there translated."""
    capital = f"au capital de {seller.capital}" if seller.capital else ""
    return " ".join(filter(None, (seller.legal_form, capital)))
