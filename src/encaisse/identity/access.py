"""Accesses: judged from those before, written down with their reasons, concluded once known."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.timezone import localtime

from encaisse.identity.devices import Recognised
from encaisse.identity.events import AccessFailed, AccessRefused, AccountReopened, SignedIn
from encaisse.identity.models import AccessEvent, User
from encaisse.identity.proofs import Outcome, Proof
from encaisse.kit.crypto import blind_index, seal, unseal
from encaisse.kit.events import publish
from encaisse.kit.identifiers import new_id
from encaisse.kit.places import address_range, country_of
from encaisse.risk.access import MEMORY, SIGN_IN, Access, gather
from encaisse.risk.decide import Decision, Reason, decide
from encaisse.risk.presets import POLICIES, Level, Preset

_LARGEST_PAST = 200
_FAILURES_COUNT_FOR = timedelta(hours=24)
# Failures of one day beyond these change no decision.
_LARGEST_FAILURES = 100
KEPT_FOR = timedelta(days=180)

# Whose failures are those at an address nobody has.
NOBODY = UUID(int=0)
_FROZEN = Reason(
    code="account_frozen",
    points=0,
    floor=Level.REFUSED,
    sentence="Ce compte est gelé : rien ne l’ouvre avant qu’il soit rouvert.",
)
_LOCKED = Reason(
    code="account_locked",
    points=0,
    floor=Level.REFUSED,
    sentence="Ce compte est fermé aux nouveaux appareils jusqu’à l’accord d’un propriétaire.",
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from: its address, its browser in words, the device it is known as."""

    address: str
    agent: str
    device_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """What somebody is about to do; `beneficiary` says who gets the money, in a stable form."""

    action: str
    amount_minor: int = 0
    beneficiary: str = ""


SIGNING_IN = Operation(SIGN_IN)


def judge(
    *,
    user: User,
    origin: Origin,
    preset: Preset,
    operation: Operation = SIGNING_IN,
    real_now: datetime,
) -> AccessEvent:
    """Decide how much proof an access needs, and write it down with its facts and reasons."""
    policy = POLICIES[preset]
    event = _event(user.id, origin, operation, real_now)
    before = past_of(user_id=user.id, real_now=real_now)
    facts = gather(_access_of(event), before=before).as_mapping()
    decision = decide(policy, facts)
    if user.frozen_at is not None:
        decision = Decision(Level.REFUSED, decision.score, (_FROZEN,))
    elif user.locked_at is not None and not facts["known_device"]:
        decision = Decision(Level.REFUSED, decision.score, (_LOCKED, *decision.reasons))
    event.outcome = Outcome.REFUSED if decision.verdict == Level.REFUSED else Outcome.ASKED
    event.level, event.facts = decision.verdict, facts
    event.policy, event.policy_version = policy.name, policy.version
    event.reasons = [{"code": one.code, "sentence": one.sentence} for one in decision.reasons]
    with transaction.atomic():
        event.save(force_insert=True)
        if event.outcome == Outcome.REFUSED and user.frozen_at is None:
            _lock(user, event)
    return event


@transaction.atomic
def grant(
    *, event_id: UUID, proofs: Collection[Proof], device: Recognised | None, real_now: datetime
) -> None:
    """Write that an access that was asked was granted. What was concluded stays so."""
    event = (
        AccessEvent.objects.select_for_update().filter(id=event_id, outcome=Outcome.ASKED).first()
    )
    if event is None or event.user_id is None:
        return
    event.outcome, event.proofs = Outcome.PASSED, sorted(proofs)
    if device is not None:
        event.device_id = device.device_id
    event.save(update_fields=["outcome", "proofs", "device"])
    if event.action == SIGN_IN:
        publish(
            SignedIn(
                user_id=event.user_id,
                access_id=event.id,
                is_new_device=device is not None and device.is_new,
                level=event.level,
                country=event.country,
                at=real_now,
            )
        )


@transaction.atomic
def record_failure(
    *, user_id: UUID | None, origin: Origin, operation: Operation = SIGNING_IN, real_now: datetime
) -> None:
    """Write a wrong password or code; nobody's, where the address is."""
    event = _event(user_id, origin, operation, real_now)
    event.outcome = Outcome.FAILED
    event.save(force_insert=True)
    publish(AccessFailed(user_id=user_id or NOBODY, access_id=event.id, at=real_now))


@transaction.atomic
def reopen(*, user_id: UUID, by_user_id: UUID | None, real_now: datetime) -> bool:
    """Let the person in again, from new devices too; tell whether they were kept out."""
    rows = User.objects.filter(Q(locked_at__isnull=False) | Q(frozen_at__isnull=False), id=user_id)
    if not rows.update(locked_at=None, frozen_at=None):
        return False
    publish(AccountReopened(user_id=user_id, by_user_id=by_user_id, at=real_now))
    return True


def past_of(*, user_id: UUID, real_now: datetime) -> list[Access]:
    """
    Return what a decision looks back at, in order of time.

    Successes and failures are read apart: whoever fails a thousand times hides no habit.
    """
    rows = AccessEvent.objects.filter(user_id=user_id, at__lt=real_now)
    passed = rows.filter(outcome=Outcome.PASSED, at__gt=real_now - MEMORY)
    failed = rows.filter(outcome=Outcome.FAILED, at__gt=real_now - _FAILURES_COUNT_FOR)
    found = [*_latest(passed, _LARGEST_PAST), *_latest(failed, _LARGEST_FAILURES)]
    return sorted(found, key=lambda access: access.at)


def histories(*, user_ids: Collection[UUID], since: datetime) -> dict[str, list[Access]]:
    """Return every access of these people that was judged or failed, by person, in order."""
    rows = AccessEvent.objects.filter(user_id__in=user_ids, at__gt=since).order_by("at")
    found: dict[str, list[Access]] = {str(user_id): [] for user_id in user_ids}
    for row in rows.only("user_id", *_COLUMNS).iterator():
        found[str(row.user_id)].append(_access_of(row))
    return found


def accesses_of(*, user_id: UUID) -> QuerySet[AccessEvent]:
    """Return what came to a person's door, newest first."""
    return AccessEvent.objects.filter(user_id=user_id).order_by("-at")


def address_of(event: AccessEvent) -> str:
    return unseal(event.address_sealed, event.place())


def reasons_of(*, event_id: UUID) -> list[str]:
    """Return in French what weighed on one access."""
    event = AccessEvent.objects.filter(id=event_id).only("reasons").first()
    return [reason["sentence"] for reason in event.reasons] if event else []


def forget_old(*, real_now: datetime) -> int:
    """Delete the accesses older than six months (CNIL, 2021-122: 6 to 12 months of logs)."""
    count, _ = AccessEvent.objects.filter(at__lt=real_now - KEPT_FOR).delete()
    return count


_COLUMNS = (
    "at", "action", "outcome", "device_id", "country", "range_index", "amount_minor",
    "beneficiary_index",
)  # fmt: skip


def _latest(rows: QuerySet[AccessEvent], number: int) -> list[Access]:
    return [_access_of(row) for row in rows.only(*_COLUMNS).order_by("-at")[:number]]


def _access_of(event: AccessEvent) -> Access:
    return Access(
        at=localtime(event.at),
        action=event.action,
        passed=event.outcome == Outcome.PASSED,
        failed=event.outcome == Outcome.FAILED,
        device=str(event.device_id or ""),
        country=event.country,
        address_range=bytes(event.range_index).hex(),
        amount_minor=event.amount_minor,
        beneficiary=bytes(event.beneficiary_index).hex(),
    )


def _event(user_id: UUID | None, origin: Origin, operation: Operation, at: datetime) -> AccessEvent:
    event = AccessEvent(
        id=new_id(),
        user_id=user_id,
        at=at,
        action=operation.action,
        device_id=origin.device_id,
        agent=origin.agent,
        country=country_of(origin.address),
        range_index=blind_index(address_range(origin.address), purpose="address_range"),
        amount_minor=operation.amount_minor,
        beneficiary_index=_index_of(operation.beneficiary),
    )
    event.address_sealed = seal(origin.address, event.place())
    return event


def _index_of(beneficiary: str) -> bytes:
    return blind_index(beneficiary, purpose="beneficiary") if beneficiary else b""


def _lock(user: User, event: AccessEvent) -> None:
    """Close the account to new devices; the first refusal is told, the next ones only written."""
    if not User.objects.filter(id=user.id, locked_at__isnull=True).update(locked_at=event.at):
        return
    user.locked_at = event.at
    publish(
        AccessRefused(
            user_id=user.id,
            access_id=event.id,
            action=event.action,
            country=event.country,
            at=event.at,
        )
    )
