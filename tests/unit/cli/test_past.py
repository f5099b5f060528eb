"""The plan of the demonstration's past: believable, in order, and the same for the same day."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

import pytest

from encaisse.cli.past.life import everything, spare_jobs
from encaisse.cli.past.people import numbered_card
from encaisse.cli.past.plan import PARIS, Step, begins_at

NOWS = [
    datetime(2026, 11, 30, 9, 0, tzinfo=UTC),
    datetime(2027, 3, 28, 1, 30, tzinfo=UTC),  # the night the hour changes
    datetime(2028, 2, 29, 23, 59, tzinfo=UTC),
]


def told(now):
    return [(act.at, act.step, act.job.person.name, act.job.subject) for act in everything(now)]


@pytest.mark.parametrize("now", NOWS, ids=str)
class TestThePast:
    def test_is_the_same_for_the_same_day(self, now):
        assert told(now) == told(now)

    def test_goes_forward_from_the_sign_up_to_now(self, now):
        moments = [act.at for act in everything(now)]

        assert moments == sorted(moments)
        assert begins_at(now) <= moments[0]
        assert moments[-1] < now

    def test_is_a_year_of_work_and_more(self, now):
        steps = Counter(act.step for act in everything(now))
        invoices = steps[Step.INVOICE] + steps[Step.PAY_DEPOSIT]

        assert 340 <= invoices <= 470
        assert steps[Step.TRY_REFUSED] >= 10
        assert steps[Step.RELEASE] == steps[Step.GIVE_UP_AS_FRAUD] == 4
        assert steps[Step.DISPUTE] == steps[Step.LOSE_DISPUTE] == steps[Step.SHORT_PAYOUT] == 1
        assert steps[Step.REFUND]
        assert steps[Step.CREDIT]
        assert steps[Step.REFUSE]

    def test_spares_a_slow_machine_neither_its_last_weeks_nor_the_short_payout(self, now):
        acts = everything(now)
        [short] = [act.at for act in acts if act.step is Step.SHORT_PAYOUT]
        spare = spare_jobs(acts)
        spared = [act.at for act in acts if act.job in spare]

        assert len(spared) > len(acts) / 2
        assert max(spared) < short - timedelta(days=4)
        assert any(act.step is Step.PAY for act in acts if 0 < (short - act.at).days < 4)

    def test_has_its_seasons(self, now):
        months = Counter(
            act.at.astimezone(PARIS).month for act in everything(now) if act.step is Step.INVOICE
        )

        assert months[8] < months[12]

    def test_never_has_somebody_pay_before_being_asked(self, now):
        asked = defaultdict(set)
        for act in everything(now):
            if act.step in {Step.PAY, Step.TRY_REFUSED, Step.CREDIT}:
                assert asked[act.job] & {Step.INVOICE, Step.LINK}
            if act.step in {Step.ACCEPT, Step.REFUSE}:
                assert Step.QUOTE in asked[act.job]
            if act.step is Step.REFUND:
                assert Step.PAY in asked[act.job]
            asked[act.job].add(act.step)

    def test_shows_late_payers(self, now):
        past = everything(now)
        asked = {act.job: act.at for act in past if act.step is Step.INVOICE}
        delays = [
            act.at - asked[act.job] for act in past if act.step is Step.PAY and act.job in asked
        ]

        assert sum(delay > timedelta(days=32) for delay in delays) >= 10
        assert len(delays) < len(asked)  # and some who have not paid at all


def test_cards_are_numbers_whose_last_digit_checks_the_others():
    assert numbered_card("424242", 424242424) == "4242424242424242"


def test_the_waiting_money_was_authorized_this_very_day():
    now = NOWS[0]
    waiting = [act for act in everything(now) if act.job.cents and act.step is Step.PAY][-1]

    assert now - waiting.at == timedelta(hours=2)
