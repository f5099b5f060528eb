"""Refunds weighed: what astonishes is signed, what is ordinary passes, nothing is ever refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from encaisse.fraud.core.refunds import (
    FACT_TYPES,
    STARTER_RULES,
    GivenBack,
    PaymentPast,
    RefundAsked,
    gather,
    restored,
    weigh_refund,
)
from encaisse.fraud.core.verdicts import SCALE, Verdict
from encaisse.risk.presets import Preset

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
ORDINARY = RefundAsked(
    asked_at=NOON, hour=13, cents=5_000, payment_cents=15_000, paid_at=NOON - timedelta(days=3),
    now=NOON, card_country="FR",
)  # fmt: skip
NOTHING = PaymentPast(was_held=False, is_fraud=False)


def verdict_of(asked, past=NOTHING, preset=Preset.EQUILIBRE):
    return weigh_refund(preset, gather(asked, past)).verdict


def given_back(number, *, apart=timedelta(minutes=5), cents=2_000):
    return [GivenBack(NOON - apart * (number - one), cents) for one in range(number)]


@pytest.mark.parametrize("preset", Preset)
def test_an_ordinary_refund_passes_whatever_the_preset(preset):
    assert verdict_of(ORDINARY, preset=preset) == Verdict.ALLOW


def test_facts_are_flat_and_of_their_types():
    facts = gather(replace(ORDINARY, by_hand=given_back(6)), NOTHING)

    assert set(facts) == set(FACT_TYPES)
    assert all(
        value is None or isinstance(value, FACT_TYPES[name]) for name, value in facts.items()
    )


class TestWhatIsSigned:
    def test_a_payment_known_as_a_fraud(self):
        past = PaymentPast(was_held=False, is_fraud=True)

        assert verdict_of(ORDINARY, past) == Verdict.CHALLENGE

    def test_a_payment_that_its_payer_contests_by_two(self):
        assert verdict_of(replace(ORDINARY, is_disputed=True)) == Verdict.HOLD

    def test_the_fifth_in_an_hour_and_not_the_fourth(self):
        fourth = verdict_of(replace(ORDINARY, by_hand=given_back(3)))
        fifth = verdict_of(replace(ORDINARY, by_hand=given_back(4)))

        assert (fourth, fifth) == (Verdict.ALLOW, Verdict.CHALLENGE)

    def test_five_of_an_afternoon_are_not_a_hurry(self):
        by_hand = given_back(5, apart=timedelta(minutes=50))

        assert verdict_of(replace(ORDINARY, by_hand=by_hand)) == Verdict.ALLOW

    def test_much_more_than_this_person_gives_back(self):
        by_hand = given_back(8, apart=timedelta(days=5), cents=1_000)

        assert verdict_of(replace(ORDINARY, by_hand=by_hand)) == Verdict.CHALLENGE

    def test_a_payment_given_back_in_pieces(self):
        assert verdict_of(replace(ORDINARY, of_payment=given_back(3))) == Verdict.CHALLENGE

    def test_an_hour_nobody_knows_them_at_adds_to_the_rest(self):
        at_night = replace(ORDINARY, hour=2, hours_of_hand=[10, 11, 14, 15, 9])
        held = PaymentPast(was_held=True, is_fraud=False)

        assert verdict_of(at_night) == Verdict.ALLOW
        assert verdict_of(at_night, held) == Verdict.CHALLENGE

    def test_one_in_the_night_is_near_one_before_midnight(self):
        facts = gather(replace(ORDINARY, hour=0, hours_of_hand=[23] * 5), NOTHING)

        assert facts["unusual_hour"] is False


@pytest.mark.parametrize("preset", Preset)
def test_a_rule_that_cannot_be_computed_has_it_signed(preset):
    facts = {**gather(ORDINARY, NOTHING), "hand_refunds_1h": "many"}

    decision = weigh_refund(preset, facts)

    assert decision.verdict == Verdict.CHALLENGE
    assert decision.broken == ("refunds_in_a_hurry",)


def test_what_is_kept_decides_the_same_again():
    facts = gather(replace(ORDINARY, by_hand=given_back(9), is_disputed=True), NOTHING)
    kept = {name: value for name, value in facts.items() if value is not None}

    assert weigh_refund(Preset.STRICT, restored(kept)) == weigh_refund(Preset.STRICT, facts)


def test_every_sentence_can_be_said_whatever_is_known():
    facts = restored(gather(ORDINARY, NOTHING))

    assert all(str(rule["reason"]).format_map(facts) for rule in STARTER_RULES)


refunds_asked = st.builds(
    RefundAsked,
    asked_at=st.just(NOON),
    hour=st.integers(0, 23),
    cents=st.integers(1, 200_000),
    payment_cents=st.integers(1, 200_000),
    paid_at=st.integers(0, 400 * 24).map(lambda hours: NOON - timedelta(hours=hours)),
    now=st.just(NOON),
    card_country=st.sampled_from(["", "FR", "US", "BR"]),
    of_payment=st.integers(0, 6).map(given_back),
    of_customer=st.integers(0, 6).map(given_back),
    by_hand=st.integers(0, 20).map(given_back),
    hours_of_hand=st.lists(st.integers(0, 23), max_size=8),
    is_by_key=st.booleans(),
    key_since=st.none() | st.integers(0, 90).map(lambda days: NOON - timedelta(days=days)),
    is_disputed=st.booleans(),
)
pasts = st.builds(PaymentPast, was_held=st.booleans(), is_fraud=st.booleans())


@given(refunds_asked, pasts, st.sampled_from(Preset))
def test_no_refund_is_ever_refused(asked, past, preset):
    assert verdict_of(asked, past, preset) in {Verdict.ALLOW, Verdict.CHALLENGE, Verdict.HOLD}


@settings(deadline=None)  # a dozen decisions an example
@given(refunds_asked, pasts, st.sampled_from(Preset), st.integers(1, 5))
def test_more_risk_is_never_milder(asked, past, preset, more):
    before = SCALE.index(verdict_of(asked, past, preset))
    # More of the same size, which leaves what is usual where it was.
    worse = (
        (replace(asked, is_disputed=True), past),
        (replace(asked, of_payment=given_back(len(asked.of_payment) + more)), past),
        (replace(asked, of_customer=given_back(len(asked.of_customer) + more)), past),
        (replace(asked, by_hand=given_back(len(asked.by_hand) + more)), past),
        (asked, PaymentPast(was_held=True, is_fraud=past.is_fraud)),
        (asked, PaymentPast(was_held=past.was_held, is_fraud=True)),
    )

    assert all(SCALE.index(verdict_of(*one, preset)) >= before for one in worse)


@given(refunds_asked, pasts)
def test_a_more_careful_preset_is_never_milder(asked, past):
    presets = (Preset.SOUPLE, Preset.EQUILIBRE, Preset.STRICT)
    found = [SCALE.index(verdict_of(asked, past, preset)) for preset in presets]

    assert found == sorted(found)
