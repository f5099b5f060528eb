"""
The three policies of access. Which proofs each level asks is said where people are identified.

Points are judgements, not measures: the replay on the firm's own past is there to weigh them.
"""

from collections.abc import Mapping
from enum import StrEnum

from encaisse.risk.access import FACT_TYPES
from encaisse.risk.decide import Policy
from encaisse.risk.rules import read_rule


class Level(StrEnum):
    """How much proof an access needs, from the least to the door that stays closed."""

    SIMPLIFIED = "simplified"
    STANDARD = "standard"
    REINFORCED = "reinforced"
    REFUSED = "refused"


class Preset(StrEnum):
    SOUPLE = "souple"
    EQUILIBRE = "equilibre"
    STRICT = "strict"


VERSION = 2
# An airliner cruises at about 900 km/h; with airports on both sides nobody averages more.
_IMPOSSIBLE_KMH = 900


def _at_least(fact: str, value: int) -> dict[str, object]:
    return {"fact": fact, "is": "at_least", "value": value}


_SIGN_IN = {"fact": "is_sign_in", "is": "equal", "value": True}
_ACTION = {"fact": "is_sign_in", "is": "equal", "value": False}
_UNKNOWN_DEVICE = {"fact": "known_device", "is": "equal", "value": False}
_UNKNOWN_RANGE = {"fact": "known_range", "is": "equal", "value": False}
_SEEN_BEFORE = {"fact": "first_access", "is": "equal", "value": False}
_IMPOSSIBLE = {"fact": "travel_kmh", "is": "more_than", "value": _IMPOSSIBLE_KMH}
_RULES: tuple[dict[str, object], ...] = (
    {
        "code": "first_access",
        "when": {"all": [_SIGN_IN, {"not": _SEEN_BEFORE}]},
        "points": 10,
        "reason": "C’est la première connexion de ce compte.",
    },
    {
        "code": "unknown_device",
        "when": {"all": [_SEEN_BEFORE, _UNKNOWN_DEVICE]},
        "points": 30,
        "reason": "Cet appareil n’a encore jamais servi à ce compte.",
    },
    {
        "code": "unknown_range",
        "when": {"all": [_SEEN_BEFORE, _UNKNOWN_RANGE]},
        "points": 5,
        "reason": "La connexion internet n’est pas l’une des habituelles.",
    },
    {
        "code": "new_country",
        "when": {"fact": "new_country", "is": "equal", "value": True},
        "points": 25,
        "reason": "Premier accès depuis ce pays ({country}) en 90 jours.",
    },
    {
        "code": "impossible_travel",
        "when": _IMPOSSIBLE,
        "points": 30,
        "floor": "reinforced",
        "reason": "Aucun voyage ne mène si vite du dernier lieu connu à celui-ci ({country}).",
    },
    {
        "code": "impossible_travel_unknown_device",
        "when": {"all": [_IMPOSSIBLE, _UNKNOWN_DEVICE, _at_least("failures_24h", 3)]},
        "floor": "refused",
        "reason": "Voyage impossible, appareil inconnu et échecs répétés : la porte reste fermée.",
    },
    {
        "code": "unusual_hour",
        "when": {"fact": "unusual_hour", "is": "equal", "value": True},
        "points": 10,
        "reason": "L’heure est inhabituelle ({hour} h).",
    },
    {
        "code": "failures_just_before",
        "when": _at_least("failures_15m", 3),
        "points": 20,
        "reason": "{failures_15m} échecs dans le dernier quart d’heure.",
    },
    {
        "code": "failures_unknown_device",
        "when": {"all": [_UNKNOWN_DEVICE, _at_least("failures_24h", 10)]},
        "points": 25,
        "floor": "reinforced",
        "reason": "{failures_24h} échecs en 24 heures, et l’appareil est inconnu.",
    },
    {
        "code": "failures_from_many_places",
        "when": {"all": [_UNKNOWN_DEVICE, _at_least("failing_ranges_24h", 10)]},
        "points": 20,
        "reason": "Des échecs depuis {failing_ranges_24h} connexions différentes en 24 heures.",
    },
    {
        "code": "unusual_amount",
        "when": {"all": [_ACTION, {"fact": "amount_ratio", "is": "more_than", "value": 3}]},
        "points": 20,
        "reason": "Le montant est {amount_ratio} fois le plus grand jamais validé ainsi.",
    },
    {
        "code": "new_beneficiary",
        "when": {"all": [_ACTION, {"fact": "known_beneficiary", "is": "equal", "value": False}]},
        "points": 5,
        "reason": "Ce bénéficiaire n’a encore jamais rien reçu de cette personne.",
    },
    {
        "code": "many_actions",
        "when": {"all": [_ACTION, _at_least("actions_1h", 10)]},
        "points": 30,
        "floor": "reinforced",
        "reason": "{actions_1h} opérations du même genre en une heure.",
    },
)  # fmt: skip


def _policy(name: Preset, standard: int, reinforced: int, refused: int) -> Policy:
    return Policy(
        name=name,
        version=VERSION,
        scale=tuple(Level),
        thresholds={
            Level.STANDARD: standard,
            Level.REINFORCED: reinforced,
            Level.REFUSED: refused,
        },
        rules=tuple(read_rule(written, facts=FACT_TYPES) for written in _RULES),
        when_broken=Level.REINFORCED,
    )


POLICIES: Mapping[Preset, Policy] = {
    Preset.SOUPLE: _policy(Preset.SOUPLE, standard=25, reinforced=65, refused=110),
    Preset.EQUILIBRE: _policy(Preset.EQUILIBRE, standard=10, reinforced=50, refused=90),
    Preset.STRICT: _policy(Preset.STRICT, standard=0, reinforced=30, refused=70),
}
_SEVERITY = tuple(Preset)


def strictest(presets: list[Preset]) -> Preset:
    """Return the one that asks most: whoever works in two firms honours both."""
    return max(presets, key=_SEVERITY.index, default=Preset.EQUILIBRE)
