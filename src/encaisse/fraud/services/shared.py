"""Reports to the other firms of the host: made with a label, looked at again, taken back."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from encaisse.fraud.core.cases import Label, LabelSource
from encaisse.fraud.core.shared import (
    ANSWERED_WITHIN,
    LONGEST,
    MOST_CONTESTED,
    REMEMBERED_OVER,
    Ending,
    ReportReason,
    SharedKind,
    report_ends_at,
)
from encaisse.fraud.core.starter_rules import REPORTED
from encaisse.fraud.errors import (
    AlreadyContested,
    NotContested,
    NothingToContest,
    TooManyContested,
)
from encaisse.fraud.events import ReportContested
from encaisse.fraud.models import (
    FraudDecision,
    PassageRecord,
    SharedAppeal,
    SharedReport,
    Vigilance,
)
from encaisse.fraud.services.memory import vigilance_of
from encaisse.fraud.services.shared_reading import contested
from encaisse.fraud.services.sharing import note, reweigh
from encaisse.kernel.actor import SYSTEM, Actor
from encaisse.kernel.errors import NotFound
from encaisse.kit.bulk import update_all
from encaisse.kit.events import publish
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for

# As what a payer paid from is kept (see forgetting).
_MARKS_KEPT = timedelta(days=427)
_A_MONTH = timedelta(days=30)


def follow_label(
    vigilance: Vigilance, passage_id: UUID, label: Label, source: LabelSource, now: datetime
) -> None:
    """
    Report what a person called a fraud, and take back what turned out honest.

    A payer's bank only asks a question when it opens a dispute: that one is reported once lost.
    """
    if vigilance.sharing_since is None:
        return
    if label is Label.HONEST:
        _end(_in_force(vigilance.organization_id, passage_id=passage_id), Ending.HONEST, now)
    elif source is not LabelSource.DISPUTE:
        _report(vigilance, passage_id, ReportReason.REVIEWED, now)
    reweigh(vigilance, now)


def report_lost_dispute(*, organization_id: UUID, passage_id: UUID, now: datetime) -> None:
    """Report a payment whose payer's bank had the last word: it was a fraud."""
    with acting_for(organization_id):
        vigilance = vigilance_of(organization_id=organization_id, now=now, lock=True)
        if vigilance.sharing_since is not None:
            _report(vigilance, passage_id, ReportReason.DISPUTED, now)
            reweigh(vigilance, now)


def withdraw(*, organization_id: UUID, actor: Actor, report_id: UUID, now: datetime) -> None:
    """
    Take a report back: it weighs for nobody from now on, and its mark is forgotten.

    :raises NotFound: no such report in force here
    """
    with acting_for(organization_id):
        vigilance = vigilance_of(organization_id=organization_id, now=now, lock=True)
        report = _found(organization_id, report_id)
        why = Ending.APPEAL if report.id in contested() else Ending.MISTAKE
        _end(_in_force(organization_id, id=report_id), why, now)
        reweigh(vigilance, now)
        target = f"fraud_report:{report_id}"
        note(organization_id, actor, "withdrawn", target, {"why": why}, now)


def uphold(
    *, organization_id: UUID, actor: Actor, report_id: UUID, reason: str, now: datetime
) -> SharedReport:
    """
    Keep a report that somebody contests, after a person looked at it again: it weighs anew.

    :raises NotFound: no such report in force here
    :raises NotContested: nobody contests it
    """
    with acting_for(organization_id):
        vigilance_of(organization_id=organization_id, now=now, lock=True)
        report = _found(organization_id, report_id)
        if report.id not in contested():
            raise NotContested
        report.upheld_at, report.upheld_by_id, report.note = now, actor.id, reason
        report.save(update_fields=["upheld_at", "upheld_by_id", "note_sealed"])
        note(organization_id, actor, "upheld", f"fraud_report:{report_id}", {}, now)
        return report


def contest(*, organization_id: UUID, actor: Actor, decision_id: UUID, now: datetime) -> None:
    """
    Open an appeal for a payer whom others report: nothing of it weighs until they have looked.

    :raises NotFound: no such decision here
    :raises NothingToContest: it was not made on what others report, or that was forgotten since
    :raises AlreadyContested: that was done
    :raises TooManyContested: so many in a month are no longer people who came one by one
    """
    with acting_for(organization_id):
        vigilance_of(organization_id=organization_id, now=now, lock=True)
        decision = FraudDecision.objects.filter(
            organization_id=organization_id, id=decision_id
        ).first()
        if decision is None:
            raise NotFound
        if not any(reason["code"] == REPORTED for reason in decision.reasons):
            raise NothingToContest
        _check_room(organization_id, decision.passage_id, now)
        rows = list(_appeals(organization_id, actor, decision.passage_id, now))
        if not rows:
            raise NothingToContest
        SharedAppeal.objects.bulk_create(rows)
        note(organization_id, actor, "contested", f"fraud_decision:{decision_id}", {}, now)


def end_by_host(*, organization_id: UUID, marks: Collection[str], now: datetime) -> int:
    """
    End what a firm reports of a person, as the host was asked to; return how many reports ended.

    It says nothing against the firm, whose journal keeps it.
    """
    with acting_for(organization_id):
        reports = _in_force(organization_id, mark__in=marks)
        ids = sorted(reports.values_list("id", flat=True))
        _end(reports, Ending.HOST, now)
        for report_id in ids:
            target = f"fraud_report:{report_id}"
            note(organization_id, SYSTEM, "ended_by_host", target, {}, now)
    return len(ids)


def note_shared_export(*, organization_id: UUID, actor: Actor, number: int, now: datetime) -> None:
    """Write in the journal that the firm's reports were taken away."""
    with acting_for(organization_id):
        target = f"organization:{organization_id}"
        note(organization_id, actor, "exported", target, {"reports": number}, now)


def forget_shared(*, organization_id: UUID, now: datetime) -> None:
    """End what expired or what nobody answered for, tell what is contested, forget the rest."""
    with acting_for(organization_id):
        vigilance = (
            Vigilance.objects.select_for_update().filter(organization_id=organization_id).first()
        )
        if vigilance is None:
            return
        _end(_in_force(organization_id, expires_at__lte=now), Ending.EXPIRED, now)
        since = contested()
        unanswered = [row for row, moment in since.items() if moment <= now - ANSWERED_WITHIN]
        _end(_in_force(organization_id, id__in=unanswered), Ending.UNANSWERED, now)
        _tell(_in_force(organization_id, id__in=since.keys()), since, now)
        SharedReport.objects.filter(
            organization_id=organization_id, ended_at__lt=now - REMEMBERED_OVER
        ).delete()
        SharedAppeal.objects.filter(
            organization_id=organization_id, created_at__lt=now - LONGEST
        ).delete()
        PassageRecord.objects.filter(
            organization_id=organization_id, created_at__lt=now - _MARKS_KEPT
        ).exclude(marks={}).update(marks={})
        reweigh(vigilance, now)


def _tell(reports: QuerySet[SharedReport], since: Mapping[UUID, datetime], now: datetime) -> None:
    """Say once of each contest that a person must look at a report again."""
    fresh = [row for row in reports if row.told_at is None or row.told_at < since[row.id]]
    for row in fresh:
        row.told_at = now
        publish(ReportContested(organization_id=row.organization_id, report_id=row.id))
    update_all(fresh, ["told_at"])


def _report(vigilance: Vigilance, passage_id: UUID, reason: ReportReason, now: datetime) -> None:
    """Report what is fit to be shared of a passage; what this firm reports already lasts longer."""
    organization_id = vigilance.organization_id
    record = PassageRecord.objects.filter(organization_id=organization_id, id=passage_id).first()
    # Paid before the firm shared, or before this engine was there.
    fresh = {row.mark: row for row in _reports(record, reason, now)} if record else {}
    known = list(_in_force(organization_id, mark__in=fresh))
    for row in known:
        again = fresh.pop(row.mark)
        row.expires_at = max(row.expires_at, again.expires_at)
        # The gravest reason comes first in its list.
        row.reason = min(ReportReason(row.reason), reason, key=list(ReportReason).index)
    update_all(known, ["expires_at", "reason"])
    SharedReport.objects.bulk_create(fresh.values())


def _reports(record: PassageRecord, reason: ReportReason, now: datetime) -> Iterator[SharedReport]:
    for kind, by_key in record.marks.items():
        ends = report_ends_at(SharedKind(kind), reason, seen_at=record.created_at, now=now)
        # The current key of that moment comes first.
        key_id, mark = next(iter(by_key.items()))
        if ends > now:
            yield SharedReport(
                id=new_id(),
                organization_id=record.organization_id,
                kind=kind,
                mark=mark,
                key_id=int(key_id),
                reason=reason,
                passage_id=record.id,
                expires_at=ends,
                created_at=now,
            )


def _check_room(organization_id: UUID, passage_id: UUID, now: datetime) -> None:
    recent = SharedAppeal.objects.filter(
        organization_id=organization_id, created_at__gt=now - _A_MONTH
    )
    passages = set(recent.values_list("passage_id", flat=True))
    if passage_id in passages:
        raise AlreadyContested
    if len(passages) >= MOST_CONTESTED:
        raise TooManyContested


def _appeals(
    organization_id: UUID, actor: Actor, passage_id: UUID, now: datetime
) -> Iterator[SharedAppeal]:
    record = PassageRecord.objects.filter(organization_id=organization_id, id=passage_id).first()
    for kind, by_key in record.marks.items() if record else ():
        for key_id, mark in by_key.items():
            yield SharedAppeal(
                id=new_id(),
                organization_id=organization_id,
                kind=kind,
                mark=mark,
                key_id=int(key_id),
                passage_id=passage_id,
                opened_by_id=actor.id,
                created_at=now,
            )


def _found(organization_id: UUID, report_id: UUID) -> SharedReport:
    found = _in_force(organization_id, id=report_id).first()
    if found is None:
        raise NotFound
    return found


def _in_force(organization_id: UUID, **which: object) -> QuerySet[SharedReport]:
    return SharedReport.objects.filter(
        organization_id=organization_id, ended_at__isnull=True, **which
    )


def _end(reports: QuerySet[SharedReport], why: Ending, now: datetime) -> None:
    """A report that no longer counts forgets whom it was about."""
    reports.update(ended_at=now, ended_why=why, mark="")
