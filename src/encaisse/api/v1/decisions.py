"""Fraud decisions, and the payments that wait for somebody: read, never decided, by a program."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema

from encaisse.api.auth import Scope, caller_of
from encaisse.api.schemas import LARGEST_PAGE, AmountOut, ListOut, Problem, page_of
from encaisse.fraud import queries
from encaisse.fraud.models import FraudDecision, ReviewCase
from encaisse.kernel.money import Money
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Permission

router = Router()
reviews = Router()


class ReasonOut(Schema):
    """Why, as a code that does not change and a sentence in French."""

    code: str
    sentence: str


class DecisionOut(Schema):
    """
    One decision. `verdict` is what was weighed, `outcome` what was done: `allow`, `challenge` (a
    proof is asked), `hold` (somebody looks) or `block`. `attempt_id` is one of a payment's. At the
    stage `refund`, `challenge` is a signature, `hold` two, and nothing is blocked.
    """

    id: UUID
    attempt_id: UUID
    stage: str
    amount: AmountOut
    verdict: str
    outcome: str
    score: int
    probability: float | None
    policy: str
    model: str
    reasons: list[ReasonOut]
    created_at: datetime


class ReviewOut(Schema):
    """A payment, or a link, that waits for somebody; `deadline_at` is when its bank lets go."""

    id: UUID
    attempt_id: UUID
    payment_id: UUID | None
    payment_request_id: UUID | None
    is_link: bool
    state: str
    amount: AmountOut
    reasons: list[ReasonOut]
    deadline_at: datetime | None
    decided_at: datetime | None
    created_at: datetime


def present(row: FraudDecision) -> DecisionOut:
    return DecisionOut(
        id=row.id,
        attempt_id=row.passage_id,
        stage=row.stage,
        amount=AmountOut.of(Money(row.amount_minor)),
        verdict=row.verdict,
        outcome=row.outcome,
        score=row.score,
        probability=row.probability,
        policy=row.policy,
        model=row.model,
        reasons=_reasons(row),
        created_at=row.created_at,
    )


def _present_case(row: ReviewCase) -> ReviewOut:
    return ReviewOut(
        id=row.id,
        attempt_id=row.passage_id,
        payment_id=row.intent_id,
        payment_request_id=row.link_id,
        is_link=row.is_link,
        state=row.state,
        amount=AmountOut.of(Money(row.amount_minor)),
        reasons=_reasons(row.decision),
        deadline_at=row.deadline_at,
        decided_at=row.decided_at,
        created_at=row.created_at,
    )


def _reasons(row: FraudDecision) -> list[ReasonOut]:
    return [ReasonOut(code=one["code"], sentence=one["sentence"]) for one in row.reasons]


@router.get(
    "", auth=Scope(Permission.FRAUD_READ), response={200: ListOut[DecisionOut], 400: Problem}
)
def list_decisions(
    request: HttpRequest,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 20,
) -> ListOut[DecisionOut]:
    organization_id = caller_of(request).organization_id
    with acting_for(organization_id):
        rows = queries.decisions(organization_id=organization_id)
        return page_of(rows, cursor=cursor, limit=limit, present=present)


@router.get(
    "/{decision_id}", auth=Scope(Permission.FRAUD_READ), response={200: DecisionOut, 404: Problem}
)
def get_decision(request: HttpRequest, decision_id: UUID) -> DecisionOut:
    organization_id = caller_of(request).organization_id
    with acting_for(organization_id):
        return present(
            queries.decision_by_id(organization_id=organization_id, decision_id=decision_id)
        )


@reviews.get(
    "", auth=Scope(Permission.FRAUD_READ), response={200: ListOut[ReviewOut], 400: Problem}
)
def list_reviews(
    request: HttpRequest,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 20,
) -> ListOut[ReviewOut]:
    organization_id = caller_of(request).organization_id
    with acting_for(organization_id):
        rows = queries.cases(organization_id=organization_id)
        return page_of(rows, cursor=cursor, limit=limit, present=_present_case)


@reviews.get(
    "/{review_id}", auth=Scope(Permission.FRAUD_READ), response={200: ReviewOut, 404: Problem}
)
def get_review(request: HttpRequest, review_id: UUID) -> ReviewOut:
    organization_id = caller_of(request).organization_id
    with acting_for(organization_id):
        return _present_case(queries.case_by_id(organization_id=organization_id, case_id=review_id))
