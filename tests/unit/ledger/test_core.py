from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encaisse.kernel.money import Money
from encaisse.ledger.core import (
    Account,
    Auxiliary,
    Entry,
    Journal,
    Line,
    Side,
    UnbalancedEntry,
    Voucher,
    credit,
    debit,
    entry_of,
)

amounts = st.integers(1, 10**9).map(Money)


class TestEntry:
    @given(amount=amounts, other=amounts)
    def test_cannot_be_built_unbalanced(self, amount, other):
        if amount == other:
            return
        with pytest.raises(UnbalancedEntry):
            entry_of("sale", debit(Account.CUSTOMERS, amount), credit(Account.SERVICES, other))

    @given(amount=amounts)
    def test_is_undone_by_its_reversal(self, amount):
        entry = entry_of("sale", debit(Account.CUSTOMERS, amount), credit(Account.SERVICES, amount))

        undone = entry.reversed(reason="sale:undone")

        assert undone.reversed(reason="sale") == entry
        assert {line.side for line in undone.lines if line.account is Account.CUSTOMERS} == {
            Side.CREDIT
        }

    def test_has_lines(self):
        with pytest.raises(ValueError, match="lines"):
            Entry(lines=(), reason="nothing")


class TestLine:
    def test_carries_a_positive_amount(self):
        with pytest.raises(ValueError, match="positive"):
            Line(Account.BANK, Side.DEBIT, Money(0))

    def test_turns_a_negative_movement_to_the_other_side(self):
        client = Auxiliary("C1", "Leroy")

        assert debit(Account.CUSTOMERS, Money(-5), client) == [
            Line(Account.CUSTOMERS, Side.CREDIT, Money(5), client)
        ]
        assert credit(Account.CUSTOMERS, Money(0)) == []


class TestWords:
    def test_every_account_and_journal_has_a_french_label(self):
        assert all(account.label for account in Account)
        assert {journal.label for journal in Journal} >= {"Ventes", "Banque"}

    def test_a_voucher_is_numbered_in_the_year_of_its_date(self):
        voucher = Voucher(
            journal=Journal.BANK,
            entry_date=date(2026, 12, 31),
            piece_reference="R1",
            piece_date=date(2026, 12, 30),
            label="Relevé",
        )

        assert voucher.fiscal_year == 2026
