"""One try to pay, as far as it is known: what the engine looks at, whoever asks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from encaisse.fraud.core.shared import SharedHit


class Stage(StrEnum):
    """
    When the question is put: before the provider is asked, once it answered, or when the money is
    to be given back.
    """

    ASKED = "asked"
    ANSWERED = "answered"
    REFUND = "refund"


# Of a payment, not of what is given back later.
OF_PAYMENTS = (Stage.ASKED, Stage.ANSWERED)


class Subject(StrEnum):
    """Whose past counts. Each has its own memory of what was tried."""

    MERCHANT = "merchant"
    LINK = "link"
    CUSTOMER = "customer"
    EMAIL = "email"
    DEVICE = "device"
    ADDRESS = "ip"
    NETWORK = "network"
    CARD = "card"


def subjects_of(tokens: Mapping[str, str]) -> dict[Subject, str]:
    """Return the subjects that are counted: what only lists name (a domain) has no memory."""
    return {subject: tokens[subject] for subject in Subject if subject in tokens}


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """
    One try. `subjects` gives opaque tokens, equal when the thing is; what is absent is not known.

    Countries are ISO 3166 alpha-2 codes; `authentication` is the provider's word for 3-D Secure,
    empty before it answered; `has_liability_shift` says whether the payer's bank bears a fraud.
    """

    at: datetime
    stage: Stage
    cents: int
    method: str
    subjects: Mapping[Subject, str] = field(default_factory=dict)
    address_country: str = ""
    billing_country: str = ""
    card_country: str = ""
    is_email_disposable: bool | None = None
    authentication: str = ""
    has_liability_shift: bool | None = None
    customer_since: datetime | None = None
    link_since: datetime | None = None
    listed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    # None where the firm does not share the list between firms: it was not asked.
    shared: SharedHit | None = None
    lists_were_read: bool = True
