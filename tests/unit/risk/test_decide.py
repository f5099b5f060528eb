"""Rules are data: what they accept, what they decide, what they say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encaisse.risk.decide import Policy, decide
from encaisse.risk.rules import RuleUnreadable, read_condition, read_rule

TYPES = {"amount": int, "country": str, "known": bool, "speed": float}
SCALE = ("allow", "challenge", "hold", "block")


def rule(code, when, **more):
    return read_rule({"code": code, "when": when, "reason": f"{code}.", **more}, facts=TYPES)


def policy(*rules):
    return Policy(
        name="test",
        version=1,
        scale=SCALE,
        thresholds={"challenge": 10, "hold": 50},
        rules=rules,
        when_broken="hold",
    )


FACTS = {"amount": 100, "country": "FR", "known": True, "speed": None}
LARGE = {"fact": "amount", "is": "at_least", "value": 100}
FOREIGN = {"fact": "country", "is": "not_among", "value": ["FR"]}


def test_points_add_up_to_a_verdict():
    rules = [rule("a", LARGE, points=6), rule("b", LARGE, points=6)]

    decision = decide(policy(*rules), FACTS)

    assert (decision.verdict, decision.score) == ("challenge", 12)


def test_the_most_severe_wins_and_comes_first_among_reasons():
    rules = [rule("many", LARGE, points=20), rule("floor", LARGE, floor="block")]

    decision = decide(policy(*rules), FACTS)

    assert decision.verdict == "block"
    assert [reason.code for reason in decision.reasons] == ["floor", "many"]


def test_what_is_not_known_says_nothing():
    fast = {"fact": "speed", "is": "more_than", "value": 900}

    assert decide(policy(rule("fast", fast, floor="block")), FACTS).verdict == "allow"
    assert decide(policy(rule("slow", {"not": fast}, floor="block")), FACTS).verdict == "block"


def test_a_rule_that_cannot_be_computed_is_listed_and_makes_careful():
    without = {name: value for name, value in FACTS.items() if name != "amount"}

    decision = decide(policy(rule("a", LARGE), rule("b", FOREIGN)), without)

    assert (decision.verdict, decision.broken) == ("hold", ("a",))


def test_a_reason_quotes_the_facts():
    read = read_rule({"code": "a", "when": LARGE, "reason": "{amount} €."}, facts=TYPES)

    assert decide(policy(read), FACTS).reasons[0].sentence == "100 €."


@pytest.mark.parametrize(
    ("when", "where"),
    [
        ({"fact": "unknown", "is": "equal", "value": 1}, "when"),
        ({"fact": "amount", "is": "looks_like", "value": 1}, "when"),
        ({"fact": "amount", "is": "at_least", "value": "many"}, "when"),
        ({"fact": "amount", "is": "at_least", "value": True}, "when"),
        ({"fact": "country", "is": "more_than", "value": "FR"}, "when"),
        ({"fact": "country", "is": "among", "value": []}, "when"),
        ({"all": []}, "when.all"),
        ({"all": [LARGE, {"any": [3]}]}, "when.all[1].any[0]"),
        ("amount > 3", "when"),
        ({"fact": "amount", "is": "equal", "value": 1, "else": 2}, "when"),
    ],
)
def test_what_is_not_a_condition_is_refused_where_it_stands(when, where):
    with pytest.raises(RuleUnreadable) as refused:
        read_condition(when, facts=TYPES)

    assert refused.value.where == where


def test_a_condition_is_not_endlessly_deep():
    when = LARGE
    for _level in range(8):
        when = {"not": when}

    with pytest.raises(RuleUnreadable, match="too deep"):
        read_condition(when, facts=TYPES)


def test_a_verdict_that_is_not_on_the_scale_is_refused():
    with pytest.raises(ValueError, match="perhaps"):
        policy(rule("a", LARGE, floor="perhaps"))


conditions = st.recursive(
    st.builds(
        lambda operator, value: {"fact": "amount", "is": operator, "value": value},
        st.sampled_from(["equal", "different", "at_least", "more_than", "at_most", "less_than"]),
        st.integers(-5, 5),
    ),
    lambda inner: st.one_of(
        st.builds(lambda one: {"not": one}, inner),
        st.builds(lambda many: {"all": many}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda many: {"any": many}, st.lists(inner, min_size=1, max_size=3)),
    ),
    max_leaves=4,
)


@given(conditions, st.integers(-5, 5))
def test_a_condition_and_its_contrary_never_agree(when, amount):
    try:
        applies = read_condition(when, facts=TYPES)
        contrary = read_condition({"not": when}, facts=TYPES)
    except RuleUnreadable:
        return
    facts = {**FACTS, "amount": amount}

    assert applies(facts) != contrary(facts)


@given(st.lists(st.integers(0, 60), max_size=6), st.integers(0, 60))
def test_one_more_suspicion_never_makes_the_verdict_milder(points, more):
    rules = [rule(f"r{index}", LARGE, points=value) for index, value in enumerate(points)]

    before = decide(policy(*rules), FACTS).verdict
    after = decide(policy(*rules, rule("more", LARGE, points=more)), FACTS).verdict

    assert SCALE.index(after) >= SCALE.index(before)
