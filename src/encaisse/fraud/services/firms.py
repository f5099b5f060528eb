"""What a firm chose, as every decision of it needs it: read each time, opened and parsed once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from encaisse.fraud.models import Vigilance
from encaisse.fraud.services.memory import Tokens, vigilance_of
from encaisse.fraud.services.own_rules import LiveRules, live_rules
from encaisse.kit.bulk import Statement, columns_of, run_together, selection

# How many firms a process remembers: a few hundred bytes for each of its rules.
_MOST_FIRMS = 500


@dataclass(frozen=True, slots=True)
class Firm:
    """Choices of this very moment, the key of the firm's tokens, its rules as functions."""

    vigilance: Vigilance
    tokens: Tokens
    rules: LiveRules


@dataclass(frozen=True, slots=True)
class _Opened:
    """What took time to open and to parse, and of which row and version it is."""

    sealed: bytes
    tokens: Tokens
    version: UUID | None
    rules: LiveRules


_COLUMNS = columns_of(Vigilance)


def choices_of(organization_id: UUID, *, lock: bool = False) -> Statement:
    """Return the statement that reads a firm's choices; locked, it comes before all others."""
    where = "organization_id = %s FOR UPDATE" if lock else "organization_id = %s"
    return selection(Vigilance, where, [organization_id])


def known_tokens(*, organization_id: UUID, now: datetime) -> Tokens:
    """Return the firm's key, which never changes: `firm_of` says whether it did."""
    opened = _opened.get(organization_id)
    if opened is None:
        return firm_of(run_together([choices_of(organization_id)])[0], organization_id, now).tokens
    return opened.tokens


def firm_of(
    rows: Sequence[Sequence[object]], organization_id: UUID, now: datetime, *, lock: bool = False
) -> Firm:
    """
    Return the firm whose choices were just read, its defaults being written the first time.

    What this process remembers of it is used only if the row read just now says that it still is
    so. The caller acts for the firm: no other one's row can be among what it read.
    """
    if rows:
        vigilance = Vigilance.from_db("default", _COLUMNS, rows[0])
    else:
        vigilance = vigilance_of(organization_id=organization_id, now=now, lock=lock)
    opened, sealed = _opened.get(organization_id), bytes(vigilance.token_key_sealed)
    if opened is None or (opened.sealed, opened.version) != (sealed, vigilance.rules_version):
        # Rules are read after their version: never older than it says.
        opened = _Opened(
            sealed, Tokens.of(vigilance), vigilance.rules_version, live_rules(organization_id)
        )
        if len(_opened) >= _MOST_FIRMS:
            _opened.clear()
        _opened[organization_id] = opened
    return Firm(vigilance, opened.tokens, opened.rules)


# Each entry is replaced whole: threads never see half of one.
_opened: dict[UUID, _Opened] = {}
