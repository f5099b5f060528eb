"""The firm's memory of who tried what: read for a decision, written under the firm's lock."""

import hmac
import json
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from encaisse.fraud.core.passage import Subject
from encaisse.fraud.models import SubjectTally, Vigilance
from encaisse.kit.bulk import Statement, putting, run_together
from encaisse.kit.identifiers import new_id
from encaisse.organizations.queries import trade_of
from encaisse.risk.presets import Preset
from encaisse.risk.tallies import Tally

log = structlog.get_logger(__name__)

_DEFAULT_MARGIN_BASIS_POINTS = 3_000
_TOKEN_BYTES = 16
Key = tuple[str, str]


def vigilance_of(*, organization_id: UUID, now: datetime, lock: bool = False) -> Vigilance:
    """Return the firm's choices, made with our defaults the first time; locked to decide."""
    rows = Vigilance.objects.filter(organization_id=organization_id)
    row = (rows.select_for_update() if lock else rows).first()
    if row is not None:
        return row
    first = Vigilance(
        id=new_id(),
        organization_id=organization_id,
        preset=Preset.EQUILIBRE,
        trade=trade_of(organization_id=organization_id),
        margin_basis_points=_DEFAULT_MARGIN_BASIS_POINTS,
        created_at=now,
    )
    first.token_key = secrets.token_hex(32)
    # Two first decisions at once: one row is made, and both then read that one.
    Vigilance.objects.bulk_create([first], ignore_conflicts=True)
    return (rows.select_for_update() if lock else rows).get()


@dataclass(frozen=True, slots=True)
class Tokens:
    """Keyed digests of what names somebody. Another firm's are others: nobody is followed."""

    _key: bytes = field(repr=False)

    @classmethod
    def of(cls, vigilance: Vigilance) -> "Tokens":
        return cls(bytes.fromhex(vigilance.token_key))

    def token(self, kind: str, value: str) -> str:
        return hmac.digest(self._key, f"{kind}:{value}".encode(), "sha256")[:_TOKEN_BYTES].hex()


class Memory:
    """The tallies of a few subjects of one firm, changed here and then written at once."""

    def __init__(self, organization_id: UUID, rows: Iterable[Sequence[Any]]) -> None:
        """Take up rows of kind, token and state, as text."""
        self._organization_id = organization_id
        self._tallies = {(kind, token): _loaded(kind, state) for kind, token, state in rows}
        self._touched: set[Key] = set()

    @classmethod
    def read(cls, organization_id: UUID, subjects: Mapping[Subject, str]) -> "Memory":
        """Read the tallies of one try's subjects."""
        pairs = {(kind.value, token) for kind, token in subjects.items()}
        [rows] = run_together([tallies_of(organization_id, pairs)])
        return cls(organization_id, rows)

    def of(self, subjects: Mapping[Subject, str]) -> dict[str, Tally]:
        """Return the tally of each subject that has one."""
        keys = {kind.value: (kind.value, token) for kind, token in subjects.items()}
        return {kind: self._tallies[key] for kind, key in keys.items() if key in self._tallies}

    def to_change(self, subjects: Mapping[Subject, str]) -> dict[str, Tally]:
        """Return the tally of every subject, new ones begun: they are written by `save`."""
        found = {}
        for kind, token in subjects.items():
            key = (kind.value, token)
            found[kind.value] = self._tallies.setdefault(key, Tally())
            self._touched.add(key)
        return found

    def save(self, now: datetime) -> None:
        """Write what changed. The caller holds the firm's lock."""
        run_together(self.changes(now))

    def changes(self, now: datetime) -> list[Statement]:
        """Return the statement that writes what changed. The caller holds the firm's lock."""
        rows = [
            SubjectTally(
                id=new_id(),
                organization_id=self._organization_id,
                kind=kind,
                token=token,
                state=self._tallies[kind, token].dump(),
                touched_at=now,
                created_at=now,
            )
            for kind, token in sorted(self._touched)
        ]
        self._touched.clear()
        return putting(
            rows, unique=["organization_id", "kind", "token"], fields=["state", "touched_at"]
        )


def tallies_of(organization_id: UUID, wanted: Collection[Key]) -> Statement:
    """Return the statement that reads kind, token and state of these subjects."""
    return Statement(_READ, [*arrays(wanted), organization_id])


def arrays(pairs: Iterable[Key]) -> list[str]:
    """Return kinds and tokens as two arrays of PostgreSQL: all are plain words and digits."""
    ordered = sorted(pairs)
    return [f"{{{','.join(pair[place] for pair in ordered)}}}" for place in (0, 1)]


_READ = (
    "SELECT t.kind, t.token, t.state::text FROM fraud_subjecttally t "
    "JOIN unnest(%s::text[], %s::text[]) AS wanted(kind, token) "
    "ON t.kind = wanted.kind AND t.token = wanted.token WHERE t.organization_id = %s"
)


def _loaded(kind: str, state: str) -> Tally:
    """
    Return what is remembered of a subject; of another version, it begins anew, and the log says so.

    A payment is recorded whatever the memory says: forgetting costs a hint, refusing costs money.
    """
    try:
        return Tally.load(json.loads(state))
    except ValueError:
        log.warning("fraud_tally_unreadable", kind=kind)
        return Tally()
