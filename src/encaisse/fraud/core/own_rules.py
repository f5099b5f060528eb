"""Rules a firm writes itself: what may be said in one, how it is read, what it would have done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from encaisse.fraud.core.cases import Label
from encaisse.fraud.core.facts import FACT_TYPES, restored
from encaisse.fraud.core.replay import Past
from encaisse.fraud.core.verdicts import Verdict
from encaisse.kernel.errors import DomainError
from encaisse.risk.rules import Rule, RuleUnreadable, read_rule

MOST_LIVE = 20
MOST_POINTS = 100


class RuleState(StrEnum):
    """SHADOW is computed on real payments and changes nothing."""

    DRAFT = "draft"
    SHADOW = "shadow"
    PUBLISHED = "published"
    RETIRED = "retired"


RULE_MOVES: Mapping[RuleState, frozenset[RuleState]] = {
    RuleState.DRAFT: frozenset({RuleState.SHADOW, RuleState.PUBLISHED, RuleState.RETIRED}),
    RuleState.SHADOW: frozenset({RuleState.PUBLISHED, RuleState.RETIRED}),
    RuleState.PUBLISHED: frozenset({RuleState.RETIRED}),
    RuleState.RETIRED: frozenset(),
}
LIVE = frozenset({RuleState.SHADOW, RuleState.PUBLISHED})


class OwnRuleInvalid(DomainError):
    """The rule cannot be read: {reason}."""

    code = "own_rule_invalid"
    status = 422
    french = "Cette règle ne se lit pas : {reason}."


# What a rule may look at, in the words of the form.
SUBJECTS: Mapping[str, str] = {
    "euros": "Le montant, en euros",
    "hour": "L’heure (0 à 23)",
    "night": "C’est la nuit",
    "card_country": "Le pays de la carte",
    "address_country": "Le pays de la connexion",
    "card_abroad": "La carte est d’un autre pays que le client",
    "device_known": "L’appareil est connu",
    "customer_known": "Le client a déjà payé",
    "customer_age_days": "Jours depuis que le client est connu",
    "link_age_hours": "Heures depuis la création du lien",
    "is_authenticated": "La banque a vérifié le porteur",
    "liability_shift": "La banque supporterait une fraude",
    "email_disposable": "L’adresse e-mail est jetable",
    "card_count_1d": "Paiements de la carte en un jour",
    "customer_count_7d": "Paiements du client en 7 jours",
    "device_cards_1d": "Cartes venues de l’appareil en un jour",
    "link_refused_1h": "Refus sur le lien en une heure",
    "merchant_amount_ratio": "Montant, en fois le montant habituel chez vous",
    "customer_amount_ratio": "Montant, en fois le montant habituel du client",
}
COMPARISONS: Mapping[str, str] = {
    "at_least": "est au moins",
    "at_most": "est au plus",
    "equal": "est",
    "different": "n’est pas",
}
_YES, _NO = frozenset({"oui", "vrai", "o"}), frozenset({"non", "faux", "n"})


@dataclass(frozen=True, slots=True)
class Clause:
    """One comparison as it is typed: « euros », « at_least », « 1 500 »."""

    subject: str
    comparison: str
    value: str


@dataclass(frozen=True, slots=True)
class Tried:
    """
    What a rule would have touched: payments looked at, and of those it fits, the frauds, the ones
    known honest, the ones nobody said anything of.
    """

    payments: int
    frauds: int
    honest: int
    unknown: int

    @property
    def touched(self) -> int:
        return self.frauds + self.honest + self.unknown


def written_rule(
    *, code: str, clauses: Sequence[Clause], points: int, floor: Verdict | None, reason: str
) -> dict[str, object]:
    """
    Return the JSON form of a rule, read once to be sure that it can be.

    :raises OwnRuleInvalid: a subject, a comparison or a value that does not go with the others
    """
    if not points and floor is None:
        raise OwnRuleInvalid(reason="elle n’ajoute aucun point et n’impose rien")
    parts = [_compared(clause) for clause in clauses]
    written: dict[str, object] = {
        "code": code,
        "when": {"all": parts},
        "points": points,
        "floor": floor.value if floor else None,
        # What people type is a sentence, never a pattern to fill in.
        "reason": reason.replace("{", "{{").replace("}", "}}"),
    }
    readable(written)
    return written


def readable(written: Mapping[str, object]) -> Rule:
    """:raises OwnRuleInvalid: it is no rule over the facts of today"""
    try:
        return read_rule(written, facts=FACT_TYPES)
    except RuleUnreadable as error:
        raise OwnRuleInvalid(reason=error.reason) from error


def try_on(rule: Rule, past: Sequence[Past]) -> Tried:
    """Say which payments of the past a rule would have touched."""
    labels = [one.label for one in past if rule.applies(restored(one.facts))]
    return Tried(
        payments=len(past),
        frauds=labels.count(Label.FRAUD),
        honest=labels.count(Label.HONEST),
        unknown=labels.count(None),
    )


def _compared(clause: Clause) -> dict[str, object]:
    if clause.subject not in SUBJECTS or clause.comparison not in COMPARISONS:
        raise OwnRuleInvalid(reason="choisissez ce qui est regardé et comment")
    kind = FACT_TYPES[clause.subject]
    return {
        "fact": clause.subject,
        "is": clause.comparison,
        "value": _value(kind, clause),
    }


def _value(kind: type, clause: Clause) -> object:
    text = clause.value.strip()
    if kind is bool:
        return _yes_or_no(text, clause)
    if kind is str:
        return text.upper()
    number = text.replace("\u202f", "").replace("\xa0", "").replace(" ", "").replace(",", ".")
    try:
        return int(number) if kind is int else float(number)
    except ValueError as error:
        raise OwnRuleInvalid(reason=f"« {text[:20]} » n’est pas un nombre") from error


def _yes_or_no(text: str, clause: Clause) -> bool:
    if clause.comparison not in {"equal", "different"}:
        raise OwnRuleInvalid(reason="à oui ou non, on répond « est » ou « n’est pas »")
    word = text.lower()
    if word not in _YES | _NO:
        raise OwnRuleInvalid(reason=f"« {text[:20]} » n’est ni oui ni non")
    return word in _YES
