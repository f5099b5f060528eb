"""Answering a dispute: staged for as long as one likes, then given once. Reserve, ask, record."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from encaisse.audit import services as audit
from encaisse.kernel.actor import Actor, ActorKind
from encaisse.kernel.errors import NotFound
from encaisse.kernel.text import clean_text
from encaisse.kit.clock import paris_date
from encaisse.kit.files import read_file, store_file
from encaisse.kit.identifiers import new_id
from encaisse.kit.jobs import enqueue
from encaisse.kit.tenancy import acting_for
from encaisse.payments.core import (
    ANSWER_MOVES,
    UNSETTLED_ANSWERS,
    AnswerKind,
    AnswerState,
    DisputeState,
)
from encaisse.payments.errors import (
    DisputeAnswered,
    DisputeAnsweredTooLate,
    DisputeClosedAlready,
    EvidenceChanged,
    TooManyPhotos,
)
from encaisse.payments.models import Dispute, DisputeAnswer, DisputePhoto
from encaisse.payments.services.disputes import record_dispute
from encaisse.providers.answering import EvidenceRequest
from encaisse.providers.contract import (
    DisputeStatus,
    ProviderDispute,
    ProviderOutcomeUnknown,
    ProviderRejected,
)
from encaisse.providers.queries import connection_in_use, plugin_for
from encaisse.providers.registry import Plugin

MOST_PHOTOS = 8
LARGEST_STATEMENT = 3000
_STAGED = frozenset({AnswerState.DRAFT, AnswerState.REFUSED})


def stage_answer(
    *,
    organization_id: UUID,
    actor: Actor,
    dispute_id: UUID,
    statement: str,
    photos: Sequence[bytes],
    now: datetime,
) -> DisputeAnswer:
    """
    Keep what the firm wants to say and show. Nothing leaves; photos are JPEG written by us.

    :raises NotFound: no such dispute here
    :raises DisputeClosedAlready, DisputeAnswered, DisputeAnsweredTooLate: nothing is answered now
    :raises TooManyPhotos: more than the pack holds
    :raises Invalid: the statement is too long
    """
    said = clean_text(
        statement, largest=LARGEST_STATEMENT, field="Ce qui s’est passé", multiline=True
    )
    with acting_for(organization_id):
        answer = _lock_answerable(organization_id, dispute_id, now)
        if kept_photos(answer).count() + len(photos) > MOST_PHOTOS:
            raise TooManyPhotos(largest=MOST_PHOTOS)
        for content in photos:
            _keep_photo(answer, content, now)
        answer.statement, answer.updated_at = said, now
        answer.save(update_fields=["statement_sealed", "updated_at"])
        _audit(answer, actor, "dispute:answer:staged", now, photos=len(photos))
    return answer


def remove_photo(
    *, organization_id: UUID, actor: Actor, dispute_id: UUID, photo_id: UUID, now: datetime
) -> None:
    """
    Leave a photo out of the answer.

    :raises NotFound: no such dispute here, or no such photo with it
    :raises DisputeClosedAlready, DisputeAnswered, DisputeAnsweredTooLate: nothing is answered now
    """
    with acting_for(organization_id):
        answer = _lock_answerable(organization_id, dispute_id, now)
        if not kept_photos(answer).filter(id=photo_id).update(removed_at=now):
            raise NotFound
        answer.updated_at = now
        answer.save(update_fields=["updated_at"])
        _audit(answer, actor, "dispute:answer:photo_removed", now)


def contest(
    *,
    organization_id: UUID,
    actor: Actor,
    dispute_id: UUID,
    pack: bytes,
    staged_at: datetime | None,
    now: datetime,
) -> DisputeAnswer:
    """
    Give the evidence, for good: reserved here, sent by a job.

    `staged_at` dates what was read before confirming; None where nothing had been staged.

    :raises NotFound: no such dispute here
    :raises DisputeClosedAlready, DisputeAnswered, DisputeAnsweredTooLate: nothing is answered now
    :raises EvidenceChanged: somebody added or removed something since it was read
    :raises FileTooLarge: over 10 MB
    """
    with acting_for(organization_id):
        answer = _lock_answerable(organization_id, dispute_id, now)
        if answer.updated_at != (staged_at or now):
            raise EvidenceChanged
        stored = store_file(
            organization_id=organization_id,
            kind="dispute",
            name=f"contestation-{answer.dispute.provider_id}.pdf",
            media_type="application/pdf",
            content=pack,
            now=now,
        )
        answer.pack_file_id = stored.id
        answer.pack_sha256 = hashlib.sha256(pack).hexdigest()
        _give(answer, AnswerKind.CONTEST, actor, now)
    return answer


def give_up(
    *, organization_id: UUID, actor: Actor, dispute_id: UUID, now: datetime
) -> DisputeAnswer:
    """
    Tell the payer's bank that it may keep the money, for good.

    :raises NotFound: no such dispute here
    :raises DisputeClosedAlready, DisputeAnswered, DisputeAnsweredTooLate: nothing is answered now
    """
    with acting_for(organization_id):
        answer = _lock_answerable(organization_id, dispute_id, now)
        _give(answer, AnswerKind.GIVE_UP, actor, now)
    return answer


def send_answer(*, organization_id: UUID, answer_id: UUID, now: datetime) -> AnswerState:
    """
    Carry an answer to the provider, then record what the dispute became. Safe to run twice.

    :raises ProviderUnavailable: nothing was sent; the job tries again
    :raises ProviderOutcomeUnknown: nobody knows yet; the job asks again under the same key
    """
    with acting_for(organization_id):
        answer = DisputeAnswer.objects.select_related("dispute__connection").get(
            organization_id=organization_id, id=answer_id
        )
        connection = connection_in_use(answer.dispute.connection)
        pack = _pack_of(answer)
    if answer.state not in UNSETTLED_ANSWERS:
        return AnswerState(answer.state)
    opened = plugin_for(connection)
    told, refusal = _told(opened, answer, pack, now)
    record_dispute(
        organization_id=organization_id,
        connection_id=answer.dispute.connection_id,
        dispute=told,
        now=now,
    )
    if told.status is DisputeStatus.NEEDS_RESPONSE:
        if not refusal:
            raise ProviderOutcomeUnknown
        return _record(answer, AnswerState.REFUSED, refusal, now)
    return _record(answer, AnswerState.SENT, "", now)


def kept_photos(answer: DisputeAnswer) -> QuerySet[DisputePhoto]:
    """Return the photos that go with an answer, in the order they were added."""
    return DisputePhoto.objects.filter(
        organization_id=answer.organization_id, answer=answer, removed_at__isnull=True
    ).order_by("created_at", "id")


def _told(
    opened: Plugin, answer: DisputeAnswer, pack: bytes, now: datetime
) -> tuple[ProviderDispute, str]:
    """Return what the dispute is once asked, and why the provider refused where it did."""
    provider_id = answer.dispute.provider_id
    if answer.state == AnswerState.UNKNOWN:
        known = opened.fetch_dispute(provider_id)
        if known.status is not DisputeStatus.NEEDS_RESPONSE:
            return known, ""
    try:
        return _ask(opened, answer, pack), ""
    except ProviderOutcomeUnknown:
        _record(answer, AnswerState.UNKNOWN, "", now)
        return opened.fetch_dispute(provider_id), ""
    except ProviderRejected as error:
        # A refusal may only say that an earlier ask was heard: the dispute itself tells.
        return opened.fetch_dispute(provider_id), str(error.facts["reason"])


def _ask(opened: Plugin, answer: DisputeAnswer, pack: bytes) -> ProviderDispute:
    key = f"{answer.id}:{answer.round}"
    if answer.kind == AnswerKind.GIVE_UP:
        return opened.accept_dispute(
            provider_dispute_id=answer.dispute.provider_id, idempotency_key=key
        )
    return opened.submit_evidence(
        EvidenceRequest(
            idempotency_key=key,
            provider_dispute_id=answer.dispute.provider_id,
            statement=answer.statement,
            pdf=pack,
        )
    )


def _lock_answerable(organization_id: UUID, dispute_id: UUID, now: datetime) -> DisputeAnswer:
    """Lock a dispute that still takes an answer; return its draft, begun here if need be."""
    rows = Dispute.objects.select_for_update().filter(organization_id=organization_id)
    dispute = rows.filter(id=dispute_id).first()
    if dispute is None:
        raise NotFound
    if dispute.closed_at is not None:
        raise DisputeClosedAlready
    answer, _created = DisputeAnswer.objects.get_or_create(
        organization_id=organization_id,
        dispute=dispute,
        defaults={
            "id": new_id(),
            "state": AnswerState.DRAFT,
            "updated_at": now,
            "created_at": now,
        },
    )
    if dispute.state == DisputeState.UNDER_REVIEW or answer.state not in _STAGED:
        raise DisputeAnswered
    due = dispute.evidence_due_at
    if due is not None and now >= due:
        raise DisputeAnsweredTooLate(due=f"{paris_date(due):%d/%m/%Y}")
    answer.dispute = dispute
    return answer


def _keep_photo(answer: DisputeAnswer, content: bytes, now: datetime) -> None:
    stored = store_file(
        organization_id=answer.organization_id,
        kind="dispute",
        name="photo.jpg",
        media_type="image/jpeg",
        content=content,
        now=now,
    )
    DisputePhoto.objects.create(
        id=new_id(),
        organization_id=answer.organization_id,
        answer=answer,
        file_id=stored.id,
        created_at=now,
    )


def _give(answer: DisputeAnswer, kind: AnswerKind, actor: Actor, now: datetime) -> None:
    answer.kind, answer.state, answer.failure = kind, AnswerState.SENDING, ""
    answer.given_at, answer.updated_at = now, now
    answer.round += 1
    answer.save()
    enqueue("payments.send_answer", organization_id=answer.organization_id, answer_id=answer.id)
    _audit(answer, actor, f"dispute:answer:{kind}", now, sha256=answer.pack_sha256)


def _pack_of(answer: DisputeAnswer) -> bytes:
    if answer.kind != AnswerKind.CONTEST or answer.pack_file_id is None:
        return b""
    return read_file(organization_id=answer.organization_id, file_id=answer.pack_file_id)[1]


def _record(answer: DisputeAnswer, state: AnswerState, failure: str, now: datetime) -> AnswerState:
    """Write how an answer ended, once: the provider's own message may have been first."""
    with acting_for(answer.organization_id):
        row = DisputeAnswer.objects.select_for_update().get(
            organization_id=answer.organization_id, id=answer.id
        )
        before = AnswerState(row.state)
        if state not in ANSWER_MOVES[before]:
            return before
        row.state, row.failure, row.updated_at = state, failure[:40], now
        row.save(update_fields=["state", "failure", "updated_at"])
        row.dispute = answer.dispute
        provider = Actor(ActorKind.PROVIDER, answer.dispute.connection_id)
        _audit(row, provider, f"dispute:answer:{state}", now)
    return state


def _audit(
    answer: DisputeAnswer, actor: Actor, action: str, now: datetime, **facts: object
) -> None:
    audit.record(
        organization_id=answer.organization_id,
        actor=actor,
        action=action,
        target=f"payment:{answer.dispute.intent_id}",
        facts={"dispute": str(answer.dispute_id), **facts},
        now=now,
    )
