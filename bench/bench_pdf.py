"""
PDFs a second, and how long one takes: an invoice of four lines, without and with its payment codes.

Every document is different, as in life: nothing is served from a cache.
"""

import statistics
import time
from collections.abc import Callable

from encaisse.invoicing.core.amounts import Line, VatRate, totals_of
from encaisse.invoicing.core.snapshot import (
    Buyer,
    Seller,
    Snapshot,
    lines_to_snapshot,
    totals_to_snapshot,
)
from encaisse.invoicing.rendering import PaymentBlock, render_document
from encaisse.kernel.money import Money

DOCUMENTS = 300
LINES = (
    Line("Dépose de l’ancien ballon", 1000, "forfait", Money(12_000), VatRate.INTERMEDIATE),
    Line("Ballon thermodynamique 200 litres", 1000, "u", Money(145_000), VatRate.REDUCED),
    Line("Main-d’œuvre", 6500, "h", Money(5_200), VatRate.INTERMEDIATE),
    Line("Tube cuivre 22 mm", 12_250, "m", Money(1_490), VatRate.NORMAL),
)


def invoice(number: int) -> Snapshot:
    totals = totals_of(LINES)
    seller = Seller(
        "Plomberie Martin", "Martin Chauffage", "SARL", "5 000,00 €", "123456782",
        "FR32123456782", "Nantes", "12 rue du Lavoir", "44000", "Nantes",
        "contact@plomberie.example", "02 40 12 34 56", "MAAF 44-1234567", "CM2C", "#0b6e4f",
    )  # fmt: skip
    return Snapshot(
        kind="final", number=f"F-2026-{number:04d}", issued_on="2026-11-23",
        due_on="2026-12-23", supply_on="2026-11-20", valid_until="", subject="Ballon d’eau chaude",
        seller=seller,
        buyer=Buyer(f"Client {number}", f"C{number}", "", False, "3 rue du Lac", "44300", "Nantes"),
        lines=lines_to_snapshot(LINES), vat=totals_to_snapshot(totals),
        net_minor=totals.net.minor, vat_minor=totals.vat.minor, gross_minor=totals.gross.minor,
        earlier=(), to_pay_minor=totals.gross.minor, deposit_minor=0, deposit_basis_points=0,
        agreement_place="distance", is_vat_on_debits=False,
        notes=("Pas d’escompte pour paiement anticipé.",),
    )  # fmt: skip


def with_codes(number: int) -> bytes:
    document = invoice(number)
    payment = PaymentBlock(
        link_url=f"https://payer.example/p/Qm9uam91ciBsZSBt{number:06d}",
        iban_grouped="FR76 3000 4000 0312 3456 7890 143",
        holder_name="MARTIN CHAUFFAGE",
        creditor_reference="RF18539007547034",
        amount=Money(document.to_pay_minor + number),
    )
    return render_document(document, payment=payment)


def without_codes(number: int) -> bytes:
    return render_document(invoice(number), payment=None)


def measure(label: str, make: Callable[[int], bytes]) -> None:
    make(0)
    seconds = []
    for number in range(1, DOCUMENTS + 1):
        start = time.perf_counter()
        assert make(number).startswith(b"%PDF-")
        seconds.append(time.perf_counter() - start)
    centiles = statistics.quantiles(seconds, n=100)
    print(
        f"{label}: {DOCUMENTS / sum(seconds):.0f} PDFs/s,"
        f" p50 {centiles[49] * 1000:.1f} ms, p95 {centiles[94] * 1000:.1f} ms"
    )


if __name__ == "__main__":
    measure("invoice, one thread", without_codes)
    measure("invoice with its payment codes, one thread", with_codes)
