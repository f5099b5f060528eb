"""Snapshots to print, and the text of a printed page."""

import io
import re
from dataclasses import replace

import pikepdf

from encaisse.invoicing.core.amounts import Line, VatRate, part_of, totals_of
from encaisse.invoicing.core.snapshot import (
    Buyer,
    Earlier,
    Seller,
    Snapshot,
    lines_to_snapshot,
    totals_to_snapshot,
)
from encaisse.invoicing.rendering import PaymentBlock
from encaisse.kernel.money import Money

SELLER = Seller(
    name="Plomberie Martin",
    legal_name="Martin Plomberie Chauffage",
    legal_form="SARL",
    capital="5\u202f000,00\u00a0€",
    siren="123456782",
    vat_number="FR32123456782",
    trade_register_city="Nantes",
    street="12 rue du Lavoir",
    postal_code="44000",
    city="Nantes",
    email="contact@plomberie.example",
    phone="02 40 12 34 56",
    insurance="MAAF, décennale 44-1234567, France métropolitaine",
    mediator="CM2C, 75008 Paris, cm2c.example",
    colour="#0b6e4f",
)
BUYER = Buyer(
    name="Camille Leroy",
    code="C0042",
    siren="",
    is_professional=False,
    street="3 allée des Tilleuls",
    postal_code="44300",
    city="Nantes",
)
LINES = (
    Line("Dépose de l’ancien ballon", 1000, "forfait", Money(12_000), VatRate.INTERMEDIATE),
    Line("Main-d’œuvre", 6500, "h", Money(5_200), VatRate.INTERMEDIATE),
    Line("Tube cuivre 22 mm", 12_250, "m", Money(1_490), VatRate.NORMAL),
)
PAYMENT = PaymentBlock(
    link_url="https://payer.example/p/Qm9uam91ciBsZSBtb25k",
    iban_grouped="FR76 3000 4000 0312 3456 7890 143",
    holder_name="MARTIN PLOMBERIE CHAUFFAGE",
    creditor_reference="RF18539007547034",
    amount=Money(53_119),
)
NUMBERS = {"quote": "D-18", "deposit": "FA-7", "final": "F-31", "credit_note": "A-2"}


def snapshot(kind: str = "final", lines: tuple[Line, ...] = LINES, **values: object) -> Snapshot:
    totals = totals_of(lines)
    deposit = part_of(totals, totals.gross.share(3000))
    earlier = {
        "final": (Earlier("FA-7", "2026-11-03", deposit.gross.minor, totals_to_snapshot(deposit)),),
        "credit_note": (
            Earlier("F-31", "2026-11-10", totals.gross.minor, totals_to_snapshot(totals)),
        ),
    }.get(kind, ())
    made = Snapshot(
        kind=kind,
        number=NUMBERS[kind],
        issued_on="2026-11-23",
        due_on="2026-12-23" if kind == "final" else "",
        supply_on="2026-11-20" if kind == "final" else "",
        valid_until="2027-01-23" if kind == "quote" else "",
        subject="Remplacement d’un ballon",
        seller=SELLER,
        buyer=BUYER,
        lines=lines_to_snapshot(lines),
        vat=totals_to_snapshot(totals),
        net_minor=totals.net.minor,
        vat_minor=totals.vat.minor,
        gross_minor=totals.gross.minor,
        earlier=earlier,
        to_pay_minor=totals.gross.minor - (deposit.gross.minor if kind == "final" else 0),
        deposit_minor=deposit.gross.minor if kind == "quote" else 0,
        deposit_basis_points=3000 if kind == "quote" else 0,
        agreement_place="distance",
        is_vat_on_debits=False,
        notes=("Pas d’escompte pour paiement anticipé.",),
    )
    return replace(made, **values)


def page_texts(pdf: bytes) -> list[str]:
    """Return what each page says, read through the fonts' own maps as a copy or a search does."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return [_page_text(page) for page in document.pages]


def _page_text(page: pikepdf.Page) -> str:
    fonts = {name: _unicode_map(font) for name, font in page.Resources.Font.items()}
    text, current = [], {}
    for operands, operator in pikepdf.parse_content_stream(page):
        match str(operator):
            case "Tf":
                current = fonts[str(operands[0])]
            case "Tj" | "TJ":
                shown = operands[0] if str(operator) == "TJ" else operands
                codes = b"".join(bytes(part) for part in shown if isinstance(part, pikepdf.String))
                text += [current.get(codes[i : i + 2], "") for i in range(0, len(codes), 2)]
            case "ET":
                text.append("\n")
    return "".join(text)


def _unicode_map(font: pikepdf.Object) -> dict[bytes, str]:
    """Read a font's ToUnicode map, as the typesetter writes it."""
    source = font.ToUnicode.read_bytes().decode("latin-1")
    found = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", source, re.DOTALL):
        for code, text in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            found[bytes.fromhex(code)] = bytes.fromhex(text).decode("utf-16-be")
    return found
