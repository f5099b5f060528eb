import pytest
from hypothesis import given
from hypothesis import strategies as st

from encaisse.invoicing.core.amounts import (
    DocumentAmountInvalid,
    Line,
    QuantityInvalid,
    VatRate,
    parse_quantity,
    part_of,
    totals_of,
    vat_received,
)
from encaisse.kernel.money import Money

lines = st.builds(
    Line,
    label=st.just("Main-d’œuvre"),
    quantity_thousandths=st.integers(1, 10**6),
    unit=st.just("h"),
    unit_price=st.integers(1, 10**6).map(Money),
    rate=st.sampled_from(VatRate),
)
some_lines = st.lists(lines, min_size=1, max_size=12)


def has_value(made) -> bool:
    return any(line.net for line in made)


class TestTotals:
    @given(made=some_lines.filter(has_value))
    def test_vat_is_that_of_the_summed_base_of_each_rate(self, made):
        totals = totals_of(made)

        assert totals.net == Money.total(line.net for line in made)
        for group in totals.groups:
            assert group.vat == group.base.share(group.rate)
        assert totals.gross == totals.net + totals.vat

    def test_rounds_half_a_cent_away_from_zero(self):
        line = Line("x", 1500, "h", Money(33), VatRate.NORMAL)

        assert line.net == Money(50)
        assert totals_of([line]).vat == Money(10)

    def test_never_sums_the_vat_of_lines(self):
        three = [Line("x", 1000, "u", Money(3), VatRate.NORMAL)] * 3

        assert totals_of(three).vat == Money(2)  # 20 % of 9; line by line it would be 3

    @pytest.mark.parametrize("price", [0, 10**13])
    def test_refuses_a_total_that_is_nothing_or_absurd(self, price):
        with pytest.raises(DocumentAmountInvalid):
            totals_of([Line("x", 1000, "u", Money(price), VatRate.NORMAL)])


class TestDeposit:
    @given(made=some_lines.filter(has_value), basis_points=st.integers(1, 10_000))
    def test_is_the_share_to_the_cent_and_leaves_the_rest(self, made, basis_points):
        totals = totals_of(made)
        amount = totals.gross.share(basis_points)
        deposit = part_of(totals, amount)

        assert deposit.gross == amount
        remaining = totals.minus(deposit)
        assert remaining.gross == totals.gross - amount
        assert remaining.vat + deposit.vat == totals.vat
        assert remaining.net + deposit.net == totals.net

    def test_what_was_taken_at_a_rate_the_document_has_not_is_taken_off_all_the_same(self):
        document = totals_of([Line("x", 1000, "u", Money(1000), VatRate.NORMAL)])
        other = totals_of([Line("x", 1000, "u", Money(100), VatRate.REDUCED)])

        assert document.minus(other).gross == document.gross - other.gross


class TestVatReceived:
    @given(
        made=some_lines.filter(has_value),
        shares=st.lists(st.integers(1, 50), min_size=1, max_size=6),
    )
    def test_parts_of_a_payment_add_up_to_the_whole_vat(self, made, shares):
        totals = totals_of(made)
        parts = totals.gross.allocate(shares)
        due, received = Money(0), Money(0)
        for part in parts:
            before = Money.total(vat_received(totals.groups, received=received).values())
            received = received + part
            due = due + Money.total(vat_received(totals.groups, received=received).values())
            due = due - before

        assert due == totals.vat

    def test_nothing_is_due_on_nothing(self):
        assert vat_received([], received=Money(100)) == {}


class TestQuantity:
    @pytest.mark.parametrize(
        ("text", "thousandths"), [("1", 1000), ("6,5", 6500), ("0.125", 125), (" 1 000 ", 10**6)]
    )
    def test_reads_what_people_type(self, text, thousandths):
        assert parse_quantity(text) == thousandths

    @pytest.mark.parametrize("text", ["", "0", "-1", "1,2345", "a", "1e3", "9" * 20])
    def test_refuses_anything_else(self, text):
        with pytest.raises(QuantityInvalid):
            parse_quantity(text)

    def test_prints_rates_in_french(self):
        assert [rate.label for rate in VatRate] == ["0 %", "5,5 %", "10 %", "20 %"]
