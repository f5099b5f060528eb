"""
The policies: starter rules, how careful each preset is, and what a verdict leads to.

Points are judgements, not measures: the replay on the firm's own past is there to weigh them.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import lru_cache

from encaisse.fraud.core.facts import FACT_TYPES
from encaisse.fraud.core.passage import Stage
from encaisse.fraud.core.shared import LEAST_REPORTERS
from encaisse.fraud.core.verdicts import Verdict
from encaisse.risk.decide import Decision, Policy, decide
from encaisse.risk.presets import Preset
from encaisse.risk.rules import Facts, Rule, read_rule

VERSION = 3
# Versions that decided as this one does on the facts they had: 3 added a rule about facts that
# nobody had before it (`reported_elsewhere`).
REPEATABLE = frozenset({2, VERSION})
# Somebody who mistypes does so once or twice; the third refusal of a link within an hour is the
# last one that a bank is asked for.
MOST_TRIES = 3
# Other firms of the host report this payer.
REPORTED = "reported_elsewhere"


def _is(fact: str, value: object = True) -> dict[str, object]:  # noqa: FBT002  reads as a sentence
    return {"fact": fact, "is": "equal", "value": value}


def _at_least(fact: str, value: float) -> dict[str, object]:
    return {"fact": fact, "is": "at_least", "value": value}


_CARD = _is("is_card")
_ANSWERED = _is("stage", Stage.ANSWERED.value)
_STRANGER = {"not": _is("customer_known")}
STARTER_RULES: tuple[dict[str, object], ...] = (
    {
        "code": "listed",
        "when": _is("listed_block"),
        "floor": Verdict.BLOCK,
        "reason": "Ce payeur figure sur votre liste de refus.",
    },
    {
        "code": "listed_network",
        "when": _is("listed_weak"),
        "points": 20,
        "reason": "La connexion vient d’un réseau de votre liste de refus.",
    },
    {
        "code": "link_refusals",
        "when": {"all": [_CARD, _at_least("link_refused_1h", MOST_TRIES)]},
        "floor": Verdict.HOLD,
        "reason": "{link_refused_1h} cartes refusées en une heure sur ce lien.",
    },
    {
        "code": "link_cards",
        "when": {"all": [_CARD, _at_least("link_cards_1d", 3)]},
        "floor": Verdict.HOLD,
        "reason": "{link_cards_1d} cartes différentes essayées en un jour sur ce lien.",
    },
    {
        "code": "device_cards",
        "when": {"all": [_CARD, _at_least("device_cards_1d", 3)]},
        "points": 40,
        "floor": Verdict.HOLD,
        "reason": "{device_cards_1d} cartes différentes depuis le même appareil en un jour.",
    },
    {
        "code": "address_cards",
        "when": {"all": [_CARD, _at_least("ip_cards_1d", 4)]},
        "points": 30,
        "reason": "{ip_cards_1d} cartes différentes depuis la même connexion en un jour.",
    },
    {
        "code": "address_refusals",
        "when": {"all": [_CARD, _at_least("ip_refused_1h", 4)]},
        "points": 30,
        "reason": "{ip_refused_1h} refus en une heure depuis la même connexion.",
    },
    {
        "code": "card_many_payers",
        "when": _at_least("card_emails_30d", 3),
        "points": 30,
        "floor": Verdict.HOLD,
        "reason": "Cette carte a payé pour {card_emails_30d} clients différents en 30 jours.",
    },
    {
        "code": "card_in_a_hurry",
        "when": _at_least("card_count_1h", 3),
        "points": 25,
        "reason": "Cette carte a déjà servi {card_count_1h} fois en une heure chez vous.",
    },
    {
        "code": "card_refused_before",
        "when": _at_least("card_refused_1d", 2),
        "points": 15,
        "reason": "Cette carte a été refusée {card_refused_1d} fois en un jour.",
    },
    {
        "code": "unusual_for_customer",
        "when": {"all": [_is("customer_known"), _at_least("customer_amount_z", 4)]},
        "points": 15,
        "reason": "Le montant sort de l’ordinaire pour ce client.",
    },
    {
        "code": "unusual_for_merchant",
        "when": {"all": [_at_least("merchant_amount_z", 5), _at_least("euros", 1000)]},
        "points": 15,
        "reason": "Le montant est bien plus grand que vos paiements habituels.",
    },
    {
        "code": "large_unknown_device",
        "when": {"all": [_CARD, {"not": _is("device_known")}, _at_least("euros", 500)]},
        "points": 10,
        "floor": Verdict.CHALLENGE,
        "reason": "Un montant élevé depuis un appareil que nous n’avons jamais vu.",
    },
    {
        "code": "card_far",
        "when": {"all": [_is("card_far"), _STRANGER]},
        "points": 25,
        "reason": "Ce client n’a encore jamais payé, et sa carte est de loin ({card_place}).",
    },
    {
        "code": "countries_disagree",
        "when": _is("countries_disagree"),
        "points": 20,
        "reason": "Le pays de la carte ({card_place}) n’est pas celui de la connexion "
        "({address_place}).",
    },
    {
        "code": "address_abroad",
        "when": _is("address_abroad"),
        "points": 10,
        "reason": "La connexion vient d’un autre pays ({address_place}) que celui du client.",
    },
    {
        "code": "disposable_email",
        "when": _is("email_disposable"),
        "points": 25,
        "reason": "L’adresse e-mail est de celles que l’on jette après usage.",
    },
    {
        "code": "not_authenticated",
        "when": {
            "all": [_CARD, _ANSWERED, _is("liability_shift", value=False), _at_least("euros", 150)]
        },
        "points": 15,
        "floor": Verdict.CHALLENGE,
        "reason": "La banque n’a pas vérifié le porteur : en cas de fraude, la perte serait pour "
        "vous.",
    },
    {
        "code": "night",
        "when": {"all": [_is("night"), {"not": _is("device_known")}]},
        "points": 5,
        "reason": "Il est {hour} h, et l’appareil est inconnu.",
    },
    {
        "code": "fraud_here",
        "when": {
            "all": [_at_least("merchant_fraud_share_30d", 0.02), _at_least("euros", 150)]
        },
        "points": 10,
        "reason": "Vous avez connu des fraudes ces dernières semaines.",
    },
    {
        "code": "fraud_same_card",
        "when": _at_least("card_fraud_count_30d", 1),
        "floor": Verdict.BLOCK,
        "reason": "Un paiement de cette carte a déjà été reconnu comme une fraude chez vous.",
    },
    {
        "code": "fraud_same_device",
        "when": _at_least("device_fraud_count_30d", 1),
        "floor": Verdict.HOLD,
        "reason": "Un paiement venu de cet appareil a déjà été une fraude chez vous.",
    },
    # Never more than a proof, and no point that would make more of it: others may be wrong.
    {
        "code": REPORTED,
        "when": {
            "all": [_at_least("shared_reporters", LEAST_REPORTERS), {"not": _is("listed_allow")}]
        },
        "floor": Verdict.CHALLENGE,
        "reason": "Signalé par {shared_reporters} autres entreprises ({shared_what} : "
        "{shared_reason}).",
    },
)  # fmt: skip
# Somebody tries cards one after the other: the link itself is closed to cards.
_TRYING_CARDS = frozenset({"link_refusals", "link_cards"})
# What no customer's habits explain: a link that never closed would let thieves try cards for weeks.
NEVER_PAUSED = _TRYING_CARDS | {"listed", "fraud_same_card", "fraud_same_device"}
# What a person who opens a link again has judged: the cards tried on it before.
JUDGED_BY_RELEASE = "link_cards"


def policy_of(
    preset: Preset, *, rules: Collection[Rule] = (), without: Collection[str] = ()
) -> Policy:
    """Return a preset's policy, the firm's own rules added, those it snoozed taken away."""
    return _policy(preset, tuple(rules), frozenset(without))


@lru_cache(maxsize=256)
def _policy(preset: Preset, rules: tuple[Rule, ...], without: frozenset[str]) -> Policy:
    """Put a policy together once: most decisions of a firm are made on the same one."""
    challenge, hold, block = _THRESHOLDS[preset]
    thresholds: dict[str, int] = {
        Verdict.CHALLENGE: challenge,
        Verdict.HOLD: hold,
        Verdict.BLOCK: block,
    }
    kept = [rule for rule in (*_STARTER, *rules) if rule.code not in without]
    return Policy(
        name=preset,
        version=VERSION,
        scale=tuple(Verdict),
        thresholds=thresholds,
        rules=tuple(kept),
        when_broken=Verdict.HOLD,
    )


def weigh(policy: Policy, facts: Facts) -> Decision:
    """
    Decide, then let whoever the firm always lets through be asked for a proof at most.

    Being on both lists, or facts that could not be weighed, is looked at by a person as ever. So
    are cards tried on a link: whoever found a trusted customer's link is not that customer.
    """
    decision = decide(policy, facts)
    doubtful = facts["listed_block"] or decision.broken or suspends(decision)
    trusted = facts["listed_allow"] and not doubtful
    if trusted and Verdict(decision.verdict) in {Verdict.HOLD, Verdict.BLOCK}:
        return replace(decision, verdict=Verdict.CHALLENGE)
    return decision


def suspends(decision: Decision) -> bool:
    """Tell whether the link itself must wait for a person, and not this payment only."""
    return any(reason.code in _TRYING_CARDS for reason in decision.reasons)


def after_the_answer(decision: Decision, facts: Facts) -> Verdict:
    """
    Return what to do with money the payer's bank agreed to.

    A proof of identity was wanted and the bank gave none: somebody looks before it is taken.
    """
    verdict = Verdict(decision.verdict)
    if verdict is Verdict.CHALLENGE:
        return Verdict.ALLOW if facts["is_authenticated"] else Verdict.HOLD
    return verdict


# Score from which each preset asks for a proof, holds for a person, refuses.
_THRESHOLDS: Mapping[Preset, tuple[int, int, int]] = {
    Preset.SOUPLE: (40, 70, 150),
    Preset.EQUILIBRE: (25, 50, 110),
    Preset.STRICT: (10, 35, 80),
}
_STARTER = tuple(read_rule(written, facts=FACT_TYPES) for written in STARTER_RULES)
