from datetime import date

from encaisse.reporting.core import Counted, Figure, Period, name_of, parse_name, summarize

DAY = date(2026, 11, 23)


class TestSummary:
    def test_an_empty_period_has_no_rate_and_no_average(self):
        summary = summarize([])

        assert summary.success_rate is None
        assert summary.hours_to_funds is None
        assert summary.by_day == {}

    def test_rates_and_averages_come_from_counts_not_from_daily_averages(self):
        rows = [
            Counted(DAY, Figure.CAPTURED, "card", 3, 300),
            Counted(DAY, Figure.REFUSED, "expired_card", 1, 0),
            Counted(DAY, Figure.FUNDS_HOURS, "", 3, 72),
            Counted(date(2026, 11, 22), Figure.FUNDS_HOURS, "", 1, 0),
        ]

        summary = summarize(rows)

        assert summary.success_rate == 0.75
        assert summary.hours_to_funds == 18
        assert summary.by_method == {"card": (3, 300)}
        assert summary.by_refusal == {"expired_card": 1}
        assert summary.by_day == {DAY: 300}


class TestNames:
    def test_a_name_reads_back(self):
        assert parse_name(name_of(Figure.CAPTURED, "card")) == (Figure.CAPTURED, "card")
        assert parse_name(name_of(Figure.REFUNDED)) == (Figure.REFUNDED, "")

    def test_a_period_counts_both_ends(self):
        assert Period(DAY, DAY).days == 1
