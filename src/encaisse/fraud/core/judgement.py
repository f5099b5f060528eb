"""A whole judgement: the rules, the model's probability, the verdict that costs least."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from encaisse.fraud.core.expected import Stakes, cheapest
from encaisse.fraud.core.model import Model, Scored
from encaisse.fraud.core.policy import weigh
from encaisse.fraud.core.verdicts import Verdict, most_severe
from encaisse.fraud.core.words import reasons as model_reasons
from encaisse.risk.decide import Decision, Policy, Reason
from encaisse.risk.rules import Facts

BY_MODEL = "model"
# The model that firms start with has seen invented payments only: it may ask for a proof, which
# costs an honest payer ten seconds, and never keeps anybody's money waiting by itself.
MOST_BY_COLD_START = Verdict.CHALLENGE
_WHOLE = "Dans l’ensemble, ce paiement ressemble à ceux qui ont mal tourné."


@dataclass(frozen=True, slots=True)
class Judgement:
    """`probability` is None where the model failed: the payment is then held."""

    decision: Decision
    probability: float | None

    @property
    def verdict(self) -> Verdict:
        return Verdict(self.decision.verdict)


def judge(policy: Policy, facts: Facts, model: Model | None, stakes: Stakes) -> Judgement:
    """Weigh the rules, then what the model expects to lose; the most severe of both wins."""
    decision = weigh(policy, facts)
    scored = _scored(model, facts)
    if model is None or scored is None:
        return Judgement(_broken(decision), None)
    advised = min(cheapest(scored.probability, stakes), MOST_BY_COLD_START, key=_severity)
    verdict = most_severe(Verdict(decision.verdict), advised)
    if verdict != decision.verdict:
        told = model_reasons(model.contributions(facts))
        reason = Reason(BY_MODEL, 0, advised, told[0] if told else _WHOLE)
        decision = replace(decision, verdict=verdict, reasons=(reason, *decision.reasons))
    return Judgement(decision, scored.probability)


def sentences(decision: Decision) -> Sequence[dict[str, str]]:
    """Return the reasons as they are kept."""
    return [{"code": one.code, "sentence": one.sentence} for one in decision.reasons]


def _scored(model: Model | None, facts: Facts) -> Scored | None:
    if model is None:
        return None
    try:
        return model.score(facts)
    except (TypeError, ValueError, OverflowError):
        # A fact of another type than the model learnt: said in the decision, which is then careful.
        return None


def _broken(decision: Decision) -> Decision:
    verdict = most_severe(Verdict(decision.verdict), Verdict.HOLD)
    return replace(decision, verdict=verdict, broken=(*decision.broken, BY_MODEL))


def _severity(verdict: Verdict) -> int:
    return tuple(Verdict).index(verdict)
