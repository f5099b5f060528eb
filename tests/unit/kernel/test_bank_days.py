from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encaisse.kernel.bank_days import after_bank_days, bank_day_from, easter_sunday, is_bank_day

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 1))


class TestBankDays:
    @pytest.mark.parametrize(
        ("year", "easter"),
        [(2024, (3, 31)), (2025, (4, 20)), (2026, (4, 5)), (2027, (3, 28)), (2038, (4, 25))],
    )
    def test_easter_is_where_the_calendar_has_it(self, year, easter):
        assert easter_sunday(year) == date(year, *easter)

    @pytest.mark.parametrize(
        "closed",
        [
            date(2026, 11, 21), date(2026, 11, 22), date(2026, 4, 3), date(2026, 4, 6),
            date(2026, 5, 1), date(2026, 12, 25), date(2027, 1, 1),
        ],
    )  # fmt: skip
    def test_banks_are_closed(self, closed):
        assert not is_bank_day(closed)

    @pytest.mark.parametrize("opened", [date(2026, 11, 11), date(2026, 7, 14), date(2026, 11, 23)])
    def test_french_holidays_do_not_stop_european_transfers(self, opened):
        assert is_bank_day(opened)

    def test_friday_plus_one_is_monday_and_christmas_eve_plus_one_is_after_the_holidays(self):
        assert after_bank_days(date(2026, 11, 20), 1) == date(2026, 11, 23)
        assert after_bank_days(date(2026, 12, 24), 1) == date(2026, 12, 28)
        assert after_bank_days(date(2026, 11, 22), 0) == date(2026, 11, 23)

    @given(day=DAYS, count=st.integers(0, 10))
    def test_it_always_ends_on_an_open_day_and_never_earlier(self, day, count):
        found = after_bank_days(day, count)

        assert is_bank_day(found)
        assert found >= day + timedelta(days=count)

    @given(day=DAYS)
    def test_an_open_day_is_its_own_first_open_day(self, day):
        assert bank_day_from(bank_day_from(day)) == bank_day_from(day)
