"""
The starter rules: what every firm's payments are weighed by, and what each kind of trade changes.

Points are judgements, not measures: the replay on the firm's own past is there to weigh them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from encaisse.fraud.core.passage import Stage
from encaisse.fraud.core.shared import LEAST_REPORTERS
from encaisse.fraud.core.verdicts import Verdict
from encaisse.kernel.trades import Trade

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


@dataclass(frozen=True, slots=True)
class TradeRules:
    """
    What a kind of trade changes: a rule of a known code replaces that one, another is added.

    `lead` says to whoever chooses what is different.
    """

    lead: str
    rules: tuple[dict[str, object], ...]


_UNPROVEN = {"all": [_CARD, _ANSWERED, _STRANGER, _is("liability_shift", value=False)]}


def _unproven(euros: int, reason: str) -> dict[str, object]:
    return {
        "code": "unproven_stranger",
        "when": {"all": [_UNPROVEN, _at_least("euros", euros)]},
        "floor": Verdict.HOLD,
        "reason": reason,
    }


def _changed(code: str, **parts: object) -> dict[str, object]:
    """Return a common rule with some of its parts replaced: its sentence stays."""
    return {**next(rule for rule in STARTER_RULES if rule["code"] == code), **parts}


_REPAIRS = TradeRules(
    "On vous appelle à toute heure : la nuit ne surprend qu’à partir de 300 €. Un client qui n’a "
    "jamais payé et que sa banque n’a pas vérifié est retenu dès 300 €, avant l’achat du matériel.",
    (
        {
            "code": "night",
            "when": {"all": [_is("night"), {"not": _is("device_known")}, _at_least("euros", 300)]},
            "points": 10,
            "reason": "Il est {hour} h, et l’appareil est inconnu.",
        },
        _unproven(
            300,
            "Ce client n’a jamais payé et sa banque ne l’a pas vérifié : n’achetez rien pour lui "
            "avant d’avoir regardé.",
        ),
    ),
)
_SITES = TradeRules(
    "Les gros acomptes sont votre ordinaire : une preuve n’est demandée à un appareil inconnu qu’à "
    "partir de 1 000 €. En échange, un acompte sans preuve d’un client nouveau est retenu dès "
    "150 €, et un gros acompte payé dans l’heure compte davantage.",
    (
        _changed(
            "large_unknown_device",
            when={"all": [_CARD, {"not": _is("device_known")}, _at_least("euros", 1000)]},
        ),
        _changed(
            "unusual_for_merchant",
            when={"all": [_at_least("merchant_amount_z", 5), _at_least("euros", 3000)]},
        ),
        _unproven(
            150,
            "Ce client n’a jamais payé et sa banque ne l’a pas vérifié : ne commandez pas les "
            "matériaux avant d’avoir regardé.",
        ),
        {
            "code": "hurried_deposit",
            "when": {
                "all": [
                    _CARD,
                    _STRANGER,
                    {"fact": "link_age_hours", "is": "at_most", "value": 0},
                    _at_least("euros", 2000),
                ]
            },
            "points": 15,
            "reason": "Un gros acompte, d’un client nouveau, dans l’heure où vous le demandez.",
        },
    ),
)
_DESKS = TradeRules(
    "Vos clients peuvent être loin : une carte ou une connexion d’un autre pays compte moins. Un "
    "client nouveau, de loin, que sa banque n’a pas vérifié est retenu.",
    (
        _changed("card_far", points=10),
        _changed("countries_disagree", points=10),
        _changed("address_abroad", points=5),
        {
            "code": "unproven_stranger",
            "when": {"all": [_UNPROVEN, _is("card_far")]},
            "floor": Verdict.HOLD,
            "reason": "Ce client n’a jamais payé, sa carte est de loin ({card_place}) et sa banque "
            "ne l’a pas vérifié.",
        },
    ),
)
# A trade that is not here, or unsaid, has the starter rules as they are.
TRADE_RULES: Mapping[Trade, TradeRules] = {
    Trade.PLUMBING: _REPAIRS,
    Trade.ELECTRICITY: _REPAIRS,
    Trade.JOINERY: _SITES,
    Trade.CONSTRUCTION: _SITES,
    Trade.ROOFING: _SITES,
    Trade.PAINTING: _SITES,
    Trade.GARDENS: _SITES,
    Trade.CONSULTING: _DESKS,
    Trade.DIGITAL: _DESKS,
}


def rules_for(trade: Trade) -> tuple[dict[str, object], ...]:
    """Return the starter rules of a trade, in the order in which they are weighed."""
    changed = TRADE_RULES.get(trade)
    if changed is None:
        return STARTER_RULES
    of_trade = {str(rule["code"]): rule for rule in changed.rules}
    kept = [of_trade.pop(str(rule["code"]), rule) for rule in STARTER_RULES]
    return (*kept, *of_trade.values())
