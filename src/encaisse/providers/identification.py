"""How strongly a payer's bank is asked to identify them, and what it may be asked to spare."""

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar, Protocol

from encaisse.kernel.money import Money


class Identification(StrEnum):
    """
    How strongly the payer's bank is asked to identify its card's holder (EMV 3-D Secure).

    The last two ask that the holder be spared it: a small amount, or a low risk (delegated
    regulation (EU) 2018/389, articles 16 and 18). A fraud is then the firm's loss.
    """

    AUTOMATIC = "automatic"
    REQUIRED = "required"
    LOW_VALUE = "low_value"
    TRANSACTION_RISK = "transaction_risk"


EXEMPTIONS = frozenset({Identification.LOW_VALUE, Identification.TRANSACTION_RISK})


class DeclaresExemptions(Protocol):
    """Which exemptions may be asked for, each up to an amount: its own frauds allow no more."""

    exemptions: ClassVar[Mapping[Identification, Money]]
