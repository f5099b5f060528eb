import statistics
from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encaisse.reporting.core import (
    Counted,
    Figure,
    Period,
    hours_to_funds,
    median,
    name_of,
    parse_name,
    read_period,
    summarize,
)
from encaisse.reporting.errors import PeriodInvalid

DAY = date(2026, 11, 23)


class TestSummary:
    def test_an_empty_period_has_no_rate_and_no_average(self):
        summary = summarize([])

        assert summary.success_rate is None
        assert summary.hours_to_funds is None
        assert summary.failure_rate is None
        assert summary.by_day == {}
        assert summary.is_empty

    def test_one_refund_is_something(self):
        assert not summarize([Counted(DAY, Figure.REFUNDED, "", 1, 500)]).is_empty

    def test_rates_and_averages_come_from_counts_not_from_daily_averages(self):
        rows = [
            Counted(DAY, Figure.CAPTURED, "card", 3, 300),
            Counted(DAY, Figure.REFUSED, "expired_card", 1, 0),
            Counted(DAY, Figure.FUNDS_HOURS, "", 3, 72),
            Counted(date(2026, 11, 22), Figure.FUNDS_HOURS, "", 1, 0),
        ]

        summary = summarize(rows)

        assert summary.success_rate == 0.75
        assert summary.failure_rate == 0.25
        assert summary.tries == 4
        assert summary.hours_to_funds == 18
        assert summary.by_method == {"card": (3, 300)}
        assert summary.by_refusal == {"expired_card": 1}
        assert summary.by_day == {DAY: 300}


class TestMedian:
    @given(st.lists(st.integers(0, 60), min_size=1, max_size=200))
    def test_is_the_low_median_of_all_that_was_counted(self, values):
        assert median(Counter(values)) == statistics.median_low(values)

    def test_is_nothing_where_nothing_was_counted(self):
        assert median({}) is None

    def test_counts_each_delay_under_its_hours_and_leaves_out_what_has_none(self):
        rows = [
            Counted(DAY, Figure.FUNDS_HOURS, "48", 2, 96),
            Counted(date(2026, 11, 22), Figure.FUNDS_HOURS, "48", 1, 48),
            Counted(DAY, Figure.FUNDS_HOURS, "0", 1, 0),
            Counted(DAY, Figure.FUNDS_HOURS, "", 7, 700),
        ]

        assert hours_to_funds(rows) == {0: 1, 48: 3}
        assert summarize(rows).hours_to_funds == pytest.approx(844 / 11)


class TestNames:
    def test_a_name_reads_back(self):
        assert parse_name(name_of(Figure.CAPTURED, "card")) == (Figure.CAPTURED, "card")
        assert parse_name(name_of(Figure.REFUNDED)) == (Figure.REFUNDED, "")

    def test_a_period_counts_both_ends(self):
        assert Period(DAY, DAY).days == 1


class TestPeriods:
    def test_the_period_before_has_as_many_days_and_touches_it(self):
        assert Period(date(2026, 11, 1), DAY).before == Period(
            date(2026, 10, 9), date(2026, 10, 31)
        )

    def test_what_is_not_said_is_the_last_thirty_days(self):
        assert read_period("", "", today=DAY) == Period(date(2026, 10, 25), DAY)
        assert read_period("2026-09-01", "", today=DAY) == Period(date(2026, 9, 1), DAY)
        assert read_period("", "2026-10-31", today=DAY) == Period(
            date(2026, 10, 2), date(2026, 10, 31)
        )

    @pytest.mark.parametrize(
        ("first", "last"),
        [
            ("2026-02-31", "2026-11-23"),
            ("hier", ""),
            ("", "23/11/2026"),
            ("2026-11-24", "2026-11-23"),
            ("0001-01-01", "0001-01-02"),
            ("9999-12-30", "9999-12-31"),
            ("2010-01-01", "2026-11-23"),
            ("1" * 5000, ""),
        ],
    )
    def test_days_that_make_no_period_are_refused_in_words(self, first, last):
        with pytest.raises(PeriodInvalid) as refused:
            read_period(first, last, today=DAY)

        assert len(refused.value.message) < 120
