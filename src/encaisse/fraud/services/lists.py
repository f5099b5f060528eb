"""The firm's own lists: who always passes, who never does. Entries end; none is deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from encaisse.audit import services as audit
from encaisse.fraud.core.list_files import FileEntry, read_list
from encaisse.fraud.core.lists import ListedKind, ListKind, normal_value
from encaisse.fraud.errors import AlreadyListed
from encaisse.fraud.models import ListEntry, PassageRecord, Vigilance
from encaisse.fraud.queries import last_facts
from encaisse.fraud.services.arrivals import Outcome
from encaisse.fraud.services.memory import Tokens, vigilance_of
from encaisse.kernel.actor import Actor
from encaisse.kernel.errors import NotFound
from encaisse.kit.clock import paris_date, start_of_day
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for

# A card that was found again, or replaced, is somebody's honest card after that.
_LOST_CARDS_FOR = timedelta(days=90)
# An address of the internet is shared: it is never refused because of one of its people.
_BLOCKED_TOGETHER = (ListedKind.CARD, ListedKind.DEVICE, ListedKind.EMAIL)
_BY_THEIR_BANK = "La banque du porteur a déclaré cette carte perdue ou volée."


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What somebody wants on a list, and until when."""

    kind: ListKind
    subject: ListedKind
    value: str
    reason: str
    expires_at: datetime | None = None


def add_entry(*, organization_id: UUID, actor: Actor, listing: Listing, now: datetime) -> ListEntry:
    """
    Put a value on a list.

    :raises ListedValueInvalid: it cannot be what it should
    :raises AlreadyListed: it is there
    """
    value = normal_value(listing.subject, listing.value)
    with acting_for(organization_id):
        # Whoever writes lists locks the firm's vigilance first, and the audit head last.
        vigilance = vigilance_of(organization_id=organization_id, now=now, lock=True)
        _end_expired(organization_id, now)
        token = Tokens.of(vigilance).token(listing.subject, value)
        return _put(organization_id, actor, listing, (value, token), now)


def add_entries(
    *, organization_id: UUID, actor: Actor, kind: ListKind, content: bytes, now: datetime
) -> int:
    """
    Put a whole file on a list, or nothing of it; return how many values were new.

    :raises ListFileUnreadable: a line is no entry
    :raises ListedValueInvalid: a value cannot be what its line says
    """
    entries = read_list(content)
    with acting_for(organization_id):
        vigilance = vigilance_of(organization_id=organization_id, now=now, lock=True)
        _end_expired(organization_id, now)
        tokens = Tokens.of(vigilance)
        # A table that was exported from here says of which list each line is.
        found = {
            (entry.kind or kind, tokens.token(entry.subject, entry.value)): entry
            for entry in entries
            if entry.until is None or entry.until >= paris_date(now)
        }
        current = ListEntry.objects.filter(
            organization_id=organization_id,
            ended_at__isnull=True,
            token__in=[token for _, token in found],
        )
        already = {(ListKind(one), token) for one, token in current.values_list("kind", "token")}
        rows = [
            _of_file(organization_id, actor, key, entry, now)
            for key, entry in found.items()
            if key not in already
        ]
        ListEntry.objects.bulk_create(rows, batch_size=500)
        _note(organization_id, actor, "imported", {"list": kind, "entries": len(rows)}, now)
        return len(rows)


def note_export(*, organization_id: UUID, actor: Actor, number: int, now: datetime) -> None:
    """Write in the journal that the lists were taken away."""
    with acting_for(organization_id):
        _note(organization_id, actor, "exported", {"entries": number}, now)


def block_passage(
    *,
    organization_id: UUID,
    actor: Actor,
    passage_id: UUID,
    is_link: bool,
    reason: str,
    now: datetime,
) -> None:
    """
    Refuse from now on the card, the device and the e-mail that a passage came with.

    The e-mail is the customer's, as the firm wrote it down: whoever tried cards on a link, or used
    the link of somebody who has paid before, is not that customer.
    """
    with acting_for(organization_id):
        vigilance_of(organization_id=organization_id, now=now, lock=True)
        record = PassageRecord.objects.get(organization_id=organization_id, id=passage_id)
        _end_expired(organization_id, now)
        known = ListEntry.objects.filter(
            organization_id=organization_id, kind=ListKind.BLOCK, ended_at__isnull=True
        ).values_list("token", flat=True)
        tokens = {kind: record.tokens[kind] for kind in _BLOCKED_TOGETHER if kind in record.tokens}
        facts = last_facts(organization_id=organization_id, passage_id=passage_id)
        if is_link or facts.get("customer_known"):
            tokens.pop(ListedKind.EMAIL, None)
        already = set(known.filter(token__in=tokens.values()))
        for kind, token in tokens.items():
            if token not in already:
                listing = Listing(kind=ListKind.BLOCK, subject=kind, value="", reason=reason)
                _put(organization_id, actor, listing, ("", token), now)


def end_entry(*, organization_id: UUID, actor: Actor, entry_id: UUID, now: datetime) -> None:
    """
    Take an entry off its list; it stays readable as having been there.

    :raises NotFound: no such entry here
    """
    with acting_for(organization_id):
        rows = ListEntry.objects.filter(
            organization_id=organization_id, id=entry_id, ended_at__isnull=True
        )
        if not rows.update(ended_at=now):
            raise NotFound
        audit.record(
            organization_id=organization_id,
            actor=actor,
            action="fraud_list:ended",
            target=f"fraud_list_entry:{entry_id}",
            facts={},
            now=now,
        )


def block_lost_cards(vigilance: Vigilance, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Refuse from now on the cards whose own bank just said lost or stolen."""
    lost = {one.card.fingerprint for one in outcomes if one.is_lost_or_stolen} - {""}
    if not lost:
        return
    _end_expired(vigilance.organization_id, now)
    tokens = Tokens.of(vigilance)
    rows = []
    for fingerprint in sorted(lost):
        row = ListEntry(
            id=new_id(),
            organization_id=vigilance.organization_id,
            kind=ListKind.BLOCK,
            subject=ListedKind.CARD,
            token=tokens.token(ListedKind.CARD, fingerprint),
            expires_at=now + _LOST_CARDS_FOR,
            created_at=now,
        )
        row.value, row.reason = fingerprint, _BY_THEIR_BANK
        rows.append(row)
    ListEntry.objects.bulk_create(rows, ignore_conflicts=True)


def _of_file(
    organization_id: UUID,
    actor: Actor,
    key: tuple[ListKind, str],
    entry: FileEntry,
    now: datetime,
) -> ListEntry:
    kind, token = key
    row = ListEntry(
        id=new_id(),
        organization_id=organization_id,
        kind=kind,
        subject=entry.subject,
        token=token,
        author_id=actor.id,
        expires_at=start_of_day(entry.until + timedelta(days=1)) if entry.until else None,
        created_at=now,
    )
    row.value, row.reason = entry.value, entry.reason
    return row


def _note(
    organization_id: UUID, actor: Actor, what: str, facts: dict[str, object], now: datetime
) -> None:
    audit.record(
        organization_id=organization_id,
        actor=actor,
        action=f"fraud_list:{what}",
        target="fraud_lists",
        facts=facts,
        now=now,
    )


def _put(
    organization_id: UUID,
    actor: Actor,
    listing: Listing,
    written: tuple[str, str],
    now: datetime,
) -> ListEntry:
    value, token = written
    row = ListEntry(
        id=new_id(),
        organization_id=organization_id,
        kind=listing.kind,
        subject=listing.subject,
        token=token,
        author_id=actor.id,
        expires_at=listing.expires_at,
        created_at=now,
    )
    row.value, row.reason = value, listing.reason
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise AlreadyListed from error
    audit.record(
        organization_id=organization_id,
        actor=actor,
        action="fraud_list:added",
        target=f"fraud_list_entry:{row.id}",
        facts={"list": listing.kind, "subject": listing.subject, "reason": listing.reason},
        now=now,
    )
    return row


def _end_expired(organization_id: UUID, now: datetime) -> None:
    """Close what ran out, so that the same value may be listed again."""
    ListEntry.objects.filter(
        organization_id=organization_id, ended_at__isnull=True, expires_at__lte=now
    ).update(ended_at=now)
