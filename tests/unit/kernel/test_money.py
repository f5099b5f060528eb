from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encaisse.kernel.money import (
    LARGEST_MINOR,
    AmountInvalid,
    Currency,
    CurrencyMismatch,
    Money,
    round_half_away,
)

minors = st.integers(-LARGEST_MINOR, LARGEST_MINOR)


class TestAllocate:
    @given(
        minor=st.integers(0, LARGEST_MINOR),
        weights=st.lists(st.integers(0, 1000), min_size=1).filter(any),
    )
    def test_never_loses_or_invents_a_cent(self, minor, weights):
        shares = Money(minor).allocate(weights)

        assert sum(share.minor for share in shares) == minor

    @given(minor=minors, weights=st.lists(st.integers(0, 50), min_size=1, max_size=9).filter(any))
    def test_gives_nothing_to_a_zero_weight_and_stays_within_a_cent(self, minor, weights):
        shares = Money(minor).allocate(weights)

        for share, weight in zip(shares, weights, strict=True):
            assert weight or share.minor == 0
            assert abs(share.minor - Decimal(minor) * weight / sum(weights)) < 1

    @pytest.mark.parametrize("weights", [[], [0, 0], [2, -1]])
    def test_refuses_weights_that_share_nothing(self, weights):
        with pytest.raises(ValueError, match="Weights"):
            Money(100).allocate(weights)


class TestParse:
    @pytest.mark.parametrize(
        ("text", "minor"),
        [
            ("12", 1200),
            ("12,5", 1250),
            ("1 234,56 €", 123456),
            ("1\u202f234.56", 123456),
            ("-3,10", -310),
            ("+0,01", 1),
        ],
    )
    def test_reads_what_people_type(self, text, minor):
        assert Money.parse(text) == Money(minor)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "abc",
            "1,234",
            "1e5",
            "NaN",
            "Infinity",
            "12,345",
            "1.2.3",
            "99999999999999",
            "٣",
            "1" * 9000,
        ],
    )
    def test_refuses_anything_else_with_a_message(self, text):
        with pytest.raises(AmountInvalid) as caught:
            Money.parse(text)

        assert "montant" in caught.value.message

    @given(minor=minors)
    def test_reads_back_what_french_pages_print(self, minor):
        assert Money.parse(Money(minor).in_french()) == Money(minor)

    def test_knows_that_yen_have_no_cents(self):
        assert Money.parse("1200", Currency.JPY) == Money(1200, Currency.JPY)


class TestArithmetic:
    @given(left=minors, right=minors)
    def test_adds_and_takes_away_exactly(self, left, right):
        assert Money(left) + Money(right) - Money(right) == Money(left)

    def test_refuses_to_mix_currencies(self):
        with pytest.raises(CurrencyMismatch):
            Money(1) + Money(1, Currency.CHF)

    def test_compares_amounts_of_one_currency(self):
        assert Money(1) < Money(2)
        assert Money(2) <= Money(2)
        assert -Money(2) < Money(0)
        assert not Money(0)

    def test_refuses_a_float(self):
        with pytest.raises(TypeError):
            Money(1.0)

    def test_totals_an_empty_list_to_zero(self):
        assert Money.total([]) == Money(0)
        assert Money.total([Money(1), Money(2)]) == Money(3)


class TestRounding:
    @pytest.mark.parametrize(
        ("value", "expected"), [("13.455", 13), ("0.5", 1), ("-0.5", -1), ("2.5", 3), ("-2.5", -3)]
    )
    def test_goes_half_away_from_zero(self, value, expected):
        assert round_half_away(Decimal(value)) == expected

    def test_takes_a_share_in_ten_thousandths(self):
        assert Money(1345_50).share(1000) == Money(134_55)
        assert Money(5).share(1000) == Money(1)
        assert Money(-5).share(1000) == Money(-1)


class TestPrinting:
    def test_prints_french_english_and_machine_amounts(self):
        amount = Money(123456789)

        assert amount.in_french() == "1\u202f234\u202f567,89\u00a0€"
        assert amount.in_english() == "€1,234,567.89"
        assert (-amount).in_english() == "-€1,234,567.89"
        assert amount.as_decimal_text() == "1234567.89"
        assert str(Money(-5)) == "-0,05\u00a0€"
        assert Money(1200, Currency.JPY).as_decimal_text() == "1200"
        assert Money(1, Currency.CHF).in_french() == "0,01\u00a0CHF"
