"""The one place that names plug-ins."""

from collections.abc import Mapping
from typing import Protocol

from encaisse.kernel.errors import NotFound
from encaisse.kernel.money import Money
from encaisse.providers.answering import AnswersDisputes
from encaisse.providers.contract import (
    ChargesCards,
    DeclaresPayoutDelay,
    DescribesAccount,
    FingerprintScope,
    InitiatesTransfers,
    PayoutDelay,
    ReadsBankFeed,
    ReceivesWebhooks,
    RefundsPayments,
    ReportsDisputes,
    ReportsPayouts,
)
from encaisse.providers.identification import DeclaresExemptions, Identification
from encaisse.providers.sandbox.plugin import SandboxPlugin


class Plugin(
    DescribesAccount,
    ChargesCards,
    InitiatesTransfers,
    RefundsPayments,
    ReportsDisputes,
    AnswersDisputes,
    ReportsPayouts,
    ReceivesWebhooks,
    ReadsBankFeed,
    DeclaresPayoutDelay,
    DeclaresExemptions,
    Protocol,
):
    """A provider that can do everything; the others are asked one capability at a time."""


class MakesPlugin(Protocol):
    """A plug-in's class: it opens with a firm's keys, and says without them what never changes."""

    @property
    def payout_delay(self) -> PayoutDelay: ...
    @property
    def exemptions(self) -> Mapping[Identification, Money]: ...
    @property
    def fingerprint_scope(self) -> FingerprintScope: ...

    def __call__(self, *, api_key: str, webhook_secret: str) -> Plugin: ...


_PLUGINS: dict[str, MakesPlugin] = {"sandbox": SandboxPlugin}


def provider_names() -> list[str]:
    return sorted(_PLUGINS)


def payout_delay(*, provider: str) -> PayoutDelay | None:
    """Return how long a provider keeps card payments; None for one we no longer have."""
    made = _PLUGINS.get(provider)
    return made.payout_delay if made else None


def exemptions(*, provider: str) -> Mapping[Identification, Money]:
    """Return which proofs a provider may ask banks to do without, each up to an amount."""
    made = _PLUGINS.get(provider)
    return made.exemptions if made else {}


def has_network_fingerprint(*, provider: str) -> bool:
    """Tell whether a card's fingerprint is the same at every account of a provider's network."""
    made = _PLUGINS.get(provider)
    return made is not None and made.fingerprint_scope is FingerprintScope.NETWORK


def plugin(*, provider: str, api_key: str, webhook_secret: str = "") -> Plugin:
    """
    Return the plug-in of a provider, opened with a firm's keys.

    :raises NotFound: no plug-in has this name
    """
    if provider not in _PLUGINS:
        raise NotFound
    return _PLUGINS[provider](api_key=api_key, webhook_secret=webhook_secret)
