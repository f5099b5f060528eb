"""
Invented payments of invented firms, the same for a seed: what the cold-start model learns from.

Nothing here was measured. It writes down what is known of how payments by link are attacked: cards
tried one after the other, stolen cards spent at once, a customer's mailbox taken over.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from encaisse.fraud.offline.replay import Memory
from encaisse.risk.rules import Value
from encaisse.risk.velocity import KINDS, Attempt, gather, label, record, stands_out

SEED = 20_260_302
FIRMS, CUSTOMERS, DAYS = 14, 60, 200
LABEL_DELAY_DAYS = 7
_START = int(datetime(2026, 1, 5, tzinfo=UTC).timestamp())
_DAY, _HOUR = 86_400, 3_600
_FAR = ("US", "BR", "NG", "IN", "ID")
_NEAR = ("FR", "FR", "FR", "FR", "FR", "FR", "BE", "DE", "ES")
OWN = (
    "card_abroad", "card_far", "address_abroad", "address_unknown", "countries_disagree",
    "email_disposable", "customer_age_days", "link_age_hours",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Invented:
    """One try to pay, and what it was. `own` are the facts that no memory is needed for."""

    attempt: Attempt
    own: Mapping[str, Value]
    is_refused: bool
    is_fraud: bool


@dataclass(slots=True)
class _Customer:
    number: str
    mean: float
    country: str
    since: int
    devices: list[str] = field(default_factory=list)

    @property
    def names(self) -> dict[str, str]:
        return {kind: f"{kind}-{self.number}" for kind in ("card", "email", "ip", "customer")}


class _Firm:
    """One firm's payments, in no order."""

    def __init__(self, dice: random.Random, number: int) -> None:
        self._dice, self._number, self._made = dice, number, 0
        scale = dice.choice((40, 120, 400, 1_200))
        self._customers = [
            _Customer(
                f"{number}-{one}",
                scale * dice.lognormvariate(0, 0.5),
                dice.choice(_NEAR),
                _START - dice.randrange(700) * _DAY,
                [f"device-{number}-{one}"],
            )
            for one in range(CUSTOMERS)
        ]

    def payments(self) -> Iterator[Invented]:
        for day in range(DAYS):
            for customer in self._customers:
                if self._dice.random() < 0.04:
                    yield from self._honest(customer, self._moment(day))
            attack = self._dice.random()
            if attack < 0.006:
                yield from self._cards_tried(self._moment(day))
            elif attack < 0.02:
                yield from self._stolen_card(self._moment(day))
            elif attack < 0.026:
                yield from self._mailbox_taken(self._moment(day))

    def _honest(self, customer: _Customer, at: int) -> Iterator[Invented]:
        dice = self._dice
        if dice.random() < 0.05:
            customer.devices.append(f"{customer.devices[0]}-{len(customer.devices)}")
        names = {**customer.names, "device": customer.devices[-1]}
        if dice.random() < 0.35:
            # Somebody who pays once: as new as a thief is.
            names = {kind: self._next(kind) for kind in (*names,)}
        if dice.random() < 0.03:
            names["card"] += "-new"
        if dice.random() < 0.3:
            names["ip"] += f"-{dice.randrange(5)}"
        amount = customer.mean * dice.lognormvariate(0, 0.8)
        card = dice.choice((*_NEAR, *_FAR)) if dice.random() < 0.08 else customer.country
        address = dice.choice((*_NEAR, *_FAR)) if dice.random() < 0.08 else customer.country
        for attempt in range(2 if dice.random() < 0.06 else 1):
            refused = attempt == 0 and dice.random() < 0.04
            yield self._made_of(
                at + 90 * attempt, amount, names, (customer, card, address),
                refused=refused, fraud=False, disposable=dice.random() < 0.03,
            )  # fmt: skip

    def _cards_tried(self, at: int) -> Iterator[Invented]:
        """Somebody has a list of cards and wants to know which ones work."""
        dice = self._dice
        thief, victim = self._thief(), dice.choice(self._customers)
        link = self._next("link")
        amount = victim.mean * dice.uniform(0.2, 1)
        for number in range(dice.randrange(3, 15)):
            names = {**thief, "card": f"{thief['device']}-card-{number}", "link": link}
            if dice.random() < 0.5:
                names["ip"] = f"{thief['ip']}-{dice.randrange(3)}"
            places = (victim, dice.choice((*_NEAR, *_FAR)), dice.choice((*_NEAR, *_FAR)))
            yield self._made_of(
                at + number * dice.randrange(20, 300), amount, names, places,
                refused=dice.random() < 0.8, fraud=True, disposable=dice.random() < 0.5,
            )  # fmt: skip

    def _stolen_card(self, at: int) -> Iterator[Invented]:
        """A card is spent while it lasts, for much, often by somebody who came before."""
        dice = self._dice
        thief, victim = self._thief(), dice.choice(self._customers)
        country = dice.choice((*_NEAR, *_NEAR, *_FAR))
        for number in range(dice.choice((1, 1, 2, 3))):
            names = {**thief, "card": f"{thief['device']}-stolen"}
            amount = victim.mean * dice.uniform(0.7, 5)
            places = (victim, country, dice.choice((country, country, "FR", "FR", *_FAR[:2])))
            yield self._made_of(
                at + number * dice.randrange(600, 5 * _DAY), amount, names, places,
                refused=dice.random() < 0.3, fraud=True, disposable=dice.random() < 0.35,
            )  # fmt: skip

    def _mailbox_taken(self, at: int) -> Iterator[Invented]:
        """The customer is known, nothing else is."""
        dice = self._dice
        victim = dice.choice(self._customers)
        names = {**self._thief(), "card": f"{victim.number}-unknown"}
        names |= {kind: victim.names[kind] for kind in ("email", "customer")}
        places = (victim, victim.country, dice.choice((victim.country, victim.country, *_FAR[:2])))
        yield self._made_of(
            at, victim.mean * dice.uniform(1, 6), names, places, refused=False, fraud=True
        )

    def _made_of(
        self,
        at: int,
        euros: float,
        names: Mapping[str, str],
        places: tuple[_Customer, str, str],
        *,
        refused: bool,
        fraud: bool,
        disposable: bool = False,
    ) -> Invented:
        customer, card, address = places
        subjects = {
            "merchant": f"firm-{self._number}",
            "link": self._next("link"),
            "network": f"{address}-{self._number}-{self._dice.randrange(12)}",
            **names,
        }
        unknown = self._dice.random() < 0.05
        own: dict[str, Value] = {
            "card_abroad": card != customer.country,
            "card_far": card in _FAR,
            "address_abroad": None if unknown else address != customer.country,
            "address_unknown": unknown,
            "countries_disagree": None if unknown else card != address,
            "email_disposable": disposable,
            "customer_age_days": self._age(names, customer, at),
            "link_age_hours": min(700, int(self._dice.expovariate(1 / 30))),
        }
        attempt = Attempt(at, max(100, round(euros * 100)), subjects, offset=_HOUR)
        return Invented(attempt, own, refused, fraud)

    def _age(self, names: Mapping[str, str], customer: _Customer, at: int) -> int:
        if names["customer"] == customer.names["customer"]:
            return max(0, (at - customer.since) // _DAY)
        return int(self._dice.expovariate(1 / 3))

    def _thief(self) -> dict[str, str]:
        """Return somebody never seen here, or now and then the last one again."""
        if self._dice.random() < 0.7:
            self._made += 1
        number = f"{self._number}-{self._made}"
        return {kind: f"{kind}-thief-{number}" for kind in ("device", "email", "ip", "customer")}

    def _next(self, kind: str) -> str:
        return f"{kind}-{self._number}-{self._dice.getrandbits(40)}"

    def _moment(self, day: int) -> int:
        hour = self._dice.gauss(14, 4) % 24
        return _START + day * _DAY + int(hour * _HOUR) + self._dice.randrange(60)


def invented_payments(*, seed: int = SEED, firms: int = FIRMS) -> list[Invented]:
    dice = random.Random(seed)  # noqa: S311  nothing here is a secret
    made = [one for number in range(firms) for one in _Firm(dice, number).payments()]
    return sorted(made, key=lambda one: (one.attempt.at, sorted(one.attempt.subjects.values())))


def with_facts(payments: list[Invented]) -> Iterator[tuple[Invented, dict[str, Value]]]:
    """Give each payment with the facts known before it: those that the door gathers."""
    memory = Memory(KINDS)
    for one in payments:
        tallies = memory.of(one.attempt.subjects)
        facts = gather(one.attempt, tallies, label_delay_days=LABEL_DELAY_DAYS)
        facts.update(one.own)
        yield one, facts
        record(one.attempt, tallies, refused=one.is_refused)
        if one.is_fraud:
            label(one.attempt, tallies, stood_out=stands_out(facts))
