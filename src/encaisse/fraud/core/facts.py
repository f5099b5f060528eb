"""
The facts of one passage: one flat snapshot, stored with the decision it led to.

At the door, in a back-test and in a replay, the same function computes them from the same memory.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel import Locale

from encaisse.fraud.core.lists import WEAK
from encaisse.fraud.core.passage import Passage, Stage, Subject
from encaisse.fraud.core.shared import KIND_WORDS, NOBODY, REASON_WORDS
from encaisse.risk import velocity
from encaisse.risk.rules import Facts, Value
from encaisse.risk.tallies import Tally
from encaisse.risk.velocity import Attempt

# The snapshot's shape and meaning: ours, and that of the memory it reads.
VERSION = 2000 + velocity.VERSION
# Decisions made on these are made again and come out the same: no fact changed its type since.
# Before 2002, who had only been held or blocked was said to be known.
REPEATABLE = frozenset({1002, VERSION})
# Days before which few frauds are known: a payer reads their statement once a month.
LABEL_DELAY_DAYS = 7
# The European Economic Area, where strong authentication is law (PSD2, article 97) and cards
# answer to it; the United Kingdom and Switzerland ask the same.
_AUTHENTICATING = frozenset(
    {
        "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR",
        "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT",
        "RO", "SE", "SI", "SK",
    }
)  # fmt: skip
# Parts of France with a code of their own (ISO 3166-2:FR) where its banks and its laws on payments
# are the same: whoever pays from Saint-Denis with a card of Paris is not abroad.
_PARTS_OF_FRANCE = frozenset({"BL", "GF", "GP", "MF", "MQ", "PM", "RE", "YT"})
_FRENCH = Locale("fr")
_PARIS = ZoneInfo("Europe/Paris")
_AUTHENTICATED = frozenset({"authenticated", "attempted"})

OWN_TYPES: Mapping[str, type] = {
    "stage": str,
    "method": str,
    "euros": float,
    "is_card": bool,
    "card_country": str,
    "card_place": str,
    "address_country": str,
    "address_place": str,
    "billing_country": str,
    "card_abroad": bool,
    "card_far": bool,
    "address_abroad": bool,
    "address_unknown": bool,
    "countries_disagree": bool,
    "email_disposable": bool,
    "device_known": bool,
    "card_known": bool,
    "customer_known": bool,
    "customer_age_days": int,
    "link_age_hours": int,
    "authentication": str,
    "is_authenticated": bool,
    "liability_shift": bool,
    "listed_block": bool,
    "listed_block_by": str,
    "listed_weak": bool,
    "listed_allow": bool,
    "lists_unread": bool,
    "shared_reporters": int,
    "shared_what": str,
    "shared_reason": str,
}
FACT_TYPES: Mapping[str, type] = {**velocity.FACT_TYPES, **OWN_TYPES}


def gather(passage: Passage, tallies: Mapping[str, Tally]) -> dict[str, Value]:
    """Return every fact of FACT_TYPES; one that is not known is None."""
    past = velocity.gather(attempt_of(passage), tallies, label_delay_days=LABEL_DELAY_DAYS)
    return {
        **past,
        **_of_the_payment(passage),
        **_of_places(passage),
        **_of_acquaintance(passage, tallies),
        **_of_lists(passage),
        **_of_others(passage),
    }


def attempt_of(passage: Passage) -> Attempt:
    """Return the passage as the memory counts it, its day being the day in Paris."""
    return Attempt(
        at=int(passage.at.timestamp()),
        cents=passage.cents,
        subjects={kind.value: token for kind, token in passage.subjects.items()},
        offset=paris_offset(passage.at),
    )


def paris_offset(moment: datetime) -> int:
    """Return how many seconds Paris was ahead of universal time."""
    ahead = moment.astimezone(_PARIS).utcoffset() or timedelta()
    return int(ahead.total_seconds())


def stored(facts: Facts) -> dict[str, Value]:
    """Return the snapshot as it is kept: what is not known is left out."""
    return {name: value for name, value in facts.items() if value is not None}


def restored(snapshot: Facts) -> dict[str, Value]:
    """Return a kept snapshot with every fact of today, those it did not know being None."""
    return {**dict.fromkeys(FACT_TYPES), **snapshot}


def _of_the_payment(passage: Passage) -> dict[str, Value]:
    answered = passage.stage is Stage.ANSWERED
    return {
        "stage": passage.stage.value,
        "method": passage.method,
        "euros": passage.cents / 100,
        "is_card": passage.method == "card",
        "authentication": passage.authentication if answered else None,
        "is_authenticated": passage.authentication in _AUTHENTICATED if answered else None,
        "liability_shift": passage.has_liability_shift if answered else None,
        "email_disposable": passage.is_email_disposable,
    }


def _of_places(passage: Passage) -> dict[str, Value]:
    card, address = passage.card_country or None, passage.address_country or None
    home = passage.billing_country or None
    return {
        "card_country": card,
        "card_place": _named(card),
        "address_country": address,
        "address_place": _named(address),
        "billing_country": home,
        "card_abroad": _differ(card, home),
        "card_far": card_is_far(card),
        "address_abroad": _differ(address, home),
        "address_unknown": address is None,
        "countries_disagree": _differ(card, address),
    }


def card_is_far(country: str | None) -> bool | None:
    """Tell whether a card's bank is where banks need not identify; None where it is not known."""
    return None if country is None else _bank_of(country) not in _AUTHENTICATING


def _named(country: str | None) -> str | None:
    """Name a country for the sentences; a code nobody knows is said as it is."""
    return None if country is None else str(_FRENCH.territories.get(country, country))


def _differ(one: str | None, other: str | None) -> bool | None:
    return None if one is None or other is None else _bank_of(one) != _bank_of(other)


def _bank_of(country: str) -> str:
    """Return the country whose banks a place answers to."""
    return "FR" if country in _PARTS_OF_FRANCE else country


def _of_acquaintance(passage: Passage, tallies: Mapping[str, Tally]) -> dict[str, Value]:
    known = {
        f"{subject}_known": _is_known(tallies, subject) if subject in passage.subjects else None
        for subject in (Subject.CARD, Subject.CUSTOMER, Subject.DEVICE)
    }
    return {
        **known,
        "customer_age_days": _age(passage.customer_since, passage.at, timedelta(days=1)),
        "link_age_hours": _age(passage.link_since, passage.at, timedelta(hours=1)),
    }


def _is_known(tallies: Mapping[str, Tally], subject: Subject) -> bool:
    """Tell whether something of it was ever let through: held or refused, it stays a stranger."""
    return subject in tallies and tallies[subject].is_known


def _age(since: datetime | None, now: datetime, unit: timedelta) -> int | None:
    return None if since is None else max(0, (now - since) // unit)


def _of_lists(passage: Passage) -> dict[str, Value]:
    blocked = passage.listed.get("block", frozenset())
    strong = sorted(blocked - WEAK)
    return {
        "listed_block": bool(strong),
        "listed_block_by": strong[0] if strong else None,
        "listed_weak": bool(blocked & WEAK),
        "listed_allow": bool(passage.listed.get("allow", frozenset()) - WEAK),
        "lists_unread": not passage.lists_were_read,
    }


def _of_others(passage: Passage) -> dict[str, Value]:
    """Say what other firms of the host report; a firm that does not share is told nothing."""
    hit = passage.shared or NOBODY
    return {
        "shared_reporters": None if passage.shared is None else hit.reporters,
        "shared_what": KIND_WORDS[hit.kind] if hit.kind else None,
        "shared_reason": REASON_WORDS[hit.reason] if hit.reason else None,
    }
