"""What the journal keeps of an action, in words: its facts as somebody at work reads them."""

from collections.abc import Mapping
from typing import Any

from encaisse.identity.proofs import PROOF_WORDS
from encaisse.kit.places import country_words
from encaisse.organizations.core import PERMISSION_WORDS, ROLE_WORDS
from encaisse.organizations.signed import PRESET_WORDS
from encaisse.risk.presets import Level
from encaisse.web import french

_NAMES: Mapping[str, str] = {
    "account": "compte", "addresses": "adresses", "after": "après", "amount_minor": "montant",
    "before": "avant", "changed": "changé", "code": "code", "country": "pays", "detail": "détail",
    "dispute": "contestation", "email": "adresse", "failure": "échec", "field": "champ",
    "former": "auparavant", "four_eyes": "deux personnes pour", "iban": "IBAN",
    "is_collecting": "reçoit les paiements",
    "keys": "clés fermées", "kind": "genre", "level": "preuves demandées", "lines": "lignes",
    "name": "nom", "new_device": "nouvel appareil", "new_lines": "nouvelles lignes",
    "number": "numéro", "overlap_days": "jours ensemble", "photos": "photos", "preset": "vigilance",
    "proofs": "preuves", "provider": "prestataire", "provider_id": "référence du prestataire",
    "reason": "raison", "recovery": "récupération", "reference": "référence",
    "trade": "métier",
    "refund": "remboursement", "refund_ceiling": "remboursements signés au-delà de",
    "request": "demande", "role": "rôle", "scopes": "droits", "sha256": "empreinte",
    "siren": "SIREN", "successor": "clé suivante",
}  # fmt: skip
_AMOUNTS = frozenset({"amount_minor", "refund_ceiling"})
_LEVELS = {
    Level.SIMPLIFIED: "simplifiées",
    Level.STANDARD: "un second facteur",
    Level.REINFORCED: "renforcées",
    Level.REFUSED: "refusé",
}
# One word means one thing whatever fact it stands in.
_VALUES: Mapping[str, str] = {
    **{str(role): words for role, words in ROLE_WORDS.items()},
    **{str(permission): words.lower() for permission, words in PERMISSION_WORDS.items()},
    **{str(proof): words for proof, words in PROOF_WORDS.items()},
    **{str(preset): words for preset, words in PRESET_WORDS.items()},
    **{str(level): words for level, words in _LEVELS.items()},
}


def facts_in_words(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return each fact that says something, named and told in French."""
    told = [(_NAMES.get(name, name), _told(name, value)) for name, value in facts.items()]
    return [(name, value) for name, value in told if value]


def _told(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, Mapping):
        return ", ".join(f"{each} {said}" for each, said in facts_in_words(value))
    if isinstance(value, list):
        return ", ".join(_told(name, one) for one in value)
    if name in _AMOUNTS and isinstance(value, int):
        return french.money(value)
    if name == "country":
        return country_words(value)
    return _VALUES.get(str(value), str(value))
