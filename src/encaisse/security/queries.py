"""Reading alerts: who sees which, in which words."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from encaisse.kernel.errors import NotFound
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Role
from encaisse.security.core import (
    RULES,
    AlertState,
    Channel,
    Kind,
    Severity,
    kinds_heard_by,
)
from encaisse.security.models import Alert, AlertPreference
from encaisse.security.sentences import sentence_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A member who reads: in which firm, with which role."""

    organization_id: UUID
    user_id: UUID
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An alert in words, as one person reads it."""

    title: str
    sentence: str
    advice: str
    severity: Severity
    details: tuple[tuple[str, str], ...]


def alerts(*, reader: Reader) -> QuerySet[Alert]:
    """Return what a member may read, newest first: what their role hears of, and their own."""
    rows = Alert.objects.filter(organization_id=reader.organization_id)
    own = [kind for kind, rule in RULES.items() if rule.own]
    mine = Q(about_id=reader.user_id, kind__in=own)
    seen = rows.filter(Q(kind__in=kinds_heard_by(reader.role)) | mine)
    return seen.select_related("about", "seen_by").order_by("-last_at", "-id")


def alert(*, reader: Reader, alert_id: UUID) -> Alert:
    """:raises NotFound: no such alert for them"""
    found = alerts(reader=reader).filter(id=alert_id).first()
    if found is None:
        raise NotFound
    return found


def number_open(*, reader: Reader) -> int:
    """Return how many nobody has looked at yet."""
    with acting_for(reader.organization_id):
        return alerts(reader=reader).filter(state=AlertState.OPEN).count()


_DETAILS = {
    "place": "D’où",
    "agent": "Appareil",
    "address": "Adresse",
    "amount": "Montant",
    "code": "Cause",
}


def told(row: Alert, *, reader_id: UUID) -> Told:
    """Say an alert to somebody."""
    kind, facts = Kind(row.kind), _facts(row)
    rule = RULES[kind]
    return Told(
        title=rule.title,
        sentence=sentence_for(kind, facts, is_own=row.about_id == reader_id),
        advice=rule.advice,
        severity=rule.severity,
        details=tuple((word, facts[name]) for name, word in _DETAILS.items() if facts.get(name)),
    )


def chosen_by(*, user_id: UUID) -> dict[Kind, dict[Channel, bool]]:
    """Return what a person chose otherwise than by default."""
    found: dict[Kind, dict[Channel, bool]] = {}
    for row in AlertPreference.objects.filter(user_id=user_id):
        found.setdefault(Kind(row.kind), {})[Channel(row.channel)] = row.is_on
    return found


def _facts(row: Alert) -> Mapping[str, str]:
    return {"person": str(row.about) if row.about else "Quelqu’un", **row.facts}
