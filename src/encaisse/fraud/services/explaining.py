"""A stored decision made again: the same facts, the same rules, and so the same verdict."""

from collections.abc import Sequence
from dataclasses import dataclass

from encaisse.fraud.core import refunds
from encaisse.fraud.core.expected import Stakes
from encaisse.fraud.core.facts import REPEATABLE as FACTS
from encaisse.fraud.core.facts import restored
from encaisse.fraud.core.judgement import judge, sentences
from encaisse.fraud.core.own_rules import readable
from encaisse.fraud.core.passage import Stage
from encaisse.fraud.core.policy import REPEATABLE, after_the_answer, policy_of
from encaisse.fraud.core.verdicts import Verdict
from encaisse.fraud.errors import DecisionUnrepeatable
from encaisse.fraud.models import FraudDecision, OwnRule
from encaisse.fraud.services.current_model import model_of_digest
from encaisse.kernel.trades import Trade
from encaisse.risk.presets import Preset
from encaisse.risk.rules import Rule


@dataclass(frozen=True, slots=True)
class Remade:
    """What came out the second time, and whether all of it is as it was written."""

    verdict: Verdict
    outcome: Verdict
    score: int
    sentences: Sequence[str]
    is_same: bool


def remake(row: FraudDecision) -> Remade:
    """
    Decide again on what was known then.

    :raises DecisionUnrepeatable: its facts or its rules are of a version no longer here
    """
    if row.stage == Stage.REFUND:
        return _refund_again(row)
    model = model_of_digest(row.model)
    if row.facts_version not in FACTS or row.policy_version not in REPEATABLE:
        raise DecisionUnrepeatable
    if row.model != (model.sha256 if model else ""):
        raise DecisionUnrepeatable
    facts, preset = restored(row.facts), Preset(row.policy)
    stakes = Stakes(
        cents=row.amount_minor,
        margin_basis_points=row.margin_basis_points,
        preset=preset,
        is_borne_by_bank=bool(facts["liability_shift"]),
    )
    policy = policy_of(preset, trade=Trade(row.trade), rules=_own_rules(row), without=row.left_out)
    decision = judge(policy, facts, model, stakes).decision
    verdict = Verdict(decision.verdict)
    answered = row.stage == Stage.ANSWERED
    outcome = after_the_answer(decision, facts) if answered else verdict
    again = (verdict, outcome, decision.score, sentences(decision), list(decision.broken))
    before = (row.verdict, row.outcome, row.score, row.reasons, row.broken)
    return Remade(
        verdict=verdict,
        outcome=outcome,
        score=decision.score,
        sentences=[one.sentence for one in decision.reasons],
        is_same=again == before,
    )


def _refund_again(row: FraudDecision) -> Remade:
    if row.facts_version != refunds.VERSION or row.policy_version != refunds.VERSION:
        raise DecisionUnrepeatable
    decision = refunds.weigh_refund(Preset(row.policy), refunds.restored(row.facts))
    verdict = Verdict(decision.verdict)
    again = (verdict, decision.score, sentences(decision), list(decision.broken))
    return Remade(
        verdict=verdict,
        outcome=verdict,
        score=decision.score,
        sentences=[one.sentence for one in decision.reasons],
        is_same=again == (row.verdict, row.score, row.reasons, row.broken),
    )


def _own_rules(row: FraudDecision) -> list[Rule]:
    """Return the firm's rules that counted then, in their order: their text never changes."""
    kept = OwnRule.objects.filter(organization_id=row.organization_id, id__in=row.own_rules)
    found = {str(rule.id): rule for rule in kept}
    return [readable(found[rule_id].written) for rule_id in row.own_rules]
