"""
What a firm can prove of how its customers' money is kept: each proof measured, dated, and over.

Nothing is asked of anybody: these are the provider's own attestation, what the commands of the host
noted when they last succeeded, and figures counted as payments became funds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from encaisse.kit.clock import paris_date
from encaisse.kit.notes import BACKUPS, PUBLIC_CHECKS, noted
from encaisse.providers.queries import active_connections
from encaisse.reporting.core import Figure, Period, hours_to_funds, last_days, median
from encaisse.reporting.queries import daily_figures

# After this long, a measure says nothing of today.
TLS_HOLDS = timedelta(days=31)
RESTORE_HOLDS = timedelta(days=92)
FUNDS_DAYS = 90
# Below this, a median would tell of one customer rather than of the firm.
FEWEST_PAYMENTS = 5


@dataclass(frozen=True, slots=True)
class TlsProof:
    """What a stranger's browser meets, graded by `encaisse check --public`."""

    grade: str
    address: str
    measured_on: date
    checks: Sequence[tuple[str, str, str]]  # identifier, status, sentence
    is_over: bool


@dataclass(frozen=True, slots=True)
class CardProof:
    """The provider's PCI DSS attestation, with where it can be read."""

    provider: str
    attested_on: date
    expires_on: date
    url: str
    is_over: bool


@dataclass(frozen=True, slots=True)
class RestoreProof:
    """A backup put back beside the live base and compared with what it was made of."""

    measured_on: date
    seconds: float
    is_over: bool


_Proof = TypeVar("_Proof", TlsProof, RestoreProof)


@dataclass(frozen=True, slots=True)
class FundsProof:
    """How long money takes from a payment to the firm's bank account, over ninety days."""

    median_hours: int
    period: Period
    shares: Mapping[int, float]  # by hours: the part of the payments, which all add up to 1


@dataclass(frozen=True, slots=True)
class Proofs:
    """What is proven; None where it was never measured, or too little."""

    tls: TlsProof | None
    cards: CardProof | None
    restore: RestoreProof | None
    funds: FundsProof | None


def proofs(*, organization_id: UUID, now: datetime, real_now: datetime) -> Proofs:
    """
    Read the proofs of a firm: two queries and two small files.

    `now` is the business clock's, which dates payments and attestations; machines have real time.
    """
    folder = Path(settings.DATA_DIR)
    return Proofs(
        tls=_read(_tls, noted(folder, PUBLIC_CHECKS).get(settings.PUBLIC_URL), real_now),
        cards=_cards(organization_id, paris_date(now)),
        restore=_read(_restore, noted(folder, BACKUPS).get("drill"), real_now),
        funds=_funds(organization_id, paris_date(now)),
    )


def _read(
    make: Callable[[Mapping[str, Any], datetime], _Proof], note: Any, real_now: datetime
) -> _Proof | None:
    """Make a proof of what was noted; none of a note that another version or a hand wrote."""
    try:
        return make(note, real_now)
    except (KeyError, TypeError, ValueError):
        return None


def _tls(seen: Mapping[str, Any], real_now: datetime) -> TlsProof:
    at = datetime.fromisoformat(seen["at"])
    return TlsProof(
        grade=seen["grade"],
        address=seen["url"],
        measured_on=paris_date(at),
        checks=[(one["id"], one["status"], one["message"]) for one in seen["checks"]],
        is_over=real_now - at > TLS_HOLDS,
    )


def _cards(organization_id: UUID, today: date) -> CardProof | None:
    row = active_connections(organization_id=organization_id).first()
    if row is None or row.pci_attested_on is None or row.pci_expires_on is None:
        return None
    return CardProof(
        provider=row.display_name,
        attested_on=row.pci_attested_on,
        expires_on=row.pci_expires_on,
        url=row.pci_certificate_url if _is_safe(row.pci_certificate_url) else "",
        is_over=row.pci_expires_on < today,
    )


def _is_safe(url: str) -> bool:
    """Tell whether a public page may lead there: the simulated provider is not in https."""
    return urlsplit(url).scheme in ({"https", "http"} if settings.DEMO else {"https"})


def _restore(drill: Mapping[str, Any], real_now: datetime) -> RestoreProof:
    at = datetime.fromisoformat(drill["at"])
    return RestoreProof(
        measured_on=paris_date(at),
        seconds=float(drill["restore_seconds"]),
        is_over=real_now - at > RESTORE_HOLDS,
    )


def _funds(organization_id: UUID, today: date) -> FundsProof | None:
    period = last_days(FUNDS_DAYS, until=today)
    arrivals = daily_figures(
        organization_id=organization_id, period=period, figure=Figure.FUNDS_HOURS
    )
    spread = hours_to_funds(arrivals)
    whole = sum(spread.values())
    middle = median(spread)
    if middle is None or whole < FEWEST_PAYMENTS:
        return None
    return FundsProof(middle, period, {hours: count / whole for hours, count in spread.items()})
