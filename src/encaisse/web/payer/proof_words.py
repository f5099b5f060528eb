"""
Every sentence of the public page of proofs, in French and in English.

One typed object per language: a sentence missing in one of them does not type-check.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from encaisse.kernel.language import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofWords:
    """The sentences of one language. `{}` fields are filled by `proofs_told`."""

    title: str
    intro: str
    measured: str
    over: str
    missing: str
    tls_title: str
    tls_note: str
    tls_see: str
    tls_again: str
    statuses: Mapping[str, str]
    cards_title: str
    cards_value: str
    cards_note: str
    cards_when: str
    cards_over: str
    cards_see: str
    restore_title: str
    restore_value: str
    restore_note: str
    funds_title: str
    same_day: str
    one_day: str
    some_days: str
    funds_note: str
    funds_when: str
    funds_table: str
    funds_delay: str
    funds_share: str


FRENCH = ProofWords(
    title="Des preuves",
    intro="Ce que {firm} peut prouver de la façon dont votre argent est traité : chaque "
    "chiffre est mesuré, daté, et se vérifie.",
    measured="Mesuré le {day}.",
    over="Périmé : mesuré le {day}, trop vieux pour compter aujourd’hui.",
    missing="Pas encore mesuré.",
    tls_title="Chiffrement de ce site",
    tls_note="De A+ à F : ce qu’un inconnu voit de {address}, du certificat aux en-têtes.",
    tls_see="Ce qui a été vérifié, point par point",
    tls_again="À refaire soi-même : encaisse check --public {address}",
    statuses={"ok": "bon", "warn": "à améliorer", "fail": "à réparer"},
    cards_title="Cartes bancaires",
    cards_value="Attestation PCI DSS",
    cards_note="Votre numéro de carte est saisi chez {provider}, jamais ici. PCI DSS est la "
    "norme de sécurité des cartes.",
    cards_when="Attesté le {day}, valable jusqu’au {until}.",
    cards_over="Périmé : l’attestation a pris fin le {until}.",
    cards_see="Lire l’attestation chez le prestataire",
    restore_title="Sauvegardes essayées",
    restore_value="Restaurées en {seconds} s",
    restore_note="Une sauvegarde n’en est une que si on a su la relire : celle-ci a été "
    "remise en place à côté, puis comparée à l’original ligne par ligne. Rien ne manquait.",
    funds_title="Du paiement au compte en banque",
    same_day="le jour même",
    one_day="1 jour",
    some_days="{days} jours",
    funds_note="La moitié des paiements arrive au plus tard dans ce délai sur le compte de "
    "{firm}. La banque donne un jour, pas une heure.",
    funds_when="Mesuré du {first} au {last}.",
    funds_table="Tous les délais",
    funds_delay="Délai",
    funds_share="Part des paiements",
)

ENGLISH = ProofWords(
    title="Proofs",
    intro="What {firm} can prove of how your money is handled: each figure is measured, "
    "dated, and can be checked.",
    measured="Measured on {day}.",
    over="Out of date: measured on {day}, too old to count today.",
    missing="Not measured yet.",
    tls_title="Encryption of this site",
    tls_note="From A+ to F: what a stranger sees of {address}, from the certificate to the "
    "headers.",
    tls_see="What was checked, one by one",
    tls_again="To do it again: encaisse check --public {address}",
    statuses={"ok": "good", "warn": "could be better", "fail": "to repair"},
    cards_title="Cards",
    cards_value="PCI DSS attestation",
    cards_note="Your card number is typed at {provider}, never here. PCI DSS is the security "
    "standard of cards.",
    cards_when="Attested on {day}, valid until {until}.",
    cards_over="Out of date: the attestation ended on {until}.",
    cards_see="Read the attestation at the provider’s",
    restore_title="Backups put to the test",
    restore_value="Restored in {seconds} s",
    restore_note="A backup is one only if it can be read again: this one was put back beside "
    "the original, then compared with it row by row. Nothing was missing.",
    funds_title="From the payment to the bank account",
    same_day="the same day",
    one_day="1 day",
    some_days="{days} days",
    funds_note="Half of the payments reach the account of {firm} within this delay. The bank "
    "gives a day, not an hour.",
    funds_when="Measured from {first} to {last}.",
    funds_table="All delays",
    funds_delay="Delay",
    funds_share="Share of payments",
)


def proof_words(language: Language) -> ProofWords:
    """Return the sentences of a language."""
    return ENGLISH if language is Language.ENGLISH else FRENCH
