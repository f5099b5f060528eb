"""What a try turned out to be: written once, and marked in the memory of all its subjects."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from encaisse.fraud.core.cases import Label, LabelSource
from encaisse.fraud.core.facts import paris_offset
from encaisse.fraud.core.passage import Subject, subjects_of
from encaisse.fraud.models import PassageLabel, PassageRecord
from encaisse.fraud.queries import last_facts
from encaisse.fraud.services.memory import Memory, vigilance_of
from encaisse.fraud.services.shared import follow_label
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for
from encaisse.risk.velocity import Attempt, stands_out
from encaisse.risk.velocity import label as mark


def learn(
    *, organization_id: UUID, passage_id: UUID, label: Label, source: LabelSource, now: datetime
) -> bool:
    """
    Write what a passage was; tell whether that is news.

    A bank's word outweighs ours: after a dispute, a review changes nothing.
    """
    with acting_for(organization_id):
        vigilance = vigilance_of(organization_id=organization_id, now=now, lock=True)
        known = PassageLabel.objects.filter(
            organization_id=organization_id, passage_id=passage_id
        ).order_by("-created_at", "-id")
        latest = known.first()
        is_outweighed = (
            latest is not None
            and latest.source == LabelSource.DISPUTE
            and source is not LabelSource.DISPUTE
        )
        if is_outweighed or (latest is not None and latest.label == label):
            return False
        PassageLabel.objects.create(
            id=new_id(),
            organization_id=organization_id,
            passage_id=passage_id,
            label=label,
            source=source,
            created_at=now,
        )
        was_fraud = latest is not None and latest.label == Label.FRAUD
        if was_fraud != (label is Label.FRAUD):
            _mark(organization_id, passage_id, is_fraud=label is Label.FRAUD, now=now)
        follow_label(vigilance, passage_id, label, source, now)
        return True


def admit(*, organization_id: UUID, passage_id: UUID, now: datetime) -> None:
    """Remember that a person let a try through: whoever made it is known from now on."""
    with acting_for(organization_id):
        vigilance_of(organization_id=organization_id, now=now, lock=True)
        counted = _counted(organization_id, passage_id)
        if counted is None:
            return
        subjects, memory = counted.subjects, counted.memory
        for tally in memory.to_change(subjects).values():
            tally.accept()
        memory.save(now)


def _mark(organization_id: UUID, passage_id: UUID, *, is_fraud: bool, now: datetime) -> None:
    """Tell the memory of each subject the try was counted under."""
    counted = _counted(organization_id, passage_id)
    if counted is None:
        return
    subjects, memory = counted.subjects, counted.memory
    attempt = Attempt(
        at=int(counted.at.timestamp()),
        cents=counted.cents,
        subjects={kind.value: token for kind, token in subjects.items()},
        offset=paris_offset(counted.at),
    )
    stood_out = stands_out(last_facts(organization_id=organization_id, passage_id=passage_id))
    mark(attempt, memory.to_change(subjects), fraud=is_fraud, stood_out=stood_out)
    memory.save(now)


@dataclass(frozen=True, slots=True)
class _Counted:
    """A try that was counted: when, its amount, and the memory of its subjects."""

    at: datetime
    cents: int
    subjects: Mapping[Subject, str]
    memory: Memory


def _counted(organization_id: UUID, passage_id: UUID) -> _Counted | None:
    """Return a try with its memory; None where it was paid before this engine was there."""
    record = PassageRecord.objects.filter(organization_id=organization_id, id=passage_id).first()
    if record is None or record.counted_at is None:
        return None
    subjects = subjects_of(record.tokens)
    memory = Memory.read(organization_id, subjects)
    return _Counted(record.counted_at, record.amount_minor, subjects, memory)
