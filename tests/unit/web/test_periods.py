from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encaisse.reporting.core import Period
from encaisse.web.figures.periods import (
    Grain,
    grain_of,
    in_words,
    label_of,
    name_of,
    shortcuts,
    slices,
)

MONDAY = date(2026, 11, 23)


class TestShortcuts:
    def test_they_end_today_or_with_last_month(self):
        found = {
            shortcut.label: shortcut.period for shortcut in shortcuts(today=MONDAY, current=None)
        }

        assert found == {
            "7 jours": Period(date(2026, 11, 17), MONDAY),
            "30 jours": Period(date(2026, 10, 25), MONDAY),
            "Ce mois": Period(date(2026, 11, 1), MONDAY),
            "Le mois dernier": Period(date(2026, 10, 1), date(2026, 10, 31)),
            "Cette année": Period(date(2026, 1, 1), MONDAY),
            "12 mois": Period(date(2025, 11, 24), MONDAY),
        }

    def test_a_leap_day_has_a_year_before(self):
        found = shortcuts(today=date(2028, 2, 29), current=None)

        assert found[-1].period.first == date(2027, 3, 1)

    def test_the_one_shown_is_marked_and_its_address_can_be_shared(self):
        current = Period(date(2026, 11, 17), MONDAY)

        (marked,) = [s for s in shortcuts(today=MONDAY, current=current) if s.is_current]

        assert marked.query == "?du=2026-11-17&au=2026-11-23"


class TestSlices:
    @pytest.mark.parametrize(
        ("days", "grain"),
        [(1, Grain.DAY), (31, Grain.DAY), (32, Grain.WEEK), (183, Grain.WEEK), (184, Grain.MONTH)],
    )
    def test_the_grain_follows_the_length(self, days, grain):
        assert grain_of(Period(MONDAY, MONDAY + timedelta(days=days - 1))) is grain

    @given(
        start=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
        days=st.integers(1, 900),
        by_day=st.dictionaries(st.integers(0, 899), st.integers(1, 10**9), max_size=20),
    )
    def test_nothing_is_lost_and_the_slices_follow_each_other(self, start, days, by_day):
        period = Period(start, start + timedelta(days=days - 1))
        amounts = {
            start + timedelta(days=index): minor for index, minor in by_day.items() if index < days
        }

        found = slices(period, amounts)

        assert sum(part.minor for part in found) == sum(amounts.values())
        assert (found[0].first, found[-1].last) == (period.first, period.last)
        gaps = [b.first - a.last for a, b in pairwise(found)]
        assert set(gaps) <= {timedelta(days=1)}

    def test_weeks_start_on_monday_and_months_have_names(self):
        weeks = slices(Period(date(2026, 9, 30), MONDAY), {})
        months = slices(Period(date(2025, 12, 15), MONDAY), {})

        assert [part.first for part in weeks[:2]] == [date(2026, 9, 30), date(2026, 10, 5)]
        assert name_of(months[0], Grain.MONTH) == "décembre 2025"
        assert label_of(months[2], Grain.MONTH) == "févr."


class TestWords:
    def test_a_period_reads_as_people_say_it(self):
        assert in_words(Period(MONDAY, MONDAY)) == "le 23\u00a0novembre 2026"
        assert (
            in_words(Period(date(2026, 9, 1), MONDAY))
            == "du 1er\u00a0septembre au 23\u00a0novembre 2026"
        )
        assert in_words(Period(date(2025, 12, 24), date(2026, 1, 2))).startswith(
            "du 24\u00a0décembre 2025"
        )
