from datetime import UTC, datetime, timedelta

import pytest

from encaisse.identity.core import (
    CODE_PAUSE,
    CODE_WINDOW,
    CODES_IN_WINDOW,
    code_typed,
    wait_before_code,
    went_back,
)
from encaisse.identity.proofs import device_name

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class TestCounters:
    @pytest.mark.parametrize(("known", "shown"), [(0, 0), (0, 1), (4, 5), (4, 400)])
    def test_one_that_goes_up_or_never_counts_is_trusted(self, known, shown):
        assert not went_back(known=known, shown=shown)

    @pytest.mark.parametrize(("known", "shown"), [(1, 1), (5, 4), (5, 0)])
    def test_one_that_stays_or_goes_back_is_a_copy(self, known, shown):
        assert went_back(known=known, shown=shown)


class TestNamesOfDevices:
    @pytest.mark.parametrize(
        ("agent", "first_name", "name"),
        [
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0)", "Anne", "Téléphone d’Anne"),
            ("Mozilla/5.0 (Linux; Android 15)", "Paul", "Téléphone de Paul"),
            ("Mozilla/5.0 (Windows NT 10.0)", "Hélène", "Ordinateur d’Hélène"),
            ("curl", "", "Appareil"),
            ("Mozilla/5.0 (iPad)", "É" * 80, "Tablette d’" + "É" * 49),
        ],
    )
    def test_they_are_what_a_person_would_say(self, agent, first_name, name):
        assert device_name(agent, first_name=first_name) == name


class TestCodes:
    @pytest.mark.parametrize("typed", ["123456", "123 456", " 123-456 ", "123\u202f456"])
    def test_they_are_read_as_people_type_them(self, typed):
        assert code_typed(typed) == "123456"

    def test_digits_of_other_alphabets_are_not_ours(self):
        assert code_typed("١٢٣456") == "456"

    def test_the_first_one_waits_for_nothing(self):
        assert not wait_before_code([], NOW)

    def test_the_next_one_waits_half_a_minute(self):
        assert wait_before_code([NOW], NOW) == CODE_PAUSE
        assert not wait_before_code([NOW - CODE_PAUSE], NOW)

    def test_after_six_in_an_hour_the_hour_ends_first(self):
        sent = [NOW - timedelta(minutes=10 * step) for step in range(CODES_IN_WINDOW)]

        assert wait_before_code(sent, NOW) == CODE_WINDOW - timedelta(minutes=50)

    def test_what_is_older_than_the_window_does_not_count(self):
        assert not wait_before_code([NOW - CODE_WINDOW] * 10, NOW)
