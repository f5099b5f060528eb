"""Payments: what was paid, how, and each ask of a provider."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema

from encaisse.api.auth import Scope, caller_of
from encaisse.api.schemas import LARGEST_PAGE, AmountOut, ListOut, Problem, page_of
from encaisse.kernel.money import Currency, Money
from encaisse.kit.clock import business_now, paris_date
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Permission
from encaisse.payments import queries
from encaisse.payments.models import PaymentAttempt, PaymentIntent
from encaisse.reporting.story.facts import Step, Story
from encaisse.reporting.story.queries import story_of

router = Router()


class AttemptOut(Schema):
    id: UUID
    state: str
    provider_id: str
    failure: str
    card_brand: str
    card_last4: str
    authentication: str
    has_liability_shift: bool | None
    created_at: datetime


class PaymentOut(Schema):
    id: UUID
    method: str
    state: str
    amount: AmountOut
    refunded: AmountOut
    disputed: AmountOut
    payment_request_id: UUID | None
    credited_account: str
    captured_at: datetime | None
    attempts: list[AttemptOut]
    created_at: datetime


class ProofOut(Schema):
    kind: str
    value: str
    at: datetime | None


class StepOut(Schema):
    kind: str
    at: datetime | None
    actor: str
    reason: str
    amount: AmountOut | None
    fee: AmountOut | None
    net: AmountOut | None
    proofs: list[ProofOut]


class EndingOut(Schema):
    """Where the money is now; `on` is when it is expected, or since when it is there."""

    kind: str
    provider: str
    on: date | None
    is_late: bool
    returned: AmountOut | None


class StoryOut(Schema):
    """What happened to a payment, in order, each step with what proves it."""

    payment_id: UUID
    steps: list[StepOut]
    ending: EndingOut


def present(row: PaymentIntent) -> PaymentOut:
    currency = Currency(row.currency)
    return PaymentOut(
        id=row.id,
        method=row.method,
        state=row.state,
        amount=AmountOut.of(row.amount),
        refunded=AmountOut.of(Money(row.refunded_minor, currency)),
        disputed=AmountOut.of(Money(row.disputed_minor, currency)),
        payment_request_id=row.request_id,
        credited_account=row.credited_account,
        captured_at=row.captured_at,
        attempts=[_attempt(attempt) for attempt in row.attempts.all()],
        created_at=row.created_at,
    )


def _told(payment_id: UUID, story: Story) -> StoryOut:
    ending = story.ending
    return StoryOut(
        payment_id=payment_id,
        steps=[_step(step) for step in story.steps],
        ending=EndingOut(
            kind=ending.kind,
            provider=ending.provider,
            on=ending.on,
            is_late=ending.is_late,
            returned=_amount(ending.returned),
        ),
    )


def _step(step: Step) -> StepOut:
    return StepOut(
        kind=step.kind,
        at=step.at,
        actor=step.actor,
        reason=step.reason,
        amount=_amount(step.amount),
        fee=_amount(step.fee),
        net=_amount(step.net),
        proofs=[ProofOut(kind=each.kind, value=each.value, at=each.at) for each in step.proofs],
    )


def _amount(money: Money | None) -> AmountOut | None:
    return AmountOut.of(money) if money is not None else None


def _attempt(row: PaymentAttempt) -> AttemptOut:
    return AttemptOut(
        id=row.id,
        state=row.state,
        provider_id=row.provider_id,
        failure=row.failure,
        card_brand=row.card_brand,
        card_last4=row.card_last4,
        authentication=row.authentication,
        has_liability_shift=row.has_liability_shift,
        created_at=row.created_at,
    )


@router.get(
    "", auth=Scope(Permission.PAYMENTS_READ), response={200: ListOut[PaymentOut], 400: Problem}
)
def list_payments(
    request: HttpRequest,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 20,
) -> ListOut[PaymentOut]:
    organization_id = caller_of(request).organization_id
    with acting_for(organization_id):
        rows = queries.payments(organization_id=organization_id)
        return page_of(rows, cursor=cursor, limit=limit, present=present)


@router.get(
    "/{payment_id}", auth=Scope(Permission.PAYMENTS_READ), response={200: PaymentOut, 404: Problem}
)
def get_payment(request: HttpRequest, payment_id: UUID) -> PaymentOut:
    organization_id = caller_of(request).organization_id
    with acting_for(organization_id):
        return present(queries.payment(organization_id=organization_id, intent_id=payment_id))


@router.get(
    "/{payment_id}/story",
    auth=Scope(Permission.PAYMENTS_READ),
    response={200: StoryOut, 404: Problem},
)
def get_payment_story(request: HttpRequest, payment_id: UUID) -> StoryOut:
    """Tell a payment from its link to the line of the bank, and where the money is now."""
    organization_id = caller_of(request).organization_id
    with acting_for(organization_id):
        today = paris_date(business_now())
        story = story_of(organization_id=organization_id, intent_id=payment_id, today=today)
        return _told(payment_id, story)
