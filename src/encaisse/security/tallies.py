"""How many lately: a row that keeps the last few events and is read as a sliding window."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from encaisse.kit.crypto import blind_index
from encaisse.risk.windows import Window
from encaisse.security.models import Tally

# More than any threshold: beyond them one more changes nothing.
_KEPT = 50
_FORGOTTEN_AFTER = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Counted:
    """What a window holds."""

    number: int
    total: int


@transaction.atomic
def tally(
    *, key: str, cause_id: UUID, span: timedelta, real_now: datetime, value: int = 0
) -> Counted:
    """Add one to a window and return what it holds; the same cause counts once."""
    found = blind_index(key, purpose="tally")
    Tally.objects.bulk_create([Tally(key_digest=found, touched_at=real_now)], ignore_conflicts=True)
    row = Tally.objects.select_for_update().get(key_digest=found)
    if all(known != str(cause_id) for _at, _value, known in row.events):
        row.events = [*row.events, [real_now.isoformat(), value, str(cause_id)]][-_KEPT:]
        row.touched_at = real_now
        row.save(update_fields=["events", "touched_at"])
    return _read(row, span, real_now)


def forget_quiet(*, real_now: datetime) -> int:
    """Delete the rows nothing was added to for two days; return how many."""
    return Tally.objects.filter(touched_at__lt=real_now - _FORGOTTEN_AFTER).delete()[0]


def _read(row: Tally, span: timedelta, now: datetime) -> Counted:
    window = Window(span)
    for at, value, cause in sorted(row.events):
        window.add(datetime.fromisoformat(at), value=value, key=cause)
    return Counted(window.count(now), window.total(now))
