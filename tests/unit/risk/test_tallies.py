import json
from datetime import UTC, date, datetime, time, timedelta
from statistics import median_high
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encaisse.risk.amounts import Amounts
from encaisse.risk.tallies import FIGURES, Tally

NOON = 1_772_452_800  # 2 March 2026, 12:00 UTC
MINUTE, HOUR, DAY = 60, 3_600, 86_400

# (seconds after the one before, cents, refused, fraud)
events = st.lists(
    st.tuples(
        st.one_of(st.integers(0, 900), st.integers(0, 5 * HOUR), st.integers(0, 12 * DAY)),
        st.integers(1, 50_000),
        st.booleans(),
        st.booleans(),
    ),
    max_size=80,
)


def spread(gaps):
    """Return the same events with their moments."""
    at, placed = NOON, []
    for gap, *figures in gaps:
        at += gap
        placed.append((at, *figures))
    return placed


def told(placed, *, frauds=lambda event: event[3]):
    tally = Tally()
    for event in placed:
        tally.add(event[0], event[1], refused=event[2])
    for event in placed:
        if frauds(event):
            tally.mark(event[0], event[1])
    return tally


def through_json(tally):
    return Tally.load(json.loads(json.dumps(tally.dump())))


def naive_windows(placed, now):
    """Count again from the list what a tally keeps in buckets."""
    firsts = {
        "1h": (now // 300 - 12) * 300,
        "1d": (now // HOUR - 24) * HOUR,
        "7d": (now // DAY - 6) * DAY,
        "30d": (now // DAY - 29) * DAY,
    }
    expected = {}
    for window, first in firsts.items():
        inside = [event for event in placed if event[0] >= first]
        expected[f"count_{window}"] = len(inside)
        expected[f"sum_{window}"] = sum(event[1] for event in inside)
        expected[f"refused_{window}"] = sum(event[2] for event in inside)
    return expected


def naive_labels(placed, now, delay):
    known = now // DAY - delay
    expected = {}
    for window, days in (("1d", 1), ("7d", 7), ("30d", 30)):
        inside = [event for event in placed if known - days < event[0] // DAY <= known]
        frauds = sum(event[3] for event in inside)
        expected[f"fraud_count_{window}"] = frauds
        expected[f"fraud_share_{window}"] = frauds / len(inside) if inside else None
    return expected


class TestWindows:
    @given(gaps=events, later=st.integers(0, 40 * DAY))
    def test_count_what_a_list_of_all_events_would(self, gaps, later):
        placed = spread(gaps)
        now = (placed[-1][0] if placed else NOON) + later

        figures = told(placed).figures(now)

        expected = naive_windows(placed, now)
        assert {name: figures[name] for name in expected} == expected

    @given(gaps=events, later=st.integers(0, 20 * DAY), delay=st.integers(0, 14))
    def test_know_the_frauds_a_list_of_all_labels_would(self, gaps, later, delay):
        placed = spread(gaps)
        now = (placed[-1][0] if placed else NOON) + later

        figures = told(placed).figures(now, delay)

        expected = naive_labels(placed, now, delay)
        assert {name: figures[name] for name in expected} == expected

    @given(gaps=events, shuffled=st.randoms(use_true_random=False))
    def test_do_not_mind_events_told_in_another_order(self, gaps, shuffled):
        # A few seconds late is the rule; here up to an hour, which no window forgets.
        placed = [(NOON + gap % HOUR, *figures) for gap, *figures in gaps]
        ordered = told(sorted(placed)).figures(NOON + HOUR)
        shuffled.shuffle(placed)

        figures = told(placed).figures(NOON + HOUR)

        by_count = [
            n for n in FIGURES if n.startswith(("count", "sum", "mean", "refused", "fraud"))
        ]
        assert {n: figures[n] for n in by_count} == {n: ordered[n] for n in by_count}

    @given(
        steps=st.lists(
            st.tuples(
                st.integers(-9 * DAY, 40 * DAY), st.integers(1, 9_000), st.booleans(), st.booleans()
            ),
            max_size=60,
        )
    )
    def test_do_not_depend_on_what_was_asked_before(self, steps):
        """Questions in any order, events told late: the same as a memory that was asked once."""
        asked_often, told_only, at = Tally(), Tally(), NOON
        for gap, cents, is_question, fraud in steps:
            at += gap
            if is_question:
                asked_often.figures(at, cents=cents)
                continue
            for tally in (asked_often, told_only):
                tally.add(at, cents)
                if fraud:
                    tally.mark(at, cents)
        for later in (0, -DAY, 8 * DAY, 31 * DAY):
            fresh = through_json(told_only)

            assert asked_often.figures(at + later, 7, cents=500) == fresh.figures(
                at + later, 7, cents=500
            )
        assert asked_often.dump() == told_only.dump()

    def test_hold_a_full_hour_and_less_than_five_minutes_more(self):
        tally = Tally()
        tally.add(NOON, 100)

        assert tally.figures(NOON + 60 * MINUTE)["count_1h"] == 1
        assert tally.figures(NOON + 65 * MINUTE)["count_1h"] == 0

    def test_are_answered_as_of_the_newest_event_when_asked_a_little_late(self):
        tally = Tally()
        tally.add(NOON, 100)

        figures = tally.figures(NOON - 3)

        assert figures["count_1h"] == 1
        assert figures["hours_since"] == 0

    @pytest.mark.parametrize("night", [date(2026, 3, 29), date(2026, 10, 25)])
    def test_follow_local_days_on_the_nights_clocks_change(self, night):
        zone, tally = ZoneInfo("Europe/Paris"), Tally()
        start = datetime.combine(night, time(), zone).astimezone(UTC)
        hours = 23 if night.month == 3 else 25
        moments = [start + timedelta(hours=hour) for hour in range(hours)]
        for moment in moments:
            offset = int(moment.astimezone(zone).utcoffset().total_seconds())
            tally.add(int(moment.timestamp()), 100, offset=offset)
            tally.mark(int(moment.timestamp()), 100, offset=offset)

        end = moments[-1] + timedelta(days=7)
        offset = int(end.astimezone(zone).utcoffset().total_seconds())
        figures = tally.figures(int(end.timestamp()), 7, offset=offset)

        assert figures["fraud_count_1d"] == hours


class TestLabels:
    @given(gaps=events, later=st.integers(0, 20 * DAY), delay=st.integers(1, 14))
    def test_that_are_not_known_yet_never_show(self, gaps, later, delay):
        placed = spread(gaps)
        now = (placed[-1][0] if placed else NOON) + later

        def is_known(event):
            return event[0] // DAY <= now // DAY - delay

        honest = told(placed, frauds=lambda event: event[3] and is_known(event))
        tempted = told(placed, frauds=lambda event: event[3] if is_known(event) else True)

        assert tempted.figures(now, delay, cents=900) == honest.figures(now, delay, cents=900)

    def test_can_be_taken_back(self):
        tally = Tally()
        tally.add(NOON, 100)
        before = tally.figures(NOON + DAY)
        tally.mark(NOON, 100)

        tally.mark(NOON, 100, fraud=False)

        assert tally.figures(NOON + DAY) == before

    def test_say_when_their_event_is_forgotten(self):
        tally = Tally()
        tally.add(NOON, 100)
        tally.add(NOON + 100 * DAY, 100)

        assert not tally.mark(NOON, 100)
        assert tally.mark(NOON + 100 * DAY, 100)

    def test_tell_a_place_where_everything_is_fraud_since_some_day(self):
        tally = Tally()
        for day in range(10):
            tally.add(NOON + day * DAY, 1_000)
            if day >= 6:
                tally.mark(NOON + day * DAY, 1_000)

        figures = tally.figures(NOON + 12 * DAY, 2)

        assert figures["fraud_streak"] == 4
        assert figures["fraud_streak_days"] == 6
        assert figures["fraud_last_days"] == 3
        assert figures["clean_since_fraud"] == 0
        assert figures["fraud_mean"] == 1_000

    def test_tell_how_many_came_clean_since_the_last_fraud(self):
        tally = Tally()
        for day in range(5):
            tally.add(NOON + day * DAY, 1_000)
        tally.mark(NOON + DAY, 1_000)

        figures = tally.figures(NOON + 5 * DAY)

        assert figures["clean_since_fraud"] == 3
        assert figures["fraud_streak"] == 0
        assert figures["fraud_first_days"] == 4

    @pytest.mark.parametrize("delay", [-1, 31])
    def test_come_within_a_month(self, delay):
        with pytest.raises(ValueError, match="delay"):
            Tally().figures(NOON, delay)


class TestCompanions:
    def test_are_counted_once_in_each_window(self):
        tally = Tally()
        for minute, card in enumerate([1, 2, 1, 3]):
            tally.add(NOON + minute * MINUTE, 100, others={"card": card})
        tally.add(NOON + 3 * DAY, 100, others={"card": 4})

        assert tally.distinct("card", NOON + 3 * DAY) == (1, 1, 4, 4)
        assert tally.distinct("device", NOON + 3 * DAY) == (0, 0, 0, 0)

    def test_are_remembered_up_to_fifty(self):
        tally = Tally()
        for card in range(200):
            tally.add(NOON + card, 100, others={"card": card})

        assert tally.distinct("card", NOON + 200) == (50, 50, 50, 50)
        assert tally.has_met("card", 199)
        assert not tally.has_met("card", 0)


class TestAmounts:
    @given(
        amounts=st.lists(st.integers(1, 100_000), min_size=5, max_size=120),
        cents=st.integers(1, 200_000),
    )
    def test_give_the_deviation_of_textbooks(self, amounts, cents):
        known = Amounts()
        for amount in amounts:
            known.add(amount)

        last = amounts[-50:]
        middle = median_high(last)
        deviation = median_high(abs(amount - middle) for amount in last)
        spread = max(1.4826 * deviation, 0.05 * middle, 1.0)
        assert known.deviations(cents) == pytest.approx((cents - middle) / spread)
        assert known.rank(cents) == sum(amount < cents for amount in last) / len(last)
        assert known.median() == middle

    def test_say_nothing_without_a_habit(self):
        tally = Tally()
        for minute in range(4):
            tally.add(NOON + minute, 1_000)

        figures = tally.figures(NOON + HOUR, cents=90_000)

        assert figures["amount_z"] is figures["amount_rank"] is figures["amount_ratio"] is None

    def test_out_of_the_ordinary_are_counted(self):
        tally = Tally()
        for minute, cents in enumerate([1_000, 1_100, 900, 1_050, 950, 9_000, 1_000]):
            tally.add(NOON + minute * MINUTE, cents)

        assert tally.figures(NOON + HOUR)["unusual_7d"] == 1


class TestDump:
    @given(gaps=events, later=st.integers(0, 20 * DAY), delay=st.integers(0, 14))
    def test_loses_nothing(self, gaps, later, delay):
        placed = spread(gaps)
        now = (placed[-1][0] if placed else NOON) + later
        tally = told(placed)
        tally.add(now, 5_000, others={"card": 3, "device": "a"}, place=(48.85, 2.35))

        loaded = through_json(tally)

        assert loaded.figures(now, delay, cents=700) == tally.figures(now, delay, cents=700)
        assert loaded.distinct("card", now) == tally.distinct("card", now)
        assert loaded.last_place == tally.last_place == ((48.85, 2.35), now)
        assert loaded.dump() == tally.dump()

    def test_of_a_new_subject_is_empty(self):
        assert through_json(Tally()).figures(NOON) == Tally().figures(NOON)

    def test_of_an_ordinary_card_is_small(self):
        tally = Tally()
        for number in range(300):
            others = {"device": number % 3, "email": number % 2}
            tally.add(NOON + number * 7 * HOUR, 2_000 + 13 * number, others=others)

        assert len(json.dumps(tally.dump(), separators=(",", ":"))) < 2_000

    def test_is_bounded_whatever_happens(self):
        tally = Tally()
        for number in range(20_000):
            at = NOON + number * 307
            tally.add(at, 10_000 + number, refused=True, others={"card": 4_000_000_000 + number})
            tally.mark(at, 10_000 + number)

        assert len(json.dumps(tally.dump(), separators=(",", ":"))) < 8_000

    def test_of_the_version_before_is_read_as_it_was_understood(self):
        paid, refused = Tally(), Tally()
        for hour in range(3):
            paid.add(NOON + hour * HOUR, 1_000, refused=hour == 0)
            refused.add(NOON + hour * HOUR, 1_000, refused=True)

        before = [[2, *tally.dump()[1:-1]] for tally in (paid, refused, Tally())]

        assert [Tally.load(dumped).is_known for dumped in before] == [True, False, False]
        assert Tally.load(before[0]).figures(NOON + DAY) == paid.figures(NOON + DAY)

    def test_keeps_who_is_known(self):
        tally = Tally()
        assert not through_json(tally).is_known

        tally.accept()

        assert through_json(tally).is_known

    @pytest.mark.parametrize("dumped", [None, {}, [], [99] + [None] * 9])
    def test_of_another_version_is_refused(self, dumped):
        with pytest.raises(ValueError, match="version"):
            Tally.load(dumped)
