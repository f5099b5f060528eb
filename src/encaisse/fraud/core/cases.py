"""What a case to review may become, and what is learnt from it."""

from collections.abc import Mapping
from enum import StrEnum


class CaseState(StrEnum):
    """WAITING for a person; EXPIRED when the bank's agreement ended before anyone decided."""

    WAITING = "waiting"
    RELEASED = "released"
    REFUSED = "refused"
    EXPIRED = "expired"


CASE_MOVES: Mapping[CaseState, frozenset[CaseState]] = {
    CaseState.WAITING: frozenset({CaseState.RELEASED, CaseState.REFUSED, CaseState.EXPIRED}),
    CaseState.RELEASED: frozenset(),
    CaseState.REFUSED: frozenset(),
    CaseState.EXPIRED: frozenset(),
}


class Label(StrEnum):
    """What a payment turned out to be."""

    FRAUD = "fraud"
    HONEST = "honest"


class LabelSource(StrEnum):
    """Who says so: the payer's bank, whoever reviewed it, the firm afterwards."""

    DISPUTE = "dispute"
    REVIEW = "review"
    MERCHANT = "merchant"
