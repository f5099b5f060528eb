"""What each preset would have done over a past: the choice made on the firm's own payments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from encaisse.fraud.core.cases import Label
from encaisse.fraud.core.expected import Stakes
from encaisse.fraud.core.facts import restored
from encaisse.fraud.core.judgement import judge
from encaisse.fraud.core.model import Model
from encaisse.fraud.core.policy import after_the_answer, policy_of
from encaisse.fraud.core.verdicts import Verdict
from encaisse.kernel.trades import Trade
from encaisse.risk.decide import Policy
from encaisse.risk.presets import Preset
from encaisse.risk.rules import Facts


@dataclass(frozen=True, slots=True)
class Past:
    """
    One payment whose bank agreed, as it was known then, and what it turned out to be.

    `cents` is its amount; `label` is None where nobody ever said anything of it.
    """

    facts: Facts
    cents: int
    label: Label | None = None


@dataclass(frozen=True, slots=True)
class Replayed:
    """
    What a preset would have meant: payments seen, payers asked for a proof, honest ones kept
    waiting, frauds stopped and let through, with their amounts in cents.
    """

    payments: int
    challenged: int
    honest_held: int
    frauds_stopped: int
    stopped_cents: int
    frauds_missed: int
    missed_cents: int


def replay(
    past: Sequence[Past],
    *,
    model: Model | None,
    margin_basis_points: int,
    trade: Trade = Trade.UNSAID,
) -> Mapping[Preset, Replayed]:
    """Judge every payment again under each preset, on the facts of its own moment."""
    whole = [(restored(one.facts), one) for one in past]
    return {
        preset: _under(preset, policy_of(preset, trade=trade), whole, model, margin_basis_points)
        for preset in Preset
    }


def _under(
    preset: Preset,
    policy: Policy,
    past: Sequence[tuple[Facts, Past]],
    model: Model | None,
    margin_basis_points: int,
) -> Replayed:
    judged = []
    for facts, one in past:
        stakes = Stakes(one.cents, margin_basis_points, preset, bool(facts["liability_shift"]))
        decision = judge(policy, facts, model, stakes).decision
        asked = Verdict(decision.verdict) is Verdict.CHALLENGE
        stopped = after_the_answer(decision, facts) in {Verdict.HOLD, Verdict.BLOCK}
        judged.append((one, asked, stopped))
    frauds = [(one, stopped) for one, _, stopped in judged if one.label is Label.FRAUD]
    caught = [one.cents for one, stopped in frauds if stopped]
    missed = [one.cents for one, stopped in frauds if not stopped]
    return Replayed(
        payments=len(judged),
        challenged=sum(asked for _, asked, _ in judged),
        honest_held=sum(stopped for one, _, stopped in judged if one.label is not Label.FRAUD),
        frauds_stopped=len(caught),
        stopped_cents=sum(caught),
        frauds_missed=len(missed),
        missed_cents=sum(missed),
    )
