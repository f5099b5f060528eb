"""What a dispute and its answer may become."""

import pytest

from encaisse.payments.core import (
    ANSWER_MOVES,
    DISPUTE_MOVES,
    OPEN_DISPUTES,
    UNSETTLED_ANSWERS,
    AnswerState,
    DisputeState,
    IllegalTransition,
    check_move,
)


class TestDisputes:
    def test_every_state_has_its_moves_and_what_is_decided_stays_so(self):
        assert set(DISPUTE_MOVES) == set(DisputeState)
        ended = {state for state, moves in DISPUTE_MOVES.items() if not moves}
        assert ended == set(DisputeState) - OPEN_DISPUTES

    def test_an_answer_that_was_read_is_not_asked_for_again(self):
        with pytest.raises(IllegalTransition):
            check_move(DISPUTE_MOVES, DisputeState.UNDER_REVIEW, DisputeState.NEEDS_RESPONSE)


class TestAnswers:
    def test_every_state_has_its_moves_and_what_is_sent_is_for_good(self):
        assert set(ANSWER_MOVES) == set(AnswerState)
        assert not ANSWER_MOVES[AnswerState.SENT]

    @pytest.mark.parametrize("state", sorted(UNSETTLED_ANSWERS))
    def test_one_under_way_is_never_given_a_second_time(self, state):
        assert AnswerState.SENDING not in ANSWER_MOVES[state]
        assert AnswerState.DRAFT not in ANSWER_MOVES[state]
