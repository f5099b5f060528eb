"""The verdict that costs least, and how it meets the rules."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encaisse.fraud.core.expected import Stakes, cheapest, expected_costs
from encaisse.fraud.core.judgement import BY_MODEL, judge
from encaisse.fraud.core.policy import policy_of
from encaisse.fraud.core.shipped import shipped_model
from encaisse.fraud.core.verdicts import SCALE, Verdict
from encaisse.risk.presets import Preset

from .test_policy import facts

probabilities = st.floats(0, 1)
stakes = st.builds(
    Stakes,
    cents=st.integers(1, 10**8),
    margin_basis_points=st.integers(0, 10_000),
    preset=st.sampled_from(list(Preset)),
    is_borne_by_bank=st.booleans(),
)
JOB = Stakes(cents=20_000, margin_basis_points=3_000, preset=Preset.EQUILIBRE)


class TestCheapest:
    @given(stakes=stakes, one=probabilities, other=probabilities)
    def test_a_more_probable_fraud_never_gets_a_milder_verdict(self, stakes, one, other):
        low, high = sorted((one, other))

        assert SCALE.index(cheapest(low, stakes)) <= SCALE.index(cheapest(high, stakes))

    @given(stakes=stakes, probability=probabilities)
    def test_a_stricter_preset_never_gives_a_milder_verdict(self, stakes, probability):
        found = [
            SCALE.index(cheapest(probability, replace(stakes, preset=preset))) for preset in Preset
        ]

        assert found == sorted(found)

    @given(stakes=stakes, probability=probabilities)
    def test_no_verdict_would_have_cost_less(self, stakes, probability):
        costs = expected_costs(probability, stakes)

        assert costs[cheapest(probability, stakes)] == min(costs.values())

    @pytest.mark.parametrize(
        ("probability", "verdict"),
        [(0.0, Verdict.ALLOW), (0.05, Verdict.CHALLENGE), (1.0, Verdict.BLOCK)],
    )
    def test_of_a_job_of_two_hundred_euros(self, probability, verdict):
        assert cheapest(probability, JOB) is verdict

    def test_a_loss_that_the_bank_bears_is_worth_less_trouble(self):
        borne = replace(JOB, is_borne_by_bank=True)

        assert cheapest(0.02, JOB) is Verdict.CHALLENGE
        assert cheapest(0.02, borne) is Verdict.ALLOW


class TestJudge:
    def test_lets_an_ordinary_payment_pass_with_a_small_probability(self):
        found = judge(policy_of(Preset.EQUILIBRE), facts(), shipped_model(), JOB)

        assert found.verdict is Verdict.ALLOW
        assert found.probability < 0.01

    def test_without_a_model_somebody_looks_and_it_is_said(self):
        found = judge(policy_of(Preset.SOUPLE), facts(), None, JOB)

        assert (found.verdict, found.probability) == (Verdict.HOLD, None)
        assert BY_MODEL in found.decision.broken

    def test_a_fact_the_model_cannot_read_is_said_too(self):
        odd = facts(customer_age_days="hier")

        found = judge(policy_of(Preset.SOUPLE), odd, shipped_model(), JOB)

        assert found.verdict is Verdict.HOLD
        assert BY_MODEL in found.decision.broken

    @given(tries=st.integers(0, 20), cents=st.integers(100, 500_000))
    def test_the_model_of_the_first_day_never_holds_by_itself(self, tries, cents):
        known = facts(device_cards_1d=tries, device_cards_1h=tries, amount=cents)
        by_rules = judge(policy_of(Preset.STRICT), known, shipped_model(), replace(JOB, cents=0))

        found = judge(policy_of(Preset.STRICT), known, shipped_model(), replace(JOB, cents=cents))

        worst = max(SCALE.index(by_rules.verdict), SCALE.index(Verdict.CHALLENGE))
        assert SCALE.index(found.verdict) <= worst
