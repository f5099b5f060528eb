"""What a trade changes: its own ordinary is let through, its own fraud is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encaisse.fraud.core.policy import policy_of, weigh
from encaisse.fraud.core.starter_rules import STARTER_RULES, TRADE_RULES, rules_for
from encaisse.fraud.core.verdicts import Verdict
from encaisse.kernel.trades import TRADE_WORDS, Trade
from encaisse.risk.presets import Preset
from unit.fraud.test_policy import RISKS, SCALE, counts, facts, presets

trades = st.sampled_from(list(Trade))
UNPROVEN = {"customer_known": False, "is_authenticated": False, "liability_shift": False}


def verdict(trade, **known) -> str:
    return weigh(policy_of(Preset.EQUILIBRE, trade=trade), facts(**known)).verdict


class TestEveryTrade:
    def test_has_a_word(self):
        assert set(TRADE_WORDS) == set(Trade) - {Trade.UNSAID}

    @pytest.mark.parametrize("trade", Trade)
    def test_keeps_every_common_rule_and_names_each_once(self, trade):
        codes = [rule["code"] for rule in rules_for(trade)]

        assert len(codes) == len(set(codes))
        assert {rule["code"] for rule in STARTER_RULES} <= set(codes)

    @pytest.mark.parametrize("trade", TRADE_RULES)
    def test_says_why_in_one_sentence_and_what_is_different(self, trade):
        for rule in TRADE_RULES[trade].rules:
            assert rule["reason"].endswith(".")
            assert rule["reason"].count(". ") == 0
        assert TRADE_RULES[trade].lead.endswith(".")

    @given(
        trade=trades, preset=presets, before=counts, name=st.sampled_from(RISKS),
        more=st.integers(1, 9),
    )  # fmt: skip
    def test_never_answers_more_risk_by_a_milder_verdict(self, trade, preset, before, name, more):
        worse = {**before, name: before[name] + more}
        found = [
            SCALE.index(Verdict(weigh(policy_of(preset, trade=trade), facts(**one)).verdict))
            for one in (before, worse)
        ]

        assert found == sorted(found)


class TestOrdinaryOfOneTrade:
    def test_a_night_call_is_a_plumber_s_daily_bread(self):
        known = {"night": True, "hour": 23, "device_known": False, "euros": 180.0}

        codes = {
            trade: [
                one.code
                for one in weigh(policy_of(Preset.STRICT, trade=trade), facts(**known)).reasons
            ]
            for trade in (Trade.PLUMBING, Trade.UNSAID)
        }

        assert codes == {Trade.PLUMBING: [], Trade.UNSAID: ["night"]}

    def test_a_large_deposit_from_a_new_device_is_a_joiner_s(self):
        known = {"euros": 900.0, "device_known": False}

        assert verdict(Trade.JOINERY, **known) == Verdict.ALLOW
        assert verdict(Trade.PLUMBING, **known) == Verdict.CHALLENGE

    def test_a_client_abroad_is_a_consultant_s(self):
        known = {"card_far": True, "customer_known": False, "countries_disagree": False}

        assert verdict(Trade.CONSULTING, **known) == Verdict.ALLOW
        assert verdict(Trade.UNSAID, **known) == Verdict.CHALLENGE


class TestFraudOfOneTrade:
    @pytest.mark.parametrize(("trade", "euros"), [(Trade.PLUMBING, 300.0), (Trade.ROOFING, 150.0)])
    def test_materials_wait_for_a_stranger_whose_bank_vouches_for_nobody(self, trade, euros):
        assert verdict(trade, **UNPROVEN, euros=euros) == Verdict.HOLD
        assert verdict(trade, **UNPROVEN, euros=euros - 1) != Verdict.HOLD
        assert verdict(trade, euros=euros) == Verdict.ALLOW

    def test_a_hurried_deposit_counts_for_a_mason(self):
        known = {"customer_known": False, "link_age_hours": 0, "euros": 2500.0}
        policy = policy_of(Preset.EQUILIBRE, trade=Trade.CONSTRUCTION)

        assert weigh(policy, facts(**known)).score == 15
        assert weigh(policy, facts(**{**known, "link_age_hours": 5})).score == 0

    def test_an_unproven_stranger_from_far_is_held_for_a_consultant(self):
        assert verdict(Trade.DIGITAL, **UNPROVEN, card_far=True, euros=90.0) == Verdict.HOLD
