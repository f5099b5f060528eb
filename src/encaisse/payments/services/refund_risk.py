"""What is known of a refund as it is asked, given to the fraud engine."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from encaisse.fraud.core.refunds import HABIT_LASTS, GivenBack, RefundAsked
from encaisse.fraud.services.refunds import JudgedRefund, judge_refund
from encaisse.kernel.actor import Actor, ActorKind
from encaisse.kit.clock import PARIS
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.at_once import waiting_by_hand
from encaisse.organizations.caution import Caution
from encaisse.organizations.core import OperationKind
from encaisse.organizations.hands import in_use_since
from encaisse.organizations.operations import Draft
from encaisse.organizations.queries import done_by_hand
from encaisse.payments.core import AttemptState, DisputeState, RefundState
from encaisse.payments.models import Dispute, PaymentAttempt, PaymentIntent, Refund
from encaisse.payments.services.signed import stake_of


def weighed_refund(
    *,
    organization_id: UUID,
    actor: Actor,
    draft: Draft,
    now: datetime,
    real_now: datetime,
    is_kept: bool,
) -> Draft:
    """
    Say why a refund is signed, where the fraud engine finds it astonishing, and what is at stake.

    The payment is locked: two people who give it back at the same moment are added up.
    """
    with acting_for(organization_id):
        intent = PaymentIntent.objects.select_for_update().get(
            organization_id=organization_id, id=UUID(draft.content["intent_id"])
        )
        attempt = PaymentAttempt.objects.select_related("intent__request").get(
            organization_id=organization_id,
            intent_id=intent.id,
            state=AttemptState.CAPTURED,
        )
        asked = _asked(attempt, actor, draft.content["amount_minor"], now, real_now)
        judged = judge_refund(
            organization_id=organization_id,
            passage_id=attempt.id,
            asked=asked,
            is_kept=is_kept,
        )
    return replace(draft, caution=_caution(judged), at_stake=stake_of(intent, draft.content))


def _caution(judged: JudgedRefund) -> Caution | None:
    return Caution(judged.signers, tuple(judged.sentences)) if judged.signers else None


def _asked(
    attempt: PaymentAttempt, actor: Actor, cents: int, now: datetime, real_now: datetime
) -> RefundAsked:
    organization_id, intent = attempt.organization_id, attempt.intent
    is_by_key = actor.kind is ActorKind.API_KEY
    by_hand = _by_hand(organization_id, actor, real_now)
    disputes = Dispute.objects.filter(organization_id=organization_id, intent_id=intent.id)
    return RefundAsked(
        asked_at=real_now,
        hour=real_now.astimezone(PARIS).hour,
        cents=cents,
        payment_cents=intent.amount_minor,
        paid_at=intent.captured_at or intent.created_at,
        now=now,
        card_country=attempt.card_country,
        of_payment=_given_back(organization_id, intent_id=intent.id),
        of_customer=_to_customer(intent),
        by_hand=by_hand,
        waiting=_waiting(organization_id, actor, real_now),
        hours_of_hand=[one.at.astimezone(PARIS).hour for one in by_hand],
        is_by_key=is_by_key,
        key_since=in_use_since(organization_id=organization_id, actor=actor),
        is_disputed=disputes.exclude(state=DisputeState.WON).exists(),
    )


def _given_back(organization_id: UUID, **of: object) -> list[GivenBack]:
    rows = Refund.objects.filter(organization_id=organization_id, **of).exclude(
        state=RefundState.FAILED
    )
    found = rows.order_by("created_at").values_list("created_at", "amount_minor")
    return [GivenBack(at, cents) for at, cents in found]


def _to_customer(intent: PaymentIntent) -> list[GivenBack]:
    """Return what went back to the payment's customer; to nobody known, what went back of it."""
    customer = intent.request.counterparty_id if intent.request else None
    of = {"intent__request__counterparty_id": customer} if customer else {"intent_id": intent.id}
    return _given_back(intent.organization_id, **of)


def _by_hand(organization_id: UUID, actor: Actor, real_now: datetime) -> list[GivenBack]:
    """Return what the same person or program gave back, signed or not, oldest first."""
    done = done_by_hand(
        organization_id=organization_id,
        actor=actor,
        kind=OperationKind.REFUND,
        since=real_now - HABIT_LASTS,
        real_now=real_now,
    )
    rows = Refund.objects.filter(organization_id=organization_id, id__in=[made for _, made in done])
    cents = dict(rows.values_list("id", "amount_minor"))
    return [GivenBack(at, cents.get(made, 0)) for at, made in done]


def _waiting(organization_id: UUID, actor: Actor, real_now: datetime) -> list[GivenBack]:
    """Return what the same hand asked and has not signed yet: asked together, they are many."""
    waiting = waiting_by_hand(
        organization_id=organization_id, actor=actor, kind=OperationKind.REFUND, real_now=real_now
    )
    return [GivenBack(at, draft.content["amount_minor"]) for at, draft in waiting]
