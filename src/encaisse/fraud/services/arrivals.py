"""What is told to the engine, by whoever takes payments. Values, with nothing to look up."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from encaisse.fraud.core.verdicts import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Who is at the payer's page, as far as a page knows: nothing of it is asked of them."""

    address: str = ""
    agent: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A payer chose a way to pay. `passage_id` is the attempt's identifier."""

    passage_id: UUID
    cents: int
    method: str
    payer: Payer = field(default_factory=Payer)
    link_id: UUID | None = None
    link_since: datetime | None = None
    customer_id: UUID | None = None
    customer_since: datetime | None = None
    email: str = ""
    country: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """
    What a provider lets us know of a card; an empty fingerprint recognises nothing.

    `is_same_everywhere` says that the fingerprint is the same at every firm's account.
    """

    fingerprint: str = ""
    country: str = ""
    is_same_everywhere: bool = False


NO_CARD = Card()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """
    The payer's bank agreed to a try: is its money taken? Until when it may be, if known.

    `arrival` is what a try begun before this engine was there is weighed on.
    """

    arrival: Arrival
    card: Card
    authentication: str = ""
    has_liability_shift: bool | None = None
    intent_id: UUID | None = None
    deadline_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A try that needs no decision any more: refused by the payer's bank, or paid by transfer."""

    arrival: Arrival
    card: Card = NO_CARD
    is_refused: bool = False
    is_lost_or_stolen: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """
    What is done with a payment, and whether its link closes to cards until somebody looks.

    `tries_left` is how many cards may still be tried on the page about to open; `spared_cents` up
    to which amount this payer's bank may be asked for no proof.
    """

    decision_id: UUID
    verdict: Verdict
    closes_link: bool = False
    tries_left: int = 1
    spared_cents: int = 0
