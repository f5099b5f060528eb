import pytest
from hypothesis import given
from hypothesis import strategies as st

from encaisse.fraud.core.cases import Label
from encaisse.fraud.core.facts import FACT_TYPES
from encaisse.fraud.core.own_rules import (
    COMPARISONS,
    SUBJECTS,
    Clause,
    OwnRuleInvalid,
    Tried,
    readable,
    try_on,
    written_rule,
)
from encaisse.fraud.core.policy import policy_of
from encaisse.fraud.core.replay import Past
from encaisse.fraud.core.verdicts import Verdict
from encaisse.risk.decide import decide
from encaisse.risk.presets import Preset

from .test_policy import facts


def written(*clauses, points=20, floor=None, reason="Trop cher la nuit."):
    parts = [Clause(*clause) for clause in clauses]
    return written_rule(code="own_1", clauses=parts, points=points, floor=floor, reason=reason)


class TestWriting:
    def test_says_in_data_what_was_typed(self):
        rule = written(("euros", "at_least", "1\u202f500,50"), ("night", "equal", "Oui"))

        assert rule["when"] == {
            "all": [
                {"fact": "euros", "is": "at_least", "value": 1500.5},
                {"fact": "night", "is": "equal", "value": True},
            ]
        }

    @pytest.mark.parametrize(
        "clause",
        [
            ("euros", "at_least", "beaucoup"),
            ("hour", "at_least", "1,5"),
            ("night", "equal", "peut-être"),
            ("night", "at_least", "oui"),
            ("card_country", "at_least", "FR"),
            ("password", "equal", "1"),
            ("euros", "vaut", "1"),
        ],
    )
    def test_refuses_what_does_not_go_together(self, clause):
        with pytest.raises(OwnRuleInvalid):
            written(clause)

    def test_refuses_a_rule_that_weighs_nothing(self):
        with pytest.raises(OwnRuleInvalid, match="aucun point"):
            written(("night", "equal", "oui"), points=0)

    @given(reason=st.text(min_size=1, max_size=60).filter(str.strip))
    def test_any_sentence_is_said_as_typed_and_fills_nothing_in(self, reason):
        rule = readable(written(("night", "equal", "non"), reason=reason))
        policy = policy_of(Preset.SOUPLE, rules=[rule])

        decision = decide(policy, facts())

        assert [one.sentence for one in decision.reasons if one.code == "own_1"] == [reason]

    @given(
        subject=st.sampled_from(sorted(SUBJECTS)),
        comparison=st.sampled_from(sorted(COMPARISONS)),
        value=st.sampled_from(["oui", "non", "3", "FR", "1,5", ""]),
    )
    def test_whatever_is_accepted_can_be_weighed(self, subject, comparison, value):
        try:
            rule = readable(written((subject, comparison, value)))
        except OwnRuleInvalid:
            return

        assert rule.applies(facts()) in {True, False}


class TestTryOn:
    def test_counts_what_a_rule_would_have_touched(self):
        rule = readable(written(("euros", "at_least", "100"), floor=Verdict.HOLD))
        past = [
            Past(facts(euros=200.0), 20_000, Label.FRAUD),
            Past(facts(euros=100.0), 10_000, Label.HONEST),
            Past(facts(euros=150.0), 15_000),
            Past(facts(euros=50.0), 5_000, Label.FRAUD),
        ]

        assert try_on(rule, past) == Tried(payments=4, frauds=1, honest=1, unknown=1)


def test_every_subject_is_a_fact():
    assert set(SUBJECTS) <= set(FACT_TYPES)
