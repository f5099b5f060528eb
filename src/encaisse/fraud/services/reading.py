"""All that a few decisions of one firm need from the tables, in one exchange with the database."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from encaisse.fraud.core.passage import Subject, subjects_of
from encaisse.fraud.core.verdicts import Verdict
from encaisse.fraud.models import PassageRecord
from encaisse.fraud.services.arrivals import Answer, Judged
from encaisse.fraud.services.firms import Firm, choices_of, firm_of
from encaisse.fraud.services.memory import Key, Memory, arrays, tallies_of
from encaisse.kit.bulk import Statement, columns_of, run_together, selection

# As tallies count a day: the hour that runs and the twenty-four before.
_CARDS_COUNT_FOR = timedelta(hours=25)
_Key = TypeVar("_Key")


@dataclass(frozen=True, slots=True)
class Try:
    """A passage with what its answer adds: the card, and the tokens of everything known."""

    record: PassageRecord
    tokens: Mapping[str, str]
    answer: Answer | None = None

    def subjects(self) -> dict[Subject, str]:
        return subjects_of(self.tokens)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """
    What tries are weighed on, beside the firm's choices.

    `listed` says on which lists a kind and token are, `snoozed` which rules do not count for a
    customer, `reopened` which links a person opened again while the cards tried before still count.
    """

    memory: Memory
    listed: Mapping[Key, frozenset[str]]
    snoozed: Mapping[UUID, frozenset[str]]
    reopened: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Begun:
    """What was known of tries before their answers, and those that are decided already."""

    firm: Firm
    records: dict[UUID, PassageRecord]
    judged: dict[UUID, Judged]


def begun(organization_id: UUID, passage_ids: Iterable[UUID], now: datetime) -> Begun:
    """Lock the firm, then read what was known of these tries: nobody else decides meanwhile."""
    of_these = [organization_id, _array(passage_ids)]
    choices, records, decided, released = run_together(
        [
            choices_of(organization_id, lock=True),
            selection(PassageRecord, "organization_id = %s AND id = ANY(%s::uuid[])", of_these),
            Statement(_DECIDED, of_these),
            Statement(_RELEASED, of_these),
        ]
    )
    firm = firm_of(choices, organization_id, now, lock=True)
    found = [_record(row) for row in records]
    # Told again, after a doubt about what became of it: a try is in the memory once it was
    # weighed, and weighed again it would know itself. What a person let through is not held again.
    judged = {row[0]: Judged(row[1], Verdict(row[2])) for row in decided}
    judged |= {row[0]: Judged(row[1], Verdict.ALLOW) for row in released}
    return Begun(firm, {record.id: record for record in found}, judged)


def surroundings(
    organization_id: UUID, tries: Sequence[Try], now: datetime
) -> tuple[Sequence[Sequence[object]], Surroundings]:
    """Return the firm's choices as they are read, and all that these tries are weighed on."""
    named = {pair for one in tries for pair in one.tokens.items()}
    counted = {(kind.value, token) for one in tries for kind, token in one.subjects().items()}
    customers = _array(one.record.customer_id for one in tries)
    links = _array(one.record.link_id for one in tries)
    choices, tallies, entries, snoozes, reopened = run_together(
        [
            choices_of(organization_id),
            tallies_of(organization_id, counted),
            Statement(_LISTED, [*arrays(named), organization_id, now]),
            Statement(_SNOOZED, [organization_id, customers, now]),
            Statement(_REOPENED, [organization_id, links, now - _CARDS_COUNT_FOR]),
        ]
    )
    return choices, Surroundings(
        Memory(organization_id, tallies),
        _grouped(((kind, token), name) for kind, token, name in entries),
        _grouped(snoozes),
        frozenset(link for (link,) in reopened),
    )


def _array(ids: Iterable[UUID | None]) -> str:
    """Return identifiers as an array of PostgreSQL."""
    return f"{{{','.join(sorted({str(id_) for id_ in ids if id_}))}}}"


def _grouped(pairs: Iterable[tuple[_Key, str]]) -> dict[_Key, frozenset[str]]:
    found: dict[_Key, set[str]] = {}
    for key, name in pairs:
        found.setdefault(key, set()).add(name)
    return {key: frozenset(names) for key, names in found.items()}


def _record(row: Sequence[Any]) -> PassageRecord:
    values = dict(zip(_COLUMNS, row, strict=True))
    values |= {name: json.loads(values[name]) for name in ("tokens", "known", "marks")}
    return PassageRecord.from_db("default", _COLUMNS, list(values.values()))


_COLUMNS = columns_of(PassageRecord)
_DECIDED = (
    "SELECT passage_id, id, outcome FROM fraud_frauddecision "
    "WHERE organization_id = %s AND passage_id = ANY(%s::uuid[]) "
    "AND stage = 'answered' ORDER BY created_at, id"
)
_RELEASED = (
    "SELECT passage_id, decision_id FROM fraud_reviewcase "
    "WHERE organization_id = %s AND passage_id = ANY(%s::uuid[]) "
    "AND NOT is_link AND state = 'released'"
)
# Both kinds of list are named so that each token is found by its whole key.
_LISTED = (
    "SELECT entry.subject, entry.token, entry.kind FROM fraud_listentry entry "
    "JOIN unnest(%s::text[], %s::text[]) AS wanted(kind, token) "
    "ON entry.subject = wanted.kind AND entry.token = wanted.token "
    "WHERE entry.organization_id = %s AND entry.kind IN ('allow', 'block') "
    "AND entry.ended_at IS NULL "
    "AND (entry.expires_at IS NULL OR entry.expires_at > %s)"
)
_SNOOZED = (
    "SELECT customer_id, rule FROM fraud_snooze "
    "WHERE organization_id = %s AND customer_id = ANY(%s::uuid[]) AND until > %s"
)
_REOPENED = (
    "SELECT link_id FROM fraud_reviewcase WHERE organization_id = %s AND is_link "
    "AND link_id = ANY(%s::uuid[]) AND state = 'released' AND decided_at > %s"
)
