"""Writing alerts: one row while it goes on, people told at first and then from time to time."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q

from encaisse.kit.events import publish
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Role, allows
from encaisse.organizations.queries import members, roles_of
from encaisse.security.core import (
    FACTS_KEPT_FOR,
    RULES,
    AlertState,
    Channel,
    Kind,
    Severity,
    channels_of,
    is_same_alert,
)
from encaisse.security.events import AlertDue, AlertRaised
from encaisse.security.models import Alert, AlertDelivery, AlertPreference
from encaisse.security.pauses import pause_after
from encaisse.security.preferences import reached_by

_BATCH = 500


def raise_about_person(
    *, kind: Kind, user_id: UUID, cause_id: UUID, facts: Mapping[str, str], real_now: datetime
) -> None:
    """Raise an alert in each firm of a person; they are told themselves by the first one only."""
    for place, organization_id in enumerate(sorted(roles_of(user_id=user_id))):
        raise_alert(
            organization_id=organization_id,
            kind=kind,
            subject=f"user:{user_id}",
            about_id=user_id,
            cause_id=cause_id,
            facts=facts,
            tells_person=place == 0,
            real_now=real_now,
        )


def raise_alert(
    *,
    organization_id: UUID,
    kind: Kind,
    subject: str,
    cause_id: UUID,
    facts: Mapping[str, str],
    real_now: datetime,
    about_id: UUID | None = None,
    tells_person: bool = True,
) -> Alert:
    """Write that it happened; the first time, tell people. The same cause counts once."""
    with acting_for(organization_id):
        alert = _current(organization_id, kind, subject, cause_id, real_now)
        if alert is None:
            fresh = _fresh(organization_id, kind, subject, cause_id, real_now)
            fresh.about_id, fresh.tells_person, fresh.facts = about_id, tells_person, dict(facts)
            # Another process may have written it this instant: theirs counts ours.
            Alert.objects.bulk_create([fresh], ignore_conflicts=True)
            alert = _lock(organization_id, kind, subject)
        if alert.cause_id != cause_id:
            _count(alert, cause_id, facts, real_now)
        if alert.round == 0:
            tell(alert, real_now=real_now)
    return alert


def see(*, organization_id: UUID, alert_id: UUID, user_id: UUID, real_now: datetime) -> None:
    """Write that somebody looked at it: it is counted on nobody's bell any more."""
    with acting_for(organization_id):
        rows = Alert.objects.filter(organization_id=organization_id, id=alert_id)
        rows.filter(state=AlertState.OPEN).update(
            state=AlertState.SEEN, seen_by_id=user_id, seen_at=real_now
        )


def close_mended(*, organization_id: UUID, kind: Kind, still_wrong: Collection[str]) -> None:
    """Close the alerts of a kind about what is not wrong any more."""
    with acting_for(organization_id):
        rows = Alert.objects.filter(organization_id=organization_id, kind=kind)
        open_ones = rows.exclude(state=AlertState.CLOSED).exclude(subject__in=list(still_wrong))
        open_ones.update(state=AlertState.CLOSED)


def forget_facts(*, organization_id: UUID, real_now: datetime) -> int:
    """Erase what old alerts said of where and how; that they happened stays. Return how many."""
    with acting_for(organization_id):
        rows = Alert.objects.select_for_update().filter(
            organization_id=organization_id,
            last_at__lt=real_now - FACTS_KEPT_FOR,
            facts_erased_at__isnull=True,
        )
        old = list(rows[:_BATCH])
        for alert in old:
            alert.facts, alert.state, alert.facts_erased_at = {}, AlertState.CLOSED, real_now
            alert.save(update_fields=["facts_sealed", "state", "facts_erased_at"])
    return len(old)


def tell_what_goes_on(*, organization_id: UUID, real_now: datetime) -> int:
    """Tell again what happened more since people were told, never more often than its pauses."""
    with acting_for(organization_id):
        rows = Alert.objects.select_for_update().filter(
            organization_id=organization_id, told_count__lt=F("count"), told_at__isnull=False
        )
        due = [
            alert
            for alert in rows.order_by("id")
            if alert.told_at is not None and real_now - alert.told_at >= pause_after(alert.round)
        ]
        for alert in due:
            tell(alert, real_now=real_now)
    return len(due)


def tell(alert: Alert, *, real_now: datetime) -> None:
    """Queue one message per person and channel, in the transaction that holds the alert."""
    alert.round += 1
    alert.told_count, alert.told_at = alert.count, real_now
    alert.save(update_fields=["round", "told_count", "told_at"])
    for user_id in _hearers(alert):
        for channel in _channels(alert, user_id):
            _queue(alert, user_id, channel, real_now)
    publish(
        AlertRaised(
            organization_id=alert.organization_id,
            alert_id=alert.id,
            kind=alert.kind,
            severity=RULES[Kind(alert.kind)].severity,
            round=alert.round,
            count=alert.count,
        )
    )


def _current(
    organization_id: UUID, kind: Kind, subject: str, cause_id: UUID, now: datetime
) -> Alert | None:
    """Return the alert that goes on, locked; one that ended long ago is closed."""
    alert = _not_closed(organization_id, kind, subject)
    if alert is None or alert.cause_id == cause_id:
        return alert
    if is_same_alert(kind, last_at=alert.last_at, now=now):
        return alert
    alert.state = AlertState.CLOSED
    alert.save(update_fields=["state"])
    return None


def _not_closed(organization_id: UUID, kind: Kind, subject: str) -> Alert | None:
    rows = Alert.objects.select_for_update().filter(organization_id=organization_id)
    return rows.filter(~Q(state=AlertState.CLOSED), kind=kind, subject=subject).first()


def _lock(organization_id: UUID, kind: Kind, subject: str) -> Alert:
    alert = _not_closed(organization_id, kind, subject)
    if alert is None:
        raise RuntimeError("An alert just written is not there.")
    return alert


def _fresh(organization_id: UUID, kind: Kind, subject: str, cause_id: UUID, now: datetime) -> Alert:
    return Alert(
        id=new_id(),
        organization_id=organization_id,
        kind=kind,
        subject=subject,
        cause_id=cause_id,
        first_at=now,
        last_at=now,
        created_at=now,
    )


def _count(alert: Alert, cause_id: UUID, facts: Mapping[str, str], now: datetime) -> None:
    alert.last_at, alert.cause_id, alert.facts = now, cause_id, dict(facts)
    if not RULES[Kind(alert.kind)].is_condition:
        alert.count += 1
        alert.state = AlertState.OPEN
    alert.save(update_fields=["last_at", "cause_id", "facts_sealed", "count", "state"])


def _hearers(alert: Alert) -> Collection[UUID]:
    rule = RULES[Kind(alert.kind)]
    rows = members(organization_id=alert.organization_id)
    heard = {row.user_id for row in rows if allows(Role(row.role), rule.hears)}
    if alert.about_id is not None and rule.own:
        heard = heard - {alert.about_id} | ({alert.about_id} if alert.tells_person else set())
    return sorted(heard)


def _channels(alert: Alert, user_id: UUID) -> Collection[Channel]:
    rows = AlertPreference.objects.filter(user_id=user_id, kind=alert.kind)
    chosen = {Channel(row.channel): row.is_on for row in rows}
    channels = channels_of(Kind(alert.kind), chosen) & reached_by(user_id=user_id)
    if RULES[Kind(alert.kind)].severity is Severity.GRAVE and not channels:
        # The telephone chosen once may be gone; what is grave is never silent.
        return [Channel.EMAIL]
    return sorted(channels)


def _queue(alert: Alert, user_id: UUID, channel: Channel, now: datetime) -> None:
    delivery, is_new = AlertDelivery.objects.get_or_create(
        organization_id=alert.organization_id,
        alert=alert,
        user_id=user_id,
        channel=channel,
        round=alert.round,
        defaults={"id": new_id(), "created_at": now},
    )
    if is_new:
        publish(
            AlertDue(
                organization_id=alert.organization_id, delivery_id=delivery.id, channel=channel
            )
        )
