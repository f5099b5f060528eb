from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encaisse.kernel.money import Money
from encaisse.payments.core import AttemptState, IntentState, Method
from encaisse.payments.finality import (
    CONTESTABLE_DAYS,
    Because,
    Light,
    Standing,
    green_light,
)

PAID = date(2026, 10, 24)
TODAY = date(2026, 11, 2)
CARD = Standing(
    method=Method.CARD,
    state=IntentState.CAPTURED,
    attempt_state=AttemptState.CAPTURED,
    amount=Money(500_000),
    kept=Money(500_000),
    disputed=Money(0),
    captured_on=PAID,
)


class TestGreenLight:
    def test_of_money_that_pays_nothing_yet_waits(self):
        twice = replace(CARD, method=Method.TRANSFER, pays_something=False)

        found = green_light(twice, today=TODAY)

        assert (found.light, found.because) == (Light.WAIT, Because.NOBODYS)

    def test_of_a_card_that_its_bank_vouches_for_is_green(self):
        found = green_light(replace(CARD, has_liability_shift=True), today=TODAY)

        assert (found.light, found.because) == (Light.SAFE, Because.BANK_VOUCHES)
        assert found.at_risk == Money(0)

    def test_of_a_card_nobody_vouches_for_names_the_last_day_and_the_amount(self):
        found = green_light(CARD, today=TODAY)

        assert found.light is Light.CONTESTABLE
        assert found.until == PAID + timedelta(days=120)
        assert found.at_risk == Money(500_000)

    def test_turns_green_once_nobody_can_contest(self):
        last = PAID + timedelta(days=CONTESTABLE_DAYS)

        assert green_light(CARD, today=last).light is Light.CONTESTABLE
        assert green_light(CARD, today=last + timedelta(days=1)).light is Light.SAFE

    @pytest.mark.parametrize("method", [Method.TRANSFER, Method.INSTANT_TRANSFER])
    def test_of_a_transfer_is_green_as_soon_as_it_is_there(self, method):
        found = green_light(replace(CARD, method=method), today=PAID)

        assert (found.light, found.because) == (Light.SAFE, Because.TRANSFER)

    def test_of_a_transfer_from_somebody_doubtful_makes_the_work_wait(self):
        doubtful = replace(CARD, method=Method.INSTANT_TRANSFER, looks_false=True)

        found = green_light(doubtful, today=TODAY)

        assert (found.light, found.because) == (Light.WAIT, Because.DOUBTFUL_PAYER)
        assert green_light(replace(doubtful, is_cleared=True), today=TODAY).light is Light.SAFE

    @pytest.mark.parametrize(
        ("change", "because"),
        [
            ({"state": IntentState.PROCESSING, "captured_on": None}, Because.NOT_THERE),
            (
                {
                    "state": IntentState.PROCESSING,
                    "captured_on": None,
                    "attempt_state": AttemptState.HELD,
                },
                Because.HELD,
            ),
            ({"disputed": Money(10_000)}, Because.DISPUTED),
            ({"kept": Money(0)}, Because.GONE),
        ],
    )
    def test_of_money_that_is_not_there_is_never_green(self, change, because):
        found = green_light(replace(CARD, has_liability_shift=True, **change), today=TODAY)

        assert (found.light, found.because) == (Light.WAIT, because)
        assert found.at_risk.minor > 0

    @given(days=st.integers(0, 400), vouched=st.booleans(), false=st.booleans())
    def test_never_calls_safe_what_it_says_is_at_risk(self, days, vouched, false):
        standing = replace(CARD, has_liability_shift=vouched, looks_false=false)

        found = green_light(standing, today=PAID + timedelta(days=days))

        assert (found.light is Light.SAFE) == (found.at_risk.minor == 0)


def test_of_a_payer_spared_a_proof_says_that_it_was_our_choice():
    found = green_light(replace(CARD, is_spared=True), today=TODAY)

    assert (found.light, found.because) == (Light.CONTESTABLE, Because.SPARED)
    assert found.at_risk == CARD.kept
