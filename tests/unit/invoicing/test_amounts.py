from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encaisse.invoicing.core.amounts import (
    DocumentAmountInvalid,
    Line,
    Nature,
    QuantityInvalid,
    VatRate,
    parse_quantity,
    part_of,
    totals_of,
    vat_received,
    without_goods,
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


class TestGoods:
    """Their VAT is due on delivery; that of services waits for the money."""

    @given(
        made=some_lines.filter(has_value),
        natures=st.lists(st.sampled_from(Nature), min_size=12, max_size=12),
        basis_points=st.integers(0, 10_000),
    )
    def test_the_two_parts_always_make_the_whole(self, made, natures, basis_points):
        lines_made = [replace(line, nature=n) for line, n in zip(made, natures, strict=False)]
        totals = totals_of(lines_made)
        deposit = part_of(totals, totals.gross.share(basis_points))
        left = totals.minus(deposit)
        bases = self.goods_of(lines_made)

        waiting = without_goods(left.groups, totals, bases)

        assert Money.total(g.total for g in waiting) == left.gross
        at_the_end = Money.total(vat_received(waiting, received=left.gross).values())
        assert at_the_end == Money.total(group.vat for group in waiting)

    def test_only_goods_leave_nothing_to_wait_for(self):
        line = Line("Mitigeur", 1000, "u", Money(10_000), VatRate.NORMAL, Nature.GOODS)
        totals = totals_of([line])

        waiting = without_goods(totals.groups, totals, {VatRate.NORMAL: line.net})

        assert Money.total(group.vat for group in waiting) == Money(0)

    def test_services_alone_are_untouched(self):
        totals = totals_of([Line("Pose", 1000, "h", Money(5_000), VatRate.REDUCED)])

        assert without_goods(totals.groups, totals, {}) == totals.groups

    @staticmethod
    def goods_of(made):
        bases = {}
        for line in made:
            if line.nature is Nature.GOODS:
                bases[line.rate] = bases.get(line.rate, Money(0)) + line.net
        return bases
