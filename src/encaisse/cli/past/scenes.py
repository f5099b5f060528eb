"""What went wrong at the demonstration's firm, so that there is something to learn. Pure."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from encaisse.cli.past.people import Person, numbered_card, person
from encaisse.cli.past.plan import Act, Calendar, Job, Step
from encaisse.cli.past.work import VISITS

# A bank that does not identify its cards' holders, and cards reported stolen.
_NO_PROOF = "40000005"
_STOLEN = ("4000000000009979", "4000000000009987", "4000000000009995")
_CONTESTED, _ORDINARY = "4000000000000259", "424242"
_FIRST_STRANGER = 700
# (days ago, cents): frauds that somebody recognised, and honest people who only looked like it.
_FRAUDS = ((331, 1_450_00), (214, 2_900_00), (47, 1_980_00))
_FALSE_ALARMS = ((287, 860_00), (168, 1_240_00), (84, 940_00), (26, 1_120_00))


def scenes(now: datetime, chance: random.Random) -> list[Act]:
    """Return what went wrong, in no order."""
    calendar = Calendar(now, chance)
    stranger = _strangers(chance)
    acts = _spree(calendar, next(stranger)) + _contested(calendar, next(stranger), chance)
    acts += _quarrel(calendar, chance)
    for days_ago, cents in _FRAUDS:
        acts += _held(calendar, days_ago, cents, next(stranger), Step.GIVE_UP_AS_FRAUD)
    for days_ago, cents in _FALSE_ALARMS:
        acts += _held(calendar, days_ago, cents, next(stranger), Step.RELEASE)
    waiting = Job(next(stranger), "Acompte, mise aux normes", cents=1_380_00)
    paid = now - timedelta(hours=2)
    acts += [Act(paid - timedelta(hours=1), Step.LINK, waiting), Act(paid, Step.PAY, waiting)]
    acts.append(Act(calendar.at(calendar.day(39), 4, 5), Step.SHORT_PAYOUT, waiting))
    return acts


def _strangers(chance: random.Random) -> Iterator[Person]:
    """People never seen before, whose bank vouches for nobody."""
    number = _FIRST_STRANGER
    while True:
        name = f"Client inconnu {number - _FIRST_STRANGER + 1}"
        yield person(number, name, chance, card=numbered_card(_NO_PROOF, number))
        number += 1


def _held(
    calendar: Calendar, days_ago: int, cents: int, somebody: Person, decision: Step
) -> list[Act]:
    """Money that waits until the plumber has called."""
    job = Job(somebody, "Acompte sur travaux", cents=cents)
    asked = calendar.at(calendar.day(days_ago), 9, 12)
    return [
        Act(asked, Step.LINK, job),
        Act(asked + timedelta(minutes=25), Step.PAY, job),
        Act(asked + timedelta(hours=4), decision, job),
    ]


def _spree(calendar: Calendar, somebody: Person) -> list[Act]:
    """Stolen cards tried one after the other on one link, at night."""
    asked = calendar.at(calendar.day(61), 22, 23)
    job = Job(somebody, "Dépannage du soir", cents=240_00)
    acts = [Act(asked, Step.LINK, job)]
    for number, card in enumerate(_STOLEN):
        tried = asked + timedelta(minutes=5 + 2 * number)
        acts.append(Act(tried, Step.TRY_REFUSED, job, card))
    acts.append(Act(asked + timedelta(hours=10), Step.GIVE_UP_AS_FRAUD, job))
    return acts


def _contested(calendar: Calendar, somebody: Person, chance: random.Random) -> list[Act]:
    """A card used without its owner, who says so to their bank; the money is lost."""
    thief = person(_FIRST_STRANGER - 1, somebody.name, chance, card=_CONTESTED)
    work = VISITS[1]
    job = Job(thief, work.subject, work.lines(chance)[:1])
    asked = calendar.at(calendar.day(243), 10, 12)
    return [
        Act(asked, Step.INVOICE, job),
        Act(asked + timedelta(hours=2), Step.PAY, job),
        Act(asked + timedelta(days=27), Step.LOSE_DISPUTE, job),
    ]


def _quarrel(calendar: Calendar, chance: random.Random) -> list[Act]:
    """A customer who says that the work was not done: still to be answered."""
    card = numbered_card(_ORDINARY, _FIRST_STRANGER)
    quarreller = person(_FIRST_STRANGER - 2, "Hugues Valmont", chance, card=card)
    work = VISITS[2]
    job = Job(quarreller, work.subject, work.lines(chance))
    asked = calendar.at(calendar.day(16), 10, 12)
    return [
        Act(asked, Step.INVOICE, job),
        Act(asked + timedelta(hours=5), Step.PAY, job),
        Act(asked + timedelta(days=11), Step.DISPUTE, job, "product_not_received"),
    ]
