"""
Every sentence a document prints by itself, in French and in English.

One typed object per language: a sentence missing in one of them does not type-check.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from encaisse.kernel.language import Language
from encaisse.kernel.money import NARROW_SPACE

_COLON = f"{NARROW_SPACE}:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The sentences of one language. `{}` fields are filled by the document."""

    language: Language
    region: str
    translated: str  # what a document that is not the original says of itself
    titles: Mapping[str, str]
    file_names: Mapping[str, str]
    issued_on: str
    supply_on: str
    due_on: str
    valid_until: str
    cancels: str
    cancelled: str
    customer_code: str
    label: str
    quantity: str
    unit_price: str
    rate: str
    line_amount: str
    lump_sum: str
    net: str
    vat: str
    vat_base: str
    gross: str
    credited: str
    deposit_asked: str
    deposit_share: str
    deposit_taken: str
    deposit_detail: str
    paid: str
    to_pay: str
    web_code: str
    online: str
    online_advice: str
    transfer_code: str
    transfer: str
    copy_advice: str
    scan_advice: str
    holder: str
    iban: str
    reference: str
    insurance: str
    mediator: str
    siren: str
    register: str
    vat_number: str
    page: str

    def of_the_page(self) -> dict[str, str]:
        """Return the sentences the template places by itself."""
        names = (
            "translated", "label", "quantity", "unit_price", "rate", "line_amount", "web_code",
            "online", "online_advice", "transfer_code", "transfer", "copy_advice", "scan_advice",
            "holder", "iban", "reference", "page",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names}


FRENCH = Words(
    language=Language.FRENCH,
    region="FR",
    translated="",
    titles={
        "quote": "Devis",
        "deposit": "Facture d’acompte",
        "final": "Facture",
        "credit_note": "Avoir",
    },
    file_names={
        "quote": "{number}.pdf",
        "deposit": "{number}.pdf",
        "final": "{number}.pdf",
        "credit_note": "{number}.pdf",
    },
    issued_on="Date",
    supply_on="Date de la prestation",
    due_on="Échéance",
    valid_until="Valable jusqu’au",
    cancels="Annule la facture",
    cancelled="{number} du {day}",
    customer_code="Référence client",
    label="Désignation",
    quantity="Quantité",
    unit_price="Prix unitaire HT",
    rate="TVA",
    line_amount="Montant HT",
    lump_sum="forfait",
    net="Total HT",
    vat="TVA {rate}",
    vat_base="sur {base}",
    gross="Total TTC",
    credited="Montant de l’avoir TTC",
    deposit_asked="Acompte à la commande",
    deposit_share="{rate} du total",
    deposit_taken="Acompte {number}",
    deposit_detail="du {day}, dont TVA {vat}",
    paid="Déjà réglé",
    to_pay="Reste à payer",
    web_code="Code QR de la page de paiement",
    online="Payer en ligne",
    online_advice="Scannez ce code avec votre téléphone, ou ouvrez cette adresse.",
    transfer_code="Code QR du virement, à scanner depuis l’application de votre banque",
    transfer="Payer par virement",
    copy_advice="Recopiez l’IBAN et la référence ci-dessous.",
    scan_advice=f"Scannez ce code depuis l’application de votre banque, ou recopiez{_COLON}",
    holder="Titulaire",
    iban="IBAN",
    reference="Référence",
    insurance=f"Assurance professionnelle{_COLON} {{insurance}}",
    mediator=f"Médiateur de la consommation{_COLON} {{mediator}}",
    siren="SIREN {siren}",
    register="RCS {city} {siren}",
    vat_number="TVA\N{NO-BREAK SPACE}{number}",
    page="Page",
)

# What French law names is followed by its French name: a controller finds it without English.
ENGLISH = Words(
    language=Language.ENGLISH,
    region="GB",
    translated="English translation. The original is the French document of the same number.",
    titles={
        "quote": "Quote",
        "deposit": "Deposit invoice",
        "final": "Invoice",
        "credit_note": "Credit note",
    },
    file_names={
        "quote": "Quote-{number}.pdf",
        "deposit": "Deposit-invoice-{number}.pdf",
        "final": "Invoice-{number}.pdf",
        "credit_note": "Credit-note-{number}.pdf",
    },
    issued_on="Issued on",
    supply_on="Work done on",
    due_on="Due on",
    valid_until="Valid until",
    cancels="Cancels invoice",
    cancelled="{number} of {day}",
    customer_code="Customer reference",
    label="Description",
    quantity="Quantity",
    unit_price="Unit price before VAT",
    rate="VAT",
    line_amount="Amount before VAT",
    lump_sum="lump sum",
    net="Total before VAT",
    vat="VAT {rate}",
    vat_base="on {base}",
    gross="Total with VAT",
    credited="Amount credited with VAT",
    deposit_asked="Deposit on acceptance",
    deposit_share="{rate} of the total",
    deposit_taken="Deposit {number}",
    deposit_detail="of {day}, incl. {vat} VAT",
    paid="Already paid",
    to_pay="Amount due",
    web_code="QR code of the payment page",
    online="Pay online",
    online_advice="Scan this code with your phone, or open this address.",
    transfer_code="QR code of the transfer, to scan from your bank’s application",
    transfer="Pay by transfer",
    copy_advice="Copy the IBAN and the reference below.",
    scan_advice="Scan this code from your bank’s application, or copy:",
    holder="Beneficiary",
    iban="IBAN",
    reference="Reference",
    insurance="Professional insurance (assurance professionnelle): {insurance}",
    mediator="Consumer mediator (médiateur de la consommation): {mediator}",
    siren="SIREN {siren}",
    register="RCS {city} {siren}",
    vat_number="VAT\N{NO-BREAK SPACE}{number}",
    page="Page",
)


def words_in(language: Language) -> Words:
    return ENGLISH if language is Language.ENGLISH else FRENCH
