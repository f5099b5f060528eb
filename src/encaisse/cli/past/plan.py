"""What a plan of the demonstration's past is made of: acts, each at its moment. Pure."""

import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from encaisse.cli.past.people import Person
from encaisse.invoicing.core.amounts import Line

DAYS = 426  # fourteen months
PARIS = ZoneInfo("Europe/Paris")


class Step(StrEnum):
    """One thing that somebody does."""

    QUOTE = "quote"
    ACCEPT = "accept"
    REFUSE = "refuse"
    INVOICE = "invoice"
    LINK = "link"  # an amount asked without an invoice
    LOOK = "look"  # the link is opened, and put off
    PAY_DEPOSIT = "pay_deposit"
    PAY = "pay"
    TRY_REFUSED = "try_refused"
    REFUND = "refund"
    CREDIT = "credit"
    RELEASE = "release"
    GIVE_UP_AS_FRAUD = "give_up_as_fraud"
    DISPUTE = "dispute"
    LOSE_DISPUTE = "lose_dispute"
    SHORT_PAYOUT = "short_payout"
    RECONCILE = "reconcile"


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """
    One job for one person: lines to invoice, or cents to ask for without an invoice.

    An ordinary one may be left out where time is short.
    """

    person: Person
    subject: str = ""
    lines: tuple[Line, ...] = ()
    cents: int = 0
    is_ordinary: bool = False


@dataclass(frozen=True, slots=True)
class Act:
    """Something done at a moment; a word or a card says what exactly."""

    at: datetime
    step: Step
    job: Job
    detail: str = ""


class Calendar:
    """Days of the firm's past, counted back from today."""

    def __init__(self, now: datetime, chance: random.Random) -> None:
        self.today = now.astimezone(PARIS).date()
        self._chance = chance

    def day(self, days_ago: int) -> date:
        return self.today - timedelta(days=days_ago)

    def at(self, day: date, first_hour: int, last_hour: int) -> datetime:
        """Return a moment of a day in Paris, between two hours."""
        minute = self._chance.randrange(60 * (last_hour - first_hour))
        moment = time(first_hour + minute // 60, minute % 60)
        return datetime.combine(day, moment, tzinfo=PARIS)


def begins_at(now: datetime) -> datetime:
    """Return when the firm signs up: eight in the morning, fourteen months ago."""
    first = now.astimezone(PARIS).date() - timedelta(days=DAYS + 1)
    return datetime.combine(first, time(8), tzinfo=PARIS)
