"""Decisions about money that is asked back: each is written down with all it was made from."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from encaisse.fraud.core import refunds
from encaisse.fraud.core.cases import Label
from encaisse.fraud.core.facts import stored
from encaisse.fraud.core.judgement import sentences
from encaisse.fraud.core.passage import Stage
from encaisse.fraud.core.refunds import PaymentPast, RefundAsked
from encaisse.fraud.core.verdicts import Verdict
from encaisse.fraud.models import FraudDecision, ReviewCase
from encaisse.fraud.queries import first_sentence, labels_of
from encaisse.fraud.services.memory import vigilance_of
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for
from encaisse.risk.presets import Preset


@dataclass(frozen=True, slots=True)
class JudgedRefund:
    """What was decided of a refund, and why; how many are to sign it, none if it is ordinary."""

    verdict: Verdict
    signers: int
    sentences: Sequence[str]


def judge_refund(
    *, organization_id: UUID, passage_id: UUID, asked: RefundAsked, is_kept: bool
) -> JudgedRefund:
    """
    Weigh a refund of what a try brought in.

    `is_kept` is false where the answer is only shown, or looked at again before it is done.
    """
    with acting_for(organization_id):
        vigilance = vigilance_of(organization_id=organization_id, now=asked.now)
        facts = refunds.gather(asked, _past(organization_id, passage_id))
        decision = refunds.weigh_refund(Preset(vigilance.preset), facts)
        row = FraudDecision(
            id=new_id(),
            organization_id=organization_id,
            passage_id=passage_id,
            stage=Stage.REFUND,
            amount_minor=asked.cents,
            facts_version=refunds.VERSION,
            facts=stored(facts),
            policy=vigilance.preset,
            policy_version=refunds.VERSION,
            left_out=[],
            own_rules=[],
            watched=[],
            margin_basis_points=vigilance.margin_basis_points,
            score=decision.score,
            verdict=decision.verdict,
            outcome=decision.verdict,
            reasons=sentences(decision),
            broken=list(decision.broken),
            created_at=asked.now,
        )
        if is_kept:
            row.save(force_insert=True)
    verdict = Verdict(decision.verdict)
    told = [one.sentence for one in decision.reasons] or [first_sentence(row)]
    return JudgedRefund(verdict, refunds.SIGNERS[verdict], told)


def _past(organization_id: UUID, passage_id: UUID) -> PaymentPast:
    labels = labels_of(organization_id=organization_id, passage_ids=[passage_id])
    cases = ReviewCase.objects.filter(
        organization_id=organization_id, passage_id=passage_id, is_link=False
    )
    return PaymentPast(was_held=cases.exists(), is_fraud=labels.get(passage_id) is Label.FRAUD)
