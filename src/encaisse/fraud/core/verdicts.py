"""What is done with a payment."""

from enum import StrEnum


class Verdict(StrEnum):
    """From the mildest."""

    ALLOW = "allow"
    CHALLENGE = "challenge"
    HOLD = "hold"
    BLOCK = "block"


SCALE = tuple(Verdict)


def most_severe(*verdicts: Verdict) -> Verdict:
    return max(verdicts, key=SCALE.index)
