"""What the law asks a document to print, each sentence with its source. Pure."""

from collections.abc import Iterator, Mapping
from datetime import date

from encaisse.invoicing.core.law import Rule

RECOVERY_INDEMNITY = Rule(
    id="recovery_indemnity_40",
    source="Code de commerce, art. L441-10 II et D441-5",
    valid_from=date(2013, 1, 1),
)
LATE_PENALTIES = Rule(
    id="late_penalties", source="Code de commerce, art. L441-10 II", valid_from=date(2019, 4, 26)
)
NO_DISCOUNT = Rule(
    id="early_payment_discount",
    source="Code de commerce, art. L441-9",
    valid_from=date(2019, 10, 1),
)
DEPOSIT_WORD = Rule(
    id="deposit_is_not_earnest_money",
    source="Code de la consommation, art. L214-1",
    valid_from=date(2016, 7, 1),
)
VAT_ON_DEBITS = Rule(
    id="vat_on_debits",
    source="Code général des impôts, ann. II, art. 242 nonies A",
    valid_from=date(2022, 10, 9),
)
VAT_FRANCHISE = Rule(
    id="vat_franchise",
    # The article moves to another code on 2027-01-01 (ordonnance 2025-1247): its words will then
    # be a rule of their own.
    source="Code général des impôts, art. 293 B et 293 E ; ann. II, art. 242 nonies A",
    valid_from=date(1999, 1, 1),
)
NO_VAT = "TVA non applicable, art. 293 B du CGI"

_LATE_PENALTIES_SENTENCE = (
    "Pénalités de retard : taux de refinancement de la Banque centrale européenne majoré de 10 "
    "points, exigibles sans rappel dès le lendemain de l’échéance."
)
_DEPOSIT_SENTENCE = (
    "La somme demandée à l’acceptation est un acompte, déduit ensuite de la facture."
)
_DEBITS_SENTENCE = "Option pour le paiement de la taxe d’après les débits."
_INDEMNITY_SENTENCE = (
    "Indemnité forfaitaire pour frais de recouvrement en cas de retard de paiement : 40 €."
)
_DISCOUNT_SENTENCE = "Pas d’escompte pour paiement anticipé."
_ENGLISH: Mapping[str, str] = {
    NO_VAT: "VAT not applicable, article 293 B of the French tax code",
    _LATE_PENALTIES_SENTENCE: "Late payment penalties: refinancing rate of the European Central "
    "Bank plus 10 points, due without reminder from the day after the due date.",
    _DEPOSIT_SENTENCE: "The amount asked on acceptance is a deposit, taken off the invoice "
    "afterwards.",
    _DEBITS_SENTENCE: "Option for paying VAT when invoices are issued.",
    _INDEMNITY_SENTENCE: "Fixed compensation for recovery costs in case of late payment: €40.",
    _DISCOUNT_SENTENCE: "No discount for early payment.",
}


def notes_of(
    *,
    kind: str,
    issued_on: date,
    is_professional: bool,
    is_vat_on_debits: bool,
    is_vat_franchise: bool,
    has_deposit: bool,
) -> tuple[str, ...]:
    """Return the sentences a document of this kind prints on that day."""
    found = [(VAT_FRANCHISE, NO_VAT)] if is_vat_franchise else []
    found += _all_notes(
        kind,
        is_professional=is_professional,
        is_vat_on_debits=is_vat_on_debits,
        has_deposit=has_deposit,
    )
    return tuple(sentence for rule, sentence in found if rule.applies_on(issued_on))


def _all_notes(
    kind: str, *, is_professional: bool, is_vat_on_debits: bool, has_deposit: bool
) -> Iterator[tuple[Rule, str]]:
    if kind == "quote" and has_deposit:
        yield (
            DEPOSIT_WORD,
            _DEPOSIT_SENTENCE,
        )
    if is_vat_on_debits and kind != "quote":
        yield VAT_ON_DEBITS, _DEBITS_SENTENCE
    if is_professional and kind != "credit_note":
        yield (
            LATE_PENALTIES,
            _LATE_PENALTIES_SENTENCE,
        )
        yield (
            RECOVERY_INDEMNITY,
            _INDEMNITY_SENTENCE,
        )
        yield NO_DISCOUNT, _DISCOUNT_SENTENCE


def translation_of(sentence: str) -> str:
    """Say a sentence of ours in English; the French one is what the law reads. Empty if unknown."""
    return _ENGLISH.get(sentence, "")
