"""Cases to review: opened by a verdict, decided by a person, and what is learnt from them."""

from datetime import datetime
from uuid import UUID

from encaisse.audit import services as audit
from encaisse.fraud.core.cases import CASE_MOVES, CaseState, Label, LabelSource
from encaisse.fraud.errors import CaseDecided, CaseNeedsAnother
from encaisse.fraud.events import CaseClosed, CaseOpened, IdentityAsked
from encaisse.fraud.models import FraudDecision, PassageRecord, ReviewCase
from encaisse.fraud.services.arrivals import Answer
from encaisse.fraud.services.labels import admit, learn
from encaisse.fraud.services.memory import vigilance_of
from encaisse.kernel.actor import SYSTEM, Actor
from encaisse.kernel.errors import NotFound
from encaisse.kit.events import publish
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for


def case_of_payment(
    decision: FraudDecision, record: PassageRecord, answer: Answer, now: datetime
) -> ReviewCase:
    """Return the case of money authorized and not taken, not yet written."""
    case = _case(decision, record, now)
    case.intent_id, case.deadline_at = answer.intent_id, answer.deadline_at
    return case


def open_case_of_link(decision: FraudDecision, record: PassageRecord, now: datetime) -> None:
    """Write the case of a link closed to cards, unless one waits already."""
    case = _case(decision, record, now)
    case.is_link = True
    waiting = ReviewCase.objects.filter(
        organization_id=case.organization_id,
        link_id=case.link_id,
        is_link=True,
        state=CaseState.WAITING,
    )
    if not waiting.exists():
        case.save(force_insert=True)
        tell([case])


def tell(cases: list[ReviewCase]) -> None:
    """Tell whoever watches that somebody must look."""
    for case in cases:
        publish(
            CaseOpened(
                organization_id=case.organization_id,
                case_id=case.id,
                is_link=case.is_link,
                amount_minor=case.amount_minor,
            )
        )


def decide_case(
    *,
    organization_id: UUID,
    actor: Actor,
    case_id: UUID,
    state: CaseState,
    label: Label | None = None,
    note: str = "",
    now: datetime,
) -> ReviewCase:
    """
    Close a case with what a person (or time) decided, and learn from it.

    What follows for the money is the caller's: it holds the payment's own locks first. Money that
    is merely given up says nothing of its payer: `label` is what the person says it was.

    :raises NotFound: no such case here
    :raises CaseDecided: it is closed already
    """
    with acting_for(organization_id):
        case = _locked(organization_id, case_id)
        if state not in CASE_MOVES[CaseState(case.state)]:
            raise CaseDecided(state=case.state)
        case.state, case.decided_at, case.note = state, now, note
        case.decided_by_id = actor.id
        case.save(update_fields=["state", "decided_at", "decided_by_id", "note_sealed"])
        if label is not None and not case.is_link:
            learn(
                organization_id=organization_id,
                passage_id=case.passage_id,
                label=label,
                source=LabelSource.REVIEW,
                now=now,
            )
        if state is CaseState.RELEASED and not case.is_link:
            admit(organization_id=organization_id, passage_id=case.passage_id, now=now)
        publish(
            CaseClosed(
                organization_id=organization_id,
                case_id=case.id,
                is_link=case.is_link,
                state=state,
            )
        )
        audit.record(
            organization_id=organization_id,
            actor=actor,
            action=f"fraud_case:{state}",
            target=f"fraud_case:{case.id}",
            facts={"amount_minor": case.amount_minor, "is_link": case.is_link},
            now=now,
        )
        return case


def agree_first(*, organization_id: UUID, actor: Actor, case_id: UUID, now: datetime) -> bool:
    """
    Write the first of two agreements where the firm wants two; tell whether this was it.

    :raises CaseNeedsAnother: this very person agreed already
    """
    case = _locked(organization_id, case_id)
    ceiling = vigilance_of(organization_id=organization_id, now=now).review_ceiling_minor
    if ceiling is None or case.amount_minor <= ceiling or case.state != CaseState.WAITING:
        return False
    if case.agreed_by_id is not None:
        if case.agreed_by_id == actor.id:
            raise CaseNeedsAnother
        return False
    case.agreed_by_id = actor.id
    case.save(update_fields=["agreed_by_id"])
    audit.record(
        organization_id=organization_id,
        actor=actor,
        action="fraud_case:agreed",
        target=f"fraud_case:{case.id}",
        facts={"amount_minor": case.amount_minor},
        now=now,
    )
    return True


def ask_identity(*, organization_id: UUID, actor: Actor, case_id: UUID, now: datetime) -> bool:
    """
    Ask the payer by mail to call the firm; tell whether it had not been asked yet.

    :raises NotFound: no such case here
    :raises CaseDecided: it is closed already
    """
    with acting_for(organization_id):
        case = _locked(organization_id, case_id)
        if case.state != CaseState.WAITING:
            raise CaseDecided(state=case.state)
        if case.identity_asked_at is not None:
            return False
        case.identity_asked_at = now
        case.save(update_fields=["identity_asked_at"])
        publish(IdentityAsked(organization_id=organization_id, case_id=case.id))
        audit.record(
            organization_id=organization_id,
            actor=actor,
            action="fraud_case:identity_asked",
            target=f"fraud_case:{case.id}",
            facts={},
            now=now,
        )
        return True


def end_case_of(*, organization_id: UUID, passage_id: UUID, is_taken: bool, now: datetime) -> None:
    """Close the case, if one waits, of money let go, or taken, without us: nothing is learnt."""
    waiting = ReviewCase.objects.filter(
        organization_id=organization_id,
        passage_id=passage_id,
        is_link=False,
        state=CaseState.WAITING,
    ).first()
    if waiting is not None:
        decide_case(
            organization_id=organization_id,
            actor=SYSTEM,
            case_id=waiting.id,
            state=CaseState.RELEASED if is_taken else CaseState.EXPIRED,
            now=now,
        )


def expire_case(*, organization_id: UUID, case_id: UUID, now: datetime) -> None:
    """
    Close a case about which nothing is left to decide.

    :raises CaseDecided: somebody decided meanwhile
    """
    decide_case(
        organization_id=organization_id,
        actor=SYSTEM,
        case_id=case_id,
        state=CaseState.EXPIRED,
        now=now,
    )


def _case(decision: FraudDecision, record: PassageRecord, now: datetime) -> ReviewCase:
    return ReviewCase(
        id=new_id(),
        organization_id=decision.organization_id,
        decision=decision,
        passage_id=record.id,
        link_id=record.link_id,
        amount_minor=record.amount_minor,
        is_link=False,
        state=CaseState.WAITING,
        created_at=now,
    )


def _locked(organization_id: UUID, case_id: UUID) -> ReviewCase:
    try:
        return ReviewCase.objects.select_for_update().get(
            organization_id=organization_id, id=case_id
        )
    except ReviewCase.DoesNotExist as error:
        raise NotFound from error
