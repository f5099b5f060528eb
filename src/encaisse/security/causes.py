"""What happened to people, looked at: is it worth an alert, and with which facts?"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from encaisse.identity.access import address_of
from encaisse.identity.approvals import question_by_id
from encaisse.identity.core import FactorChange, FactorKind
from encaisse.identity.events import FactorChanged
from encaisse.identity.factors import factors_of
from encaisse.identity.models import AccessEvent, User
from encaisse.kit.jobs import enqueue
from encaisse.kit.places import country_words
from encaisse.security.core import FAILURES, FAILURES_SPAN, Kind
from encaisse.security.raising import raise_about_person
from encaisse.security.tallies import tally

_OF_CHANGES = {
    FactorChange.ADDED: Kind.FACTOR_ADDED,
    FactorChange.REMOVED: Kind.FACTOR_REMOVED,
    FactorChange.COPY_SUSPECTED: Kind.PASSKEY_COPIED,
}
_FACTORS = {
    FactorKind.PASSKEY: "une clé d’accès",
    FactorKind.TOTP: "une application de codes",
    FactorKind.PHONE: "un téléphone",
    FactorKind.APPROVER: "un téléphone qui donne son accord",
    FactorKind.RECOVERY_CODES: "des codes de secours",
}
_NAMESPACE = UUID("6d0a1e1c-2f64-4c1b-9a55-2f9a9a0f2a10")


def look_at_failure(*, access_id: UUID, real_now: datetime) -> None:
    """Alert from the fifth wrong password of ten minutes on; then each counts."""
    access = _access(access_id)
    if access is None or access.user_id is None:
        return
    counted = tally(
        key=f"failures:{access.user_id}",
        cause_id=access.id,
        span=FAILURES_SPAN,
        real_now=real_now,
    )
    if counted.number >= FAILURES:
        _about(Kind.FAILED_SIGN_INS, access, real_now)


def look_at_sign_in(*, access_id: UUID, real_now: datetime) -> None:
    """Somebody is in: alert where they came from another country, or too fast."""
    access = _access(access_id)
    kind = None if access is None else _kind_of_journey(access)
    if access is not None and kind is not None:
        _about(kind, access, real_now)


def look_at_refusal(*, access_id: UUID, real_now: datetime) -> None:
    access = _access(access_id)
    if access is not None:
        _about(Kind.ACCOUNT_LOCKED, access, real_now)


def look_at_denial(*, user_id: UUID, approval_id: UUID, real_now: datetime) -> None:
    """Somebody asked in their name what they refused: who else has their password?"""
    asked = question_by_id(approval_id=approval_id)
    facts = {}
    if asked is not None:
        question = asked.question
        facts = {"what": question.said, "place": question.place, "agent": question.agent}
    raise_about_person(
        kind=Kind.APPROVAL_REFUSED,
        user_id=user_id,
        cause_id=approval_id,
        facts=facts,
        real_now=real_now,
    )


def look_at_freeze(*, user_id: UUID, by: UUID, at: str, real_now: datetime) -> None:
    raise_about_person(
        kind=Kind.ACCOUNT_FROZEN,
        user_id=user_id,
        cause_id=_named("freeze", user_id, at),
        facts={"by": "la personne elle-même" if by == user_id else name_of(by)},
        real_now=real_now,
    )


def queue_factors(events: Sequence[FactorChanged]) -> None:
    """Look at it in a job that is told its kind and not its name: a job's words are in clear."""
    for event in events:
        enqueue(
            "security.look_at_factor",
            user_id=event.user_id,
            change=event.change,
            kind=event.kind,
            at=event.at,
        )


def look_at_factor(
    *, user_id: UUID, change: FactorChange, kind: FactorKind, at: str, real_now: datetime
) -> None:
    """Alert of what changed how somebody enters; the first factor of all is expected."""
    found = _OF_CHANGES.get(change)
    # A telephone that answers always comes beside another factor.
    is_counted = change is FactorChange.ADDED and kind is not FactorKind.APPROVER
    is_first = is_counted and len(factors_of(user_id=user_id)) < 2
    if found is None or kind is FactorKind.RECOVERY_CODES or is_first:
        return
    raise_about_person(
        kind=found,
        user_id=user_id,
        cause_id=_named("factor", user_id, change, kind, at),
        facts={"factor": _FACTORS[kind]},
        real_now=real_now,
    )


def look_at_recovery(*, user_id: UUID, recovery_id: UUID, real_now: datetime) -> None:
    raise_about_person(
        kind=Kind.RECOVERY_ASKED,
        user_id=user_id,
        cause_id=recovery_id,
        facts={},
        real_now=real_now,
    )


def name_of(user_id: UUID | None) -> str:
    """Name who did something."""
    user = User.objects.filter(id=user_id).first() if user_id else None
    return str(user) if user else "un programme"


def _about(kind: Kind, access: AccessEvent, real_now: datetime) -> None:
    if access.user_id is None:
        return
    facts = {
        "place": country_words(access.country),
        "agent": access.agent,
        "address": address_of(access),
    }
    raise_about_person(
        kind=kind, user_id=access.user_id, cause_id=access.id, facts=facts, real_now=real_now
    )


def _access(access_id: UUID) -> AccessEvent | None:
    return AccessEvent.objects.filter(id=access_id).first()


def _kind_of_journey(access: AccessEvent) -> Kind | None:
    """Return what the judgement of an access says of where it came from."""
    reasons = {reason["code"] for reason in access.reasons}
    if "impossible_travel" in reasons:
        return Kind.IMPOSSIBLE_TRAVEL
    return Kind.NEW_COUNTRY if "new_country" in reasons else None


def _named(*parts: object) -> UUID:
    """Return the same identifier for the same event, whichever job looks at it."""
    return uuid5(_NAMESPACE, "|".join(map(str, parts)))
