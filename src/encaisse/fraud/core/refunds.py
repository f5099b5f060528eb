"""
Refunds: what is known of one that is asked, the rules that weigh it, and how careful they make.

None is ever refused here: the law asks for some. What astonishes is signed, by two if it must.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from encaisse.fraud.core.facts import card_is_far
from encaisse.fraud.core.verdicts import Verdict
from encaisse.risk.amounts import Amounts
from encaisse.risk.decide import Decision, Policy, decide
from encaisse.risk.presets import Preset
from encaisse.risk.rules import Facts, Rule, Value, read_rule

# Of the facts, and of the rules that read them.
VERSION = 1
# How many must sign what astonishes, where the firm has so many.
SIGNERS: Mapping[Verdict, int] = {Verdict.ALLOW: 0, Verdict.CHALLENGE: 1, Verdict.HOLD: 2}
# How far back a person's habits go.
HABIT_LASTS = timedelta(days=90)
_HOUR, _DAY, _WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
# So many refunds make a habit of the hours at which somebody gives back.
_HABIT = 5
_NEAR_HOURS = 2


@dataclass(frozen=True, slots=True)
class GivenBack:
    """One refund made before: when, and how much."""

    at: datetime
    cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundAsked:
    """
    A refund as it is asked. `by_hand` is what the same person or program gave back before, in real
    time as `asked_at` and `key_since` are; the rest is in the firm's own time. `waiting` is what
    that hand asked and has not signed yet.
    """

    asked_at: datetime
    hour: int
    cents: int
    payment_cents: int
    paid_at: datetime
    now: datetime
    card_country: str = ""
    of_payment: Sequence[GivenBack] = ()
    of_customer: Sequence[GivenBack] = ()
    by_hand: Sequence[GivenBack] = ()
    waiting: Sequence[GivenBack] = ()
    hours_of_hand: Sequence[int] = ()
    is_by_key: bool = False
    key_since: datetime | None = None
    is_disputed: bool = False


@dataclass(frozen=True, slots=True)
class PaymentPast:
    """What became of the payment before: somebody looked at it, it was a fraud."""

    was_held: bool
    is_fraud: bool


FACT_TYPES: Mapping[str, type] = {
    "euros": float,
    "share": float,
    "is_whole": bool,
    "payment_age_hours": float,
    "payment_refunds": int,
    "customer_refunds_1h": int,
    "customer_refunds_1d": int,
    "customer_refunds_7d": int,
    "customer_euros_7d": float,
    "hand_refunds_1h": int,
    "hand_refunds_1d": int,
    "hand_refunds_7d": int,
    "hand_euros_1h": float,
    "hand_euros_1d": float,
    "hand_euros_7d": float,
    "hand_usual_ratio": float,
    "unusual_hour": bool,
    "hour": int,
    "was_held": bool,
    "is_fraud": bool,
    "is_disputed": bool,
    "card_far": bool,
    "by_key": bool,
    "key_age_hours": float,
}


def _is(fact: str) -> dict[str, object]:
    return {"fact": fact, "is": "equal", "value": True}


def _compared(fact: str, operator: str, value: float) -> dict[str, object]:
    return {"fact": fact, "is": operator, "value": value}


def _at_least(fact: str, value: float) -> dict[str, object]:
    return _compared(fact, "at_least", value)


# Counts include the refund that is asked.
STARTER_RULES: tuple[dict[str, object], ...] = (
    {
        "code": "refund_disputed",
        "when": _is("is_disputed"),
        "floor": Verdict.HOLD,
        "reason": "Le client conteste ce paiement à sa banque : rembourser en plus, c’est risquer "
        "de rendre l’argent deux fois.",
    },
    {
        "code": "refund_of_fraud",
        "when": _is("is_fraud"),
        "points": 20,
        "floor": Verdict.CHALLENGE,
        "reason": "Ce paiement a été reconnu comme une fraude.",
    },
    {
        "code": "refund_of_held",
        "when": _is("was_held"),
        "points": 15,
        "reason": "Ce paiement avait été retenu pour être vérifié.",
    },
    {
        "code": "refunds_in_a_hurry",
        "when": _at_least("hand_refunds_1h", 5),
        "points": 20,
        "floor": Verdict.CHALLENGE,
        "reason": "{hand_refunds_1h} remboursements en une heure par la même personne.",
    },
    {
        "code": "refunds_all_day",
        "when": _at_least("hand_refunds_1d", 15),
        "points": 25,
        "reason": "{hand_refunds_1d} remboursements en un jour par la même personne.",
    },
    {
        "code": "refunds_of_customer",
        "when": _at_least("customer_refunds_7d", 6),
        "points": 25,
        "reason": "{customer_refunds_7d} remboursements à ce client en une semaine.",
    },
    {
        "code": "refund_in_pieces",
        "when": _at_least("payment_refunds", 4),
        "points": 25,
        "reason": "Ce paiement est rendu par morceaux : celui-ci est le {payment_refunds}ᵉ.",
    },
    {
        "code": "refund_unusual",
        "when": {"all": [_at_least("hand_usual_ratio", 5), _at_least("euros", 50)]},
        "points": 25,
        "reason": "Le montant est bien plus grand que ce que cette personne rembourse d’ordinaire.",
    },
    {
        "code": "refund_far_and_fast",
        "when": {"all": [_is("card_far"), _compared("payment_age_hours", "at_most", 24)]},
        "points": 20,
        "reason": "Payé il y a moins d’un jour, par une carte de loin.",
    },
    {
        "code": "refund_by_new_key",
        "when": {"all": [_is("by_key"), _compared("key_age_hours", "at_most", 24)]},
        "points": 10,
        "reason": "La clé d’API qui le demande a moins d’un jour.",
    },
    {
        "code": "refund_unusual_hour",
        "when": _is("unusual_hour"),
        "points": 10,
        "reason": "Il est {hour} h : cette personne ne rembourse jamais à cette heure.",
    },
    {
        "code": "refund_of_old",
        "when": _at_least("payment_age_hours", 180 * 24),
        "points": 10,
        "reason": "Le paiement a plus de six mois.",
    },
)


def gather(asked: RefundAsked, past: PaymentPast) -> dict[str, Value]:
    """Return all facts of a refund, flat; None for what is not known."""
    return {
        "euros": asked.cents / 100,
        "share": asked.cents / asked.payment_cents if asked.payment_cents else None,
        "is_whole": asked.cents + _cents(asked.of_payment) >= asked.payment_cents,
        "payment_age_hours": _hours(asked.paid_at, asked.now),
        "payment_refunds": len(asked.of_payment) + 1,
        **_counted("customer", asked.of_customer, asked.cents, asked.now),
        **_counted("hand", [*asked.by_hand, *asked.waiting], asked.cents, asked.asked_at),
        "hand_usual_ratio": _usual_ratio(asked),
        "unusual_hour": _is_unusual(asked.hour, asked.hours_of_hand),
        "hour": asked.hour,
        "was_held": past.was_held,
        "is_fraud": past.is_fraud,
        "is_disputed": asked.is_disputed,
        "card_far": card_is_far(asked.card_country or None),
        "by_key": asked.is_by_key,
        "key_age_hours": _hours(asked.key_since, asked.asked_at) if asked.key_since else None,
    }


def restored(snapshot: Facts) -> dict[str, Value]:
    """Return a kept snapshot with every fact, those not known being None."""
    return {**dict.fromkeys(FACT_TYPES), **snapshot}


def weigh_refund(preset: Preset, facts: Facts) -> Decision:
    """Decide; a rule that could not be computed has the refund signed."""
    challenge, hold = _THRESHOLDS[preset]
    return decide(
        Policy(
            name=preset,
            version=VERSION,
            scale=(Verdict.ALLOW, Verdict.CHALLENGE, Verdict.HOLD),
            thresholds={Verdict.CHALLENGE: challenge, Verdict.HOLD: hold},
            rules=_STARTER,
            when_broken=Verdict.CHALLENGE,
        ),
        facts,
    )


def _counted(who: str, before: Collection[GivenBack], cents: int, at: datetime) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, span in (("1h", _HOUR), ("1d", _DAY), ("7d", _WEEK)):
        inside = [one for one in before if one.at > at - span]
        found[f"{who}_refunds_{name}"] = len(inside) + 1
        found[f"{who}_euros_{name}"] = (_cents(inside) + cents) / 100
    return {name: value for name, value in found.items() if name in FACT_TYPES}


def _cents(given: Collection[GivenBack]) -> int:
    return sum(one.cents for one in given)


def _hours(since: datetime, until: datetime) -> float:
    return max(0.0, round((until - since) / _HOUR, 2))


def _usual_ratio(asked: RefundAsked) -> float | None:
    usual = Amounts([one.cents for one in asked.by_hand][-_MOST_KEPT:]).median()
    return round(asked.cents / usual, 2) if usual else None


def _is_unusual(hour: int, known: Sequence[int]) -> bool | None:
    """Tell whether somebody never gave back near this hour; None until they have a habit."""
    if len(known) < _HABIT:
        return None
    apart = [abs(hour - one) for one in known]
    return all(min(gap, 24 - gap) > _NEAR_HOURS for gap in apart)


_MOST_KEPT = 50
# Score from which each preset has a refund signed, then signed by two.
_THRESHOLDS: Mapping[Preset, tuple[int, int]] = {
    Preset.SOUPLE: (40, 80),
    Preset.EQUILIBRE: (25, 60),
    Preset.STRICT: (15, 40),
}
_STARTER: tuple[Rule, ...] = tuple(read_rule(one, facts=FACT_TYPES) for one in STARTER_RULES)
