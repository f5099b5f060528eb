"""What a verdict may be: more risk never gives a milder one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from encaisse.fraud.core.cases import Label
from encaisse.fraud.core.facts import FACT_TYPES, restored
from encaisse.fraud.core.policy import after_the_answer, policy_of, suspends, weigh
from encaisse.fraud.core.replay import Past, replay
from encaisse.fraud.core.shipped import shipped_model
from encaisse.fraud.core.starter_rules import STARTER_RULES
from encaisse.fraud.core.verdicts import Verdict
from encaisse.risk.presets import Preset

SCALE = list(Verdict)
# Each is a count, or an amount of surprise: the larger, the more there is to fear.
RISKS = (
    "link_refused_1h", "link_cards_1d", "device_cards_1d", "ip_cards_1d", "ip_refused_1h",
    "card_emails_30d", "card_count_1h", "card_refused_1d", "card_fraud_count_30d",
    "device_fraud_count_30d",
)  # fmt: skip
counts = st.fixed_dictionaries({name: st.integers(0, 12) for name in RISKS})
presets = st.sampled_from(list(Preset))


def facts(**known):
    calm = {
        "is_card": True, "stage": "answered", "euros": 80.0, "is_authenticated": True,
        "liability_shift": True, "device_known": True, "customer_known": True, "night": False,
        "listed_block": False, "listed_weak": False, "listed_allow": False, "hour": 10,
        **dict.fromkeys(RISKS, 0),
    }  # fmt: skip
    return restored({**calm, **known})


def severity(preset, known) -> int:
    return SCALE.index(Verdict(weigh(policy_of(preset), known).verdict))


class TestMonotony:
    @given(preset=presets, before=counts, name=st.sampled_from(RISKS), more=st.integers(1, 9))
    def test_more_risk_never_gives_a_milder_verdict(self, preset, before, name, more):
        worse = {**before, name: before[name] + more}

        assert severity(preset, facts(**worse)) >= severity(preset, facts(**before))

    @given(known=counts)
    def test_a_stricter_preset_never_gives_a_milder_verdict(self, known):
        found = [severity(preset, facts(**known)) for preset in Preset]

        assert found == sorted(found)

    @given(preset=presets, known=counts)
    def test_a_liability_the_bank_does_not_take_never_helps(self, preset, known):
        bare = facts(**known, liability_shift=False, euros=300.0)

        assert severity(preset, bare) >= severity(preset, facts(**known, euros=300.0))


class TestWeigh:
    def test_lets_an_ordinary_payment_pass(self):
        assert weigh(policy_of(Preset.EQUILIBRE), facts()).verdict == Verdict.ALLOW

    def test_holds_what_a_rule_cannot_be_computed_on(self):
        broken = {name: value for name, value in facts().items() if name != "card_count_1h"}

        decision = weigh(policy_of(Preset.SOUPLE), broken)

        assert decision.verdict == Verdict.HOLD
        assert decision.broken == ("card_in_a_hurry",)

    def test_never_lets_the_trusted_past_what_could_not_be_weighed(self):
        broken = {
            name: value
            for name, value in facts(listed_allow=True).items()
            if name != "card_count_1h"
        }

        assert weigh(policy_of(Preset.SOUPLE), broken).verdict == Verdict.HOLD

    def test_never_lets_the_trusted_try_card_after_card(self):
        known = facts(listed_allow=True, link_refused_1h=3)

        assert weigh(policy_of(Preset.SOUPLE), known).verdict == Verdict.HOLD

    @pytest.mark.parametrize("rule", STARTER_RULES, ids=lambda rule: rule["code"])
    def test_every_rule_says_why_in_one_sentence(self, rule):
        assert rule["reason"].endswith(".")
        assert rule["reason"].count(". ") == 0

    def test_closes_the_link_on_the_third_refusal(self):
        assert not suspends(weigh(policy_of(Preset.SOUPLE), facts(link_refused_1h=2)))
        assert suspends(weigh(policy_of(Preset.SOUPLE), facts(link_refused_1h=3)))


class TestAfterTheAnswer:
    def test_a_proof_that_was_asked_and_not_given_makes_somebody_look(self):
        known = facts(euros=300.0, liability_shift=False, is_authenticated=False)

        decision = weigh(policy_of(Preset.EQUILIBRE), known)

        assert decision.verdict == Verdict.CHALLENGE
        assert after_the_answer(decision, known) is Verdict.HOLD

    def test_a_proof_that_was_given_is_enough(self):
        known = facts(euros=900.0, device_known=False)

        decision = weigh(policy_of(Preset.EQUILIBRE), known)

        assert decision.verdict == Verdict.CHALLENGE
        assert after_the_answer(decision, known) is Verdict.ALLOW


def replayed(past):
    return replay(past, model=shipped_model(), margin_basis_points=3_000)


class TestReplay:
    def test_tells_frauds_stopped_from_honest_people_kept_waiting(self):
        bad = {"euros": 300.0, "liability_shift": False, "is_authenticated": False}
        past = [
            Past(facts(), 8_000),
            Past(facts(**bad), 30_000, Label.FRAUD),
            Past(facts(**bad), 20_000, Label.HONEST),
            Past(facts(), 5_000, Label.FRAUD),
        ]

        found = replayed(past)[Preset.EQUILIBRE]

        assert (found.payments, found.challenged, found.honest_held) == (4, 2, 1)
        assert (found.frauds_stopped, found.stopped_cents) == (1, 30_000)
        assert (found.frauds_missed, found.missed_cents) == (1, 5_000)

    @settings(deadline=None)  # seventy judgements an example
    @given(known=st.lists(counts, max_size=8))
    def test_of_a_stricter_preset_stops_no_less(self, known):
        past = [Past(facts(**one), 100, Label.FRAUD) for one in known]

        stopped = [replayed(past)[preset].frauds_stopped for preset in Preset]

        assert stopped == sorted(stopped)


def test_facts_name_every_risk():
    assert set(RISKS) <= set(FACT_TYPES)
