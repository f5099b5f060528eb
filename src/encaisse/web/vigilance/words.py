"""What the engine knew of a payment, in the words of whoever reads it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from encaisse.fraud.core.model import Model
from encaisse.fraud.core.starter_rules import TRADE_RULES, rules_for
from encaisse.fraud.core.verdicts import Verdict
from encaisse.kernel.trades import Trade
from encaisse.kit.places import country_words
from encaisse.risk.presets import Preset
from encaisse.web import french

PRESET_LEADS: Mapping[Preset, str] = {
    Preset.SOUPLE: "Ne retient que ce qui ressemble nettement à une fraude. Jusqu’à 100 €, un "
    "payeur reconnu peut n’avoir rien à prouver : une fraude serait alors pour vous.",
    Preset.EQUILIBRE: "Demande une preuve dès que plusieurs choses étonnent. Jusqu’à 30 €, un "
    "payeur reconnu peut n’avoir rien à prouver : une fraude serait pour vous. Notre conseil.",
    Preset.STRICT: "Vérifie au moindre doute, quitte à faire attendre d’honnêtes clients.",
}
_PROOFS = {
    "authenticated": "Oui, par sa banque (3-D Secure)",
    "attempted": "Tentée : sa banque n’a pas su répondre",
    "not_supported": "Non : sa banque ne le permet pas",
    "unavailable": "Non : sa banque était injoignable",
    "failed": "Non : la preuve a échoué",
    "not_authenticated": "Non",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was known."""

    label: str
    value: str


def _yes_no(value: object) -> str:
    return "Oui" if value else "Non"


def _times(value: object) -> str:
    number = int(str(value))
    return french.plural(number, "fois", "fois")


def _ordinary(value: object) -> str:
    return f"{french.decimal(float(str(value)))} fois l’ordinaire"


_LINES: Sequence[tuple[str, str, Callable[[Any], str]]] = (
    ("is_authenticated", "Porteur vérifié par sa banque", _yes_no),
    ("liability_shift", "En cas de fraude, la banque du client supporte la perte", _yes_no),
    ("card_country", "Pays de la carte", country_words),
    ("address_country", "Pays de la connexion", country_words),
    ("billing_country", "Pays du client", country_words),
    ("device_known", "Appareil déjà vu chez vous", _yes_no),
    ("card_known", "Carte déjà acceptée chez vous", _yes_no),
    ("customer_known", "A déjà payé chez vous", _yes_no),
    ("customer_age_days", "Client connu depuis", french.days),
    ("link_age_hours", "Lien créé depuis", french.hours),
    ("link_refused_1h", "Refus sur ce lien depuis une heure", _times),
    ("link_cards_1d", "Cartes essayées sur ce lien en un jour", str),
    ("device_cards_1d", "Cartes venues de cet appareil en un jour", str),
    ("card_count_1d", "Paiements de cette carte en un jour", str),
    ("customer_amount_ratio", "Montant habituel de ce client", _ordinary),
    ("merchant_amount_ratio", "Montant habituel chez vous", _ordinary),
    ("email_disposable", "Adresse e-mail jetable", _yes_no),
    ("listed_block", "Sur une liste de refus", _yes_no),
    ("listed_allow", "Sur une liste de confiance", _yes_no),
    ("shared_reporters", "Autres entreprises qui l’ont signalé", str),
    ("lists_unread", "Une liste n’a pas répondu : décidé sans elle", _yes_no),
)


# Said only where there is something to say.
_WORTH_SAYING = frozenset(
    {
        "link_refused_1h", "link_cards_1d", "device_cards_1d", "card_count_1d", "email_disposable",
        "listed_block", "listed_allow", "shared_reporters", "lists_unread",
    }
)  # fmt: skip


def known_lines(facts: Mapping[str, Any]) -> list[Line]:
    """Return what was known, in an order that a person would ask for it."""
    lines = [
        Line(label, say(facts[name]))
        for name, label, say in _LINES
        if facts.get(name) or (facts.get(name) is not None and name not in _WORTH_SAYING)
    ]
    proof = _PROOFS.get(str(facts.get("authentication") or ""))
    return [Line("Preuve d’identité", proof), *lines] if proof else lines


_VERDICTS: Mapping[Verdict, str] = {
    Verdict.ALLOW: "laissé passer",
    Verdict.CHALLENGE: "preuve d’identité demandée à la banque du client",
    Verdict.HOLD: "retenu jusqu’à ce que quelqu’un regarde",
    Verdict.BLOCK: "refusé",
}


def verdict_words(verdict: str) -> str:
    return _VERDICTS[Verdict(verdict)]


def rule_sentences(trade: Trade) -> list[Line]:
    """Return a trade's starter rules as people read them: what they say, what they impose."""
    return [Line(_as_example(str(rule["reason"])), _weight(rule)) for rule in rules_for(trade)]


def trade_lead(trade: Trade) -> str:
    """Say what a trade's rules do otherwise than the common ones."""
    changed = TRADE_RULES.get(trade)
    return changed.lead if changed else "Les règles communes à tous les métiers."


def _as_example(reason: str) -> str:
    """Replace what a rule counts by an ellipsis: it is a pattern here, not a case."""
    parts = reason.split("{")
    return parts[0] + "".join("…" + part.partition("}")[2] for part in parts[1:])


def _weight(rule: Mapping[str, Any]) -> str:
    floor = rule.get("floor")
    points = french.plural(int(rule.get("points", 0)), "point", "points")
    if floor is None:
        return points
    imposed = f"au moins : {verdict_words(floor)}"
    return f"{points}, {imposed}" if rule.get("points") else imposed


_INVENTED = "Des paiements inventés, les mêmes pour tous"
_OWN_PAST = "Des paiements passés de cet hébergement ; installé et signé par lui"


def model_lines(model: Model | None) -> list[Line]:
    """Return the card of the model that weighs payments, in words."""
    if model is None:
        return [Line("État", "Illisible : chaque paiement attend quelqu’un")]
    trained, metrics = model.training, model.metrics
    is_invented = trained["data"] == "invented"
    return [
        Line("Appris sur", _INVENTED if is_invented else _OWN_PAST),
        Line("Période", f"{_day_words(trained['from'])} au {_day_words(trained['to'])}"),
        Line("Paiements et fraudes", f"{trained['payments']} et {trained['frauds']}"),
        Line(
            f"Précision moyenne sur {'ces inventions' if is_invented else 'ses derniers jours'}",
            _share(metrics["average_precision"]),
        ),
        Line("Ce qu’il peut faire seul", "Demander une preuve d’identité, jamais retenir"),
        Line("Empreinte", model.sha256[:16]),
    ]


def probability_words(probability: float | None) -> str:
    """Say a probability as people read one; under one in a thousand it is nothing."""
    if probability is None:
        return "Non calculée"
    return "Moins de 0,1 %" if probability < 0.001 else _share(probability)


def _share(value: object) -> str:
    return french.percent(float(str(value)))


def _day_words(day: object) -> str:
    return french.plain_day(date.fromisoformat(str(day)))
