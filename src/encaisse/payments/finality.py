"""
May materials be bought with this money? What can take it back, until when, how much. Pure.

* A credit transfer that arrived is final: its bank may ask for it back, and only the firm can agree
  (EPC SCT Inst rulebook, recall). When the payer looks false, the work waits, not the money.
* A card payment can be contested. Where the payer's bank vouched for them (3-D Secure with its
  shift of liability), a fraud is its loss. Otherwise the firm bears it, for 120 days under the
  rules of Visa and Mastercard (the payer has thirteen months towards their bank, CMF art. L133-24,
  and banks seldom go back to the shop after the card's own delay).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from encaisse.kernel.money import Money
from encaisse.payments.core import AttemptState, IntentState, Method

CONTESTABLE_DAYS = 120


class Light(StrEnum):
    SAFE = "safe"
    CONTESTABLE = "contestable"
    WAIT = "wait"


class Because(StrEnum):
    """Why the light is what it is."""

    NOT_THERE = "not_there"
    HELD = "held"
    GONE = "gone"
    NOBODYS = "nobodys"
    DISPUTED = "disputed"
    DOUBTFUL_PAYER = "doubtful_payer"
    TRANSFER = "transfer"
    BANK_VOUCHES = "bank_vouches"
    NOBODY_VOUCHES = "nobody_vouches"
    SPARED = "spared"
    TOO_LATE_TO_CONTEST = "too_late_to_contest"


@dataclass(frozen=True, slots=True)
class Standing:
    """
    What is known of one payment.

    `is_spared` says that we asked the payer's bank for no proof. `looks_false` says whether the
    engine would have stopped it, `is_cleared` whether somebody looked and let it through. `kept`
    was neither given back nor lost, `disputed` is withheld. Money that `pays_something` was asked
    for; other may have to be given back.
    """

    method: Method
    state: IntentState
    attempt_state: AttemptState | None
    amount: Money
    kept: Money
    disputed: Money
    captured_on: date | None = None
    has_liability_shift: bool = False
    is_spared: bool = False
    looks_false: bool = False
    is_cleared: bool = False
    pays_something: bool = True


@dataclass(frozen=True, slots=True)
class GreenLight:
    """`until` is the last day it may be contested; `at_risk` is what buying now could lose."""

    light: Light
    because: Because
    at_risk: Money
    until: date | None = None


def green_light(standing: Standing, *, today: date) -> GreenLight:
    """Say whether to buy; the doubt is always told with its amount."""
    if standing.state is not IntentState.CAPTURED or standing.captured_on is None:
        is_held = standing.attempt_state is AttemptState.HELD
        because = Because.HELD if is_held else Because.NOT_THERE
        return GreenLight(Light.WAIT, because, standing.amount)
    doubt = _doubt(standing)
    if doubt is not None:
        return doubt
    if standing.method is not Method.CARD:
        return GreenLight(Light.SAFE, Because.TRANSFER, _nothing(standing))
    return _of_card(standing, standing.captured_on, today)


def _doubt(standing: Standing) -> GreenLight | None:
    """Return why to wait whatever the means of payment."""
    if standing.disputed.minor:
        return GreenLight(Light.WAIT, Because.DISPUTED, standing.disputed)
    if not standing.kept.minor:
        return GreenLight(Light.WAIT, Because.GONE, standing.amount)
    if standing.looks_false and not standing.is_cleared:
        return GreenLight(Light.WAIT, Because.DOUBTFUL_PAYER, standing.kept)
    if not standing.pays_something:
        return GreenLight(Light.WAIT, Because.NOBODYS, standing.kept)
    return None


def _of_card(standing: Standing, captured_on: date, today: date) -> GreenLight:
    until = captured_on + timedelta(days=CONTESTABLE_DAYS)
    if standing.has_liability_shift:
        return GreenLight(Light.SAFE, Because.BANK_VOUCHES, _nothing(standing), until)
    if today > until:
        return GreenLight(Light.SAFE, Because.TOO_LATE_TO_CONTEST, _nothing(standing))
    because = Because.SPARED if standing.is_spared else Because.NOBODY_VOUCHES
    return GreenLight(Light.CONTESTABLE, because, standing.kept, until)


def _nothing(standing: Standing) -> Money:
    return Money(0, standing.amount.currency)
