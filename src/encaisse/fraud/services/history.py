"""A firm's past as training reads it: keyed digests, what each payment turned out to be."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from encaisse.fraud.core.cases import Label
from encaisse.fraud.core.passage import Subject
from encaisse.fraud.models import PassageLabel, PassageRecord
from encaisse.kit.clock import PARIS
from encaisse.kit.tenancy import acting_for

# As `encaisse fraud train` and `backtest` read them.
COLUMNS = (
    "transaction_id", "at", "payer_id", "terminal_id", "amount", "is_fraud",
    *(f"{subject.value}_id" for subject in Subject),
)  # fmt: skip
# Who paid, by what is surest.
_PAYERS = (Subject.CARD, Subject.CUSTOMER, Subject.EMAIL, Subject.DEVICE)
_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class PastPayment:
    """A payment that its bank agreed to, as one line of a history."""

    at: datetime
    values: Sequence[str]


def past_of(*, organization_id: UUID) -> list[PastPayment]:
    """Return what was weighed at one firm and agreed to by banks, in no order."""
    with acting_for(organization_id):
        labels = PassageLabel.objects.filter(organization_id=organization_id)
        frauds: dict[UUID, bool] = {
            passage_id: label == Label.FRAUD
            for passage_id, label in labels.order_by("created_at", "id").values_list(
                "passage_id", "label"
            )
        }
        rows = PassageRecord.objects.filter(
            organization_id=organization_id, counted_at__isnull=False
        ).values_list("id", "counted_at", "amount_minor", "tokens")
        return list(_lines(organization_id, rows.iterator(chunk_size=_AT_ONCE), frauds))


def _lines(
    organization_id: UUID,
    rows: Iterator[tuple[UUID, datetime | None, int, Mapping[str, str]]],
    frauds: Mapping[UUID, bool],
) -> Iterator[PastPayment]:
    # A memory names its firm "self": among several, each is itself.
    firm = _digest(f"firm:{organization_id}")
    for passage_id, at, cents, tokens in rows:
        if at is None:
            continue
        known = {**tokens, Subject.MERCHANT.value: firm}
        identifier = _digest(f"passage:{passage_id}")
        payer = next((known[kind] for kind in _PAYERS if kind in known), identifier)
        yield PastPayment(
            at,
            (
                identifier,
                at.astimezone(PARIS).isoformat(timespec="seconds"),
                payer,
                firm,
                f"{cents // 100}.{cents % 100:02d}",
                str(int(frauds.get(passage_id, False))),
                *(known.get(subject.value, "") for subject in Subject),
            ),
        )


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:32]
