"""What the engine knew of a refund, in the words of whoever reads it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from encaisse.fraud.core.verdicts import Verdict
from encaisse.web import french
from encaisse.web.vigilance.words import Line

_VERDICTS: Mapping[Verdict, str] = {
    Verdict.ALLOW: "rien qui étonne : seul votre plafond compte",
    Verdict.CHALLENGE: "à signer, même sous votre plafond",
    Verdict.HOLD: "à signer, par deux personnes si vous êtes au moins deux à le pouvoir",
}


def refund_verdict_words(verdict: str) -> str:
    return _VERDICTS[Verdict(verdict)]


def _yes_no(value: object) -> str:
    return "Oui" if value else "Non"


def _hours(value: object) -> str:
    return french.hours(int(float(str(value))))


def _euros(value: object) -> str:
    return f"{french.decimal(float(str(value)), 2)}\N{NO-BREAK SPACE}€"


def _ordinary(value: object) -> str:
    return f"{french.decimal(float(str(value)))} fois l’ordinaire"


_LINES: Sequence[tuple[str, str, Callable[[Any], str]]] = (
    ("share", "Part du paiement", french.percent),
    ("payment_age_hours", "Payé depuis", _hours),
    ("payment_refunds", "Remboursements de ce paiement, celui-ci compris", str),
    ("customer_refunds_7d", "À ce client en une semaine", str),
    ("hand_refunds_1h", "Par la même personne en une heure", str),
    ("hand_refunds_1d", "Par la même personne en un jour", str),
    ("hand_euros_7d", "Rendu par elle en une semaine", _euros),
    ("hand_usual_ratio", "Montant, pour cette personne", _ordinary),
    ("unusual_hour", "Hors de ses heures", _yes_no),
    ("was_held", "Paiement retenu pour être vérifié", _yes_no),
    ("is_fraud", "Paiement reconnu comme une fraude", _yes_no),
    ("is_disputed", "Paiement contesté à la banque", _yes_no),
    ("card_far", "Carte de loin", _yes_no),
    ("by_key", "Demandé par un programme", _yes_no),
    ("key_age_hours", "Clé d’API créée depuis", _hours),
)


def refund_lines(facts: Mapping[str, Any]) -> list[Line]:
    """Return what was known, in an order that a person would ask for it."""
    return [
        Line(label, say(facts[name])) for name, label, say in _LINES if facts.get(name) is not None
    ]
