"""
The ordinary life of the demonstration's firm, moment by moment: the same for the same day. Pure.

`scenes` adds what went wrong.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from encaisse.cli.past.people import Person, Way, people
from encaisse.cli.past.plan import DAYS, PARIS, Act, Calendar, Job, Step
from encaisse.cli.past.scenes import scenes
from encaisse.cli.past.work import SEASON, SITES, VISITS, chosen

_VISITS_A_DAY, _SITES_A_DAY = 0.6, 0.23
_FRIDAY, _SATURDAY, _SUNDAY = 4, 5, 6
# Cards that their bank refuses, by cause: no money, too old, a wrong digit…
_REFUSED = (
    "4000000000009995",
    "4000000000009995",
    "4000000000000069",
    "4000000000000127",
    "4000000000000002",
    "4000000000003238",
)


# What there are few of, and something to learn from.
_TELLING = frozenset({Step.TRY_REFUSED, Step.REFUND, Step.CREDIT})
# What the first pages tell of, and the payout that comes short: never spared.
_SHOWN = timedelta(days=45)


def everything(now: datetime) -> list[Act]:
    """Return all that happened until now, in the order of time."""
    # Not a secret: the same seed gives everybody the same firm on the same day.
    chance = random.Random(1)  # noqa: S311
    acts = [*ordinary_life(now, chance), *scenes(now, chance), *fridays(now)]
    return sorted((act for act in acts if act.at < now), key=lambda act: act.at)


def spare_jobs(acts: Sequence[Act]) -> set[Job]:
    """Return the jobs without which a life, in order, still tells all that it has to tell."""
    needed = {act.job for act in acts if act.step in _TELLING or acts[-1].at - act.at < _SHOWN}
    return {act.job for act in acts if act.job.is_ordinary} - needed


def ordinary_life(now: datetime, chance: random.Random) -> list[Act]:
    """Return visits, sites and the Friday's bank statement, in no order."""
    calendar = Calendar(now, chance)
    everybody = people(chance)
    acts: list[Act] = []
    for days_ago in range(DAYS, -1, -1):
        day = calendar.day(days_ago)
        if day.weekday() == _SUNDAY:
            continue
        busy = SEASON[day.month - 1] * (0.4 if day.weekday() == _SATURDAY else 1.1)
        for _ in range(_count(_VISITS_A_DAY * busy, chance)):
            acts += _visit(calendar, day, chance.choice(everybody), chance)
        for _ in range(_count(_SITES_A_DAY * busy, chance)):
            acts += _site(calendar, day, chance.choice(everybody), chance)
    return acts


def fridays(now: datetime) -> Iterator[Act]:
    """Every other Friday evening, and today: the bank statement is looked at."""
    today = now.astimezone(PARIS).date()
    nobody = Job(Person("", "", "", "", "", "", Way.BANK, "", "", ""))
    for days_ago in range(DAYS, 0, -1):
        day = today - timedelta(days=days_ago)
        if day.weekday() == _FRIDAY and day.isocalendar().week % 2:
            yield Act(datetime.combine(day, time(19, 30), tzinfo=PARIS), Step.RECONCILE, nobody)
    yield Act(now - timedelta(minutes=3), Step.RECONCILE, nobody)


def _count(expected: float, chance: random.Random) -> int:
    whole = int(expected)
    return whole + (chance.random() < expected - whole)


def _visit(calendar: Calendar, day: date, person: Person, chance: random.Random) -> list[Act]:
    """Somebody calls, the plumber comes, and leaves an invoice."""
    work = chosen(VISITS, day.month, chance)
    job = Job(person, work.subject, work.lines(chance), is_ordinary=True)
    invoiced = calendar.at(day, 16, 19)
    if chance.random() < 0.02:  # sent to the wrong person: cancelled, and made again
        again = replace(job)
        evening = calendar.at(day, 20, 21)
        return [
            Act(invoiced, Step.INVOICE, job),
            Act(evening, Step.CREDIT, job),
            Act(evening + timedelta(minutes=9), Step.INVOICE, again),
            *_paid(calendar, day, again, chance),
        ]
    return [Act(invoiced, Step.INVOICE, job), *_paid(calendar, day, job, chance)]


def _site(calendar: Calendar, day: date, person: Person, chance: random.Random) -> list[Act]:
    """A quote, a yes most of the time, a deposit, the work, and the balance."""
    work = chosen(SITES, day.month, chance)
    job = Job(person, work.subject, work.lines(chance), is_ordinary=True)
    acts = [Act(calendar.at(day, 18, 20), Step.QUOTE, job)]
    answered = day + timedelta(days=chance.randint(1, 6))
    answer = chance.random()
    if answer < 0.16:
        return [*acts, Act(calendar.at(answered, 8, 21), Step.REFUSE, job)]
    if answer < 0.28:
        return acts  # never answered
    accepted = calendar.at(answered, 8, 20)
    finished = answered + timedelta(days=chance.randint(7, 24))
    return [
        *acts,
        Act(accepted, Step.ACCEPT, job),
        Act(accepted + timedelta(minutes=chance.randint(2, 90)), Step.PAY_DEPOSIT, job),
        Act(calendar.at(finished, 16, 18), Step.INVOICE, job),
        *_paid(calendar, finished, job, chance),
    ]


def _paid(calendar: Calendar, day: date, job: Job, chance: random.Random) -> list[Act]:
    """Most pay within days, some late, a few never."""
    luck = chance.random()
    look = Act(
        datetime.combine(day + timedelta(days=1), time(12, 40), tzinfo=PARIS), Step.LOOK, job
    )
    if luck < 0.02:
        return [look]
    late = luck < 0.12
    usual = (8, 30) if job.person.is_professional else (0, 9)
    days = chance.randint(33, 75) if late else chance.randint(*usual)
    paid = calendar.at(day + timedelta(days=days), 19 if not days else 8, 22)
    acts = [look] * late + [Act(paid, Step.PAY, job)]
    if job.person.way is Way.CARD and chance.random() < 0.12:
        tried = paid - timedelta(minutes=4)
        acts.append(Act(tried, Step.TRY_REFUSED, job, chance.choice(_REFUSED)))
    if job.person.way is not Way.TRANSFER and chance.random() < 0.025:
        returned = paid + timedelta(days=chance.randint(2, 8))
        acts.append(Act(returned, Step.REFUND, job, "Pièce reprise"))
    return acts
