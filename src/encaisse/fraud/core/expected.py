"""
The verdict that costs least, given how probable a fraud is. Pure; amounts are cents.

Each verdict's cost is a straight line of the probability: from what an honest payer costs to what a
fraud costs. The milder the verdict, the steeper its line, so that the cheapest verdict only gets
more severe as the probability grows.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from encaisse.fraud.core.verdicts import Verdict
from encaisse.risk.presets import Preset

_WHOLE = 10_000
# What a bank takes for a dispute, won or lost, and what five minutes of the firm's time cost.
DISPUTE_FEE_CENTS = 2_000
_LOOKING_CENTS = 375
# Of honest payers asked for a proof, so many give up; of frauds, so many are stopped by it. Card
# schemes publish 2 to 5 % and nine in ten; in ten-thousandths.
_GIVE_UP, _STOPPED_BY_PROOF = 300, 9_000
# Of honest payers kept waiting, so many go elsewhere; of frauds looked at, so many are seen.
_GO_ELSEWHERE, _SEEN_BY_EYE = 1_500, 9_500
# How much more than its price a fraud weighs for whoever wants none of it.
_AVERSION: Mapping[Preset, int] = {
    Preset.SOUPLE: 5_000,
    Preset.EQUILIBRE: 10_000,
    Preset.STRICT: 20_000,
}


@dataclass(frozen=True, slots=True)
class Stakes:
    """
    What one payment may cost. `margin_basis_points` is what the firm earns on a job.

    Where the payer's bank bears a fraud, only the trouble of a dispute is left.
    """

    cents: int
    margin_basis_points: int
    preset: Preset
    is_borne_by_bank: bool = False

    @property
    def loss(self) -> int:
        price = 0 if self.is_borne_by_bank else self.cents
        return (price + DISPUTE_FEE_CENTS) * _AVERSION[self.preset] // _WHOLE

    @property
    def margin(self) -> int:
        return self.cents * self.margin_basis_points // _WHOLE


def expected_costs(probability: float, stakes: Stakes) -> dict[Verdict, float]:
    """Return what each verdict costs on average, in cents."""
    fraud, honest = probability, 1.0 - probability
    loss, margin = stakes.loss, stakes.margin
    return {
        Verdict.ALLOW: fraud * loss,
        Verdict.CHALLENGE: honest * margin * _GIVE_UP / _WHOLE
        + fraud * loss * (_WHOLE - _STOPPED_BY_PROOF) / _WHOLE,
        Verdict.HOLD: _LOOKING_CENTS
        + honest * margin * _GO_ELSEWHERE / _WHOLE
        + fraud * loss * (_WHOLE - _SEEN_BY_EYE) / _WHOLE,
        Verdict.BLOCK: honest * margin,
    }


def cheapest(probability: float, stakes: Stakes) -> Verdict:
    """Return the verdict that costs least; of two that cost the same, the milder."""
    costs = expected_costs(probability, stakes)
    return min(Verdict, key=costs.__getitem__)
