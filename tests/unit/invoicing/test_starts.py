"""What a newcomer of each trade is offered to begin with."""

import pytest

from encaisse.invoicing.core.amounts import Nature, VatRate
from encaisse.invoicing.core.starts import STARTS, start_of
from encaisse.kernel.trades import Trade


@pytest.mark.parametrize("trade", set(Trade) - {Trade.UNSAID})
class TestEveryTrade:
    def test_begins_with_lines_of_its_own_that_fit_a_document(self, trade):
        lines = start_of(trade).lines

        assert len(lines) >= 4
        assert len({line.label for line in lines}) == len(lines)
        assert all(0 < len(line.label) <= 240 and 0 < len(line.unit) <= 20 for line in lines)

    def test_asks_for_a_deposit_that_leaves_something_to_pay(self, trade):
        assert 0 < start_of(trade).deposit < 100

    def test_sells_goods_alone_at_the_normal_rate(self, trade):
        goods = [line for line in start_of(trade).lines if line.nature is Nature.GOODS]

        assert {line.rate for line in goods} <= {VatRate.NORMAL}


def test_gardens_are_no_dwelling():
    assert {line.rate for line in STARTS[Trade.GARDENS].lines} == {VatRate.NORMAL}


def test_a_firm_that_never_said_its_trade_goes_on_as_before():
    assert start_of(Trade.UNSAID).lines == ()
