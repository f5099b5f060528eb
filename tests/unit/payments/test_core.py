import pytest
from hypothesis import given
from hypothesis import strategies as st

from encaisse.payments.core import (
    ATTEMPT_MOVES,
    INTENT_MOVES,
    LIVE_ATTEMPTS,
    REFUND_MOVES,
    REQUEST_MOVES,
    AttemptState,
    IllegalTransition,
    IntentState,
    RefundState,
    RequestState,
    attempt_state_of,
    check_move,
    intent_state_of,
)
from encaisse.providers.contract import ProviderStatus

TABLES = [
    (REQUEST_MOVES, RequestState),
    (INTENT_MOVES, IntentState),
    (ATTEMPT_MOVES, AttemptState),
    (REFUND_MOVES, RefundState),
]


class TestTables:
    @pytest.mark.parametrize(("table", "states"), TABLES)
    def test_every_state_has_a_row_that_names_known_states_but_itself(self, table, states):
        assert set(table) == set(states)
        for source, targets in table.items():
            assert targets <= set(states)
            assert source not in targets

    def test_refuses_a_move_that_is_not_in_the_table(self):
        with pytest.raises(IllegalTransition):
            check_move(REQUEST_MOVES, RequestState.CLOSED, RequestState.OPEN)

    def test_unknown_is_never_final_and_can_become_anything_the_provider_says(self):
        told = {attempt_state_of(status) for status in ProviderStatus}

        assert ATTEMPT_MOVES[AttemptState.UNKNOWN] == told

    def test_captured_money_is_never_forgotten(self):
        assert ATTEMPT_MOVES[AttemptState.CAPTURED] == frozenset()
        for state in AttemptState:
            assert state is AttemptState.CAPTURED or AttemptState.CAPTURED in ATTEMPT_MOVES[state]


class TestNoSecondCharge:
    @pytest.mark.parametrize(
        "state", LIVE_ATTEMPTS - {AttemptState.REQUIRES_ACTION}, ids=lambda state: state
    )
    def test_an_intent_whose_money_may_move_is_processing(self, state):
        assert intent_state_of(state) is IntentState.PROCESSING

    @given(st.lists(st.sampled_from(ProviderStatus), max_size=30))
    def test_whatever_order_answers_come_in_captured_stays_captured(self, statuses):
        state, was_captured = AttemptState.CREATED, False
        for status in statuses:
            target = attempt_state_of(status)
            if target in ATTEMPT_MOVES[state]:
                state = target
            was_captured = was_captured or status is ProviderStatus.CAPTURED

        assert (state is AttemptState.CAPTURED) == was_captured
