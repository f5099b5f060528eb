"""The only writer of the journal."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from encaisse.kit.bulk import Statement, insertion, run_together
from encaisse.kit.gathering import Gatherer, Rank
from encaisse.kit.identifiers import new_id
from encaisse.ledger.core import Entry, EntryPostedDifferently, Side, Voucher
from encaisse.ledger.models import JournalEntry, JournalLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """An entry to post, what justifies it and what caused it ("payment_attempt:<id>")."""

    entry: Entry
    voucher: Voucher
    source: str


def post_entry(*, organization_id: UUID, posting: Posting, now: datetime) -> None:
    """Post one entry, once: the same source and reason again writes nothing."""
    _waiting.add(_Waiting(organization_id, now, posting))


@dataclass(frozen=True, slots=True)
class _Waiting:
    organization_id: UUID
    now: datetime
    posting: Posting


def _post_waiting(items: Sequence[_Waiting]) -> None:
    # One posting per organization, whenever each entry was asked for: a second one would lock
    # counters after the totals of the first, against the order of everybody else.
    for organization_id in {item.organization_id: None for item in items}:
        together = [item for item in items if item.organization_id == organization_id]
        post_entries(
            organization_id=organization_id,
            postings=[item.posting for item in together],
            now=max(item.now for item in together),
        )


_waiting: Gatherer[_Waiting] = Gatherer(Rank.ENTRIES, _post_waiting)


@transaction.atomic(savepoint=False)
def post_entries(*, organization_id: UUID, postings: Sequence[Posting], now: datetime) -> int:
    """
    Post a batch of entries in two exchanges with the database and return how many were new.

    Counter rows are locked in sorted order before anything is read, so that two batches neither
    deadlock nor number an entry twice; totals are locked in sorted order after them.

    :raises EntryPostedDifferently: the same source and reason stand there with other lines
    """
    locked, posted = run_together(
        [
            _lock_counters(organization_id, postings, now),
            _already_posted(organization_id, postings),
        ]
    )
    fresh = _not_among({(source, reason): lines for source, reason, lines in posted}, postings)
    if fresh:
        numbers = {(journal, year): number for journal, year, number in locked}
        run_together(
            [
                _insert_entries(organization_id, fresh, numbers, now),
                _insert_lines(organization_id, fresh, now),
                _advance_counters(organization_id, fresh),
                _add_to_totals(organization_id, fresh, now),
            ]
        )
    return len(fresh)


@dataclass(frozen=True, slots=True)
class _Fresh:
    id: UUID
    posting: Posting


_Counters = dict[tuple[str, int], int]


def _lock_counters(organization_id: UUID, postings: Sequence[Posting], now: datetime) -> Statement:
    keys = sorted({(p.voucher.journal.value, p.voucher.fiscal_year) for p in postings})
    return Statement(
        """
        INSERT INTO ledger_entrycounter
            (id, organization_id, journal, fiscal_year, last_number, created_at)
        SELECT key.id, %s, key.journal, key.fiscal_year, 0, %s
        FROM unnest(%s::uuid[], %s::text[], %s::int[]) AS key (id, journal, fiscal_year)
        ON CONFLICT (organization_id, journal, fiscal_year)
        DO UPDATE SET last_number = ledger_entrycounter.last_number
        RETURNING journal, fiscal_year, last_number
        """,
        [
            organization_id,
            now,
            [new_id() for _ in keys],
            [journal for journal, _ in keys],
            [year for _, year in keys],
        ],
    )


def _already_posted(organization_id: UUID, postings: Sequence[Posting]) -> Statement:
    return Statement(
        """
        SELECT source, reason, (
            SELECT json_agg(json_build_array(account, side, amount_minor, currency)
                            ORDER BY position)
            FROM ledger_journalline AS line
            WHERE line.organization_id = entry.organization_id AND line.entry_id = entry.id
        ) FROM ledger_journalentry AS entry
        WHERE organization_id = %s
          AND (source, reason) IN (SELECT * FROM unnest(%s::text[], %s::text[]))
        """,
        [
            organization_id,
            [posting.source for posting in postings],
            [posting.entry.reason for posting in postings],
        ],
    )


_Lines = list[list[object]]


def _not_among(
    posted: Mapping[tuple[str, str], _Lines], postings: Sequence[Posting]
) -> list[_Fresh]:
    """Leave out what stands there already, provided that it says the same."""
    known, fresh = dict(posted), []
    for posting in postings:
        key, lines = (posting.source, posting.entry.reason), _lines_of(posting)
        if key not in known:
            known[key] = lines
            fresh.append(_Fresh(new_id(), posting))
        elif known[key] != lines:
            raise EntryPostedDifferently(source=posting.source, reason=posting.entry.reason)
    return fresh


def _lines_of(posting: Posting) -> _Lines:
    return [
        [line.account.value, line.side.value, line.amount.minor, line.amount.currency.value]
        for line in posting.entry.lines
    ]


def _insert_entries(
    organization_id: UUID,
    fresh: Sequence[_Fresh],
    last_numbers: _Counters,
    now: datetime,
) -> Statement:
    numbers = _Counter(last_numbers)
    rows = [
        {
            "id": item.id,
            "organization_id": organization_id,
            "journal": item.posting.voucher.journal,
            "fiscal_year": item.posting.voucher.fiscal_year,
            "number": numbers.next_for(item.posting.voucher),
            "entry_date": item.posting.voucher.entry_date,
            "piece_reference": item.posting.voucher.piece_reference[:60],
            "piece_date": item.posting.voucher.piece_date,
            "label": item.posting.voucher.label[:160],
            "source": item.posting.source,
            "reason": item.posting.entry.reason,
            "validated_at": now,
            "created_at": now,
        }
        for item in fresh
    ]
    return insertion(JournalEntry, rows)


class _Counter:
    """Gives the numbers after the locked ones, in the order asked."""

    def __init__(self, last_numbers: _Counters) -> None:
        self._last = dict(last_numbers)

    def next_for(self, voucher: Voucher) -> int:
        key = (voucher.journal.value, voucher.fiscal_year)
        self._last[key] += 1
        return self._last[key]


def _insert_lines(organization_id: UUID, fresh: Sequence[_Fresh], now: datetime) -> Statement:
    rows = [
        {
            "id": new_id(),
            "organization_id": organization_id,
            "entry_id": item.id,
            "position": position,
            "account": line.account,
            "side": line.side,
            "amount_minor": line.amount.minor,
            "currency": line.amount.currency,
            "auxiliary_code": line.auxiliary.code if line.auxiliary else "",
            "auxiliary_name": line.auxiliary.name if line.auxiliary else "",
            "created_at": now,
        }
        for item in fresh
        for position, line in enumerate(item.posting.entry.lines)
    ]
    return insertion(JournalLine, rows)


def _advance_counters(organization_id: UUID, fresh: Sequence[_Fresh]) -> Statement:
    given = Counter(
        (item.posting.voucher.journal.value, item.posting.voucher.fiscal_year) for item in fresh
    )
    return Statement(
        """
        UPDATE ledger_entrycounter AS counter SET last_number = last_number + given.count
        FROM unnest(%s::text[], %s::int[], %s::bigint[]) AS given (journal, fiscal_year, count)
        WHERE organization_id = %s AND counter.journal = given.journal
          AND counter.fiscal_year = given.fiscal_year
        """,
        [
            [journal for journal, _ in given],
            [year for _, year in given],
            list(given.values()),
            organization_id,
        ],
    )


def _add_to_totals(organization_id: UUID, fresh: Sequence[_Fresh], now: datetime) -> Statement:
    debit: Counter[tuple[str, date, str]] = Counter()
    credit: Counter[tuple[str, date, str]] = Counter()
    for item in fresh:
        month = item.posting.voucher.entry_date.replace(day=1)
        for line in item.posting.entry.lines:
            side = debit if line.side is Side.DEBIT else credit
            side[line.account.value, month, line.amount.currency.value] += line.amount.minor
    keys = sorted({*debit, *credit})
    return Statement(
        """
        INSERT INTO ledger_accounttotal AS total
            (id, organization_id, account, month, currency, debit_minor, credit_minor, created_at)
        SELECT row.id, %s, row.account, row.month, row.currency, row.debit, row.credit, %s
        FROM unnest(%s::uuid[], %s::text[], %s::date[], %s::text[], %s::bigint[], %s::bigint[])
            AS row (id, account, month, currency, debit, credit)
        ON CONFLICT (organization_id, account, month, currency) DO UPDATE SET
            debit_minor = total.debit_minor + EXCLUDED.debit_minor,
            credit_minor = total.credit_minor + EXCLUDED.credit_minor
        """,
        [
            organization_id,
            now,
            [new_id() for _ in keys],
            [account for account, _, _ in keys],
            [month for _, month, _ in keys],
            [currency for _, _, currency in keys],
            [debit[key] for key in keys],
            [credit[key] for key in keys],
        ],
    )
