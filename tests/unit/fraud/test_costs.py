from hypothesis import given
from hypothesis import strategies as st

from encaisse.fraud.core.costs import ITEMS, Block, bill

NOTHING = dict.fromkeys((item.code for item in ITEMS), 0)
figures = st.fixed_dictionaries({item.code: st.integers(0, 10**7) for item in ITEMS})


class TestBill:
    def test_of_the_example_counts_each_euro_once(self):
        found = bill({})

        assert found.listed == 8_700
        assert found.cash_out == 3_700
        assert found.against_honest_job == 5_200

    def test_of_nothing_is_nothing(self):
        found = bill(NOTHING)

        assert (found.listed, found.total_cash, found.against_honest_job) == (0, 0, 0)

    def test_of_days_without_takings_is_what_borrowing_them_costs(self):
        # 1,000 € a day for ten days: 55,000 euro-days at 12 % a year.
        found = bill(NOTHING | {"days": 10, "day_sales": 1_000, "rate": 12})

        assert found.blocks[Block.FREEZE] == 18

    @given(values=figures)
    def test_never_adds_the_price_of_the_job_to_what_left_the_till(self, values):
        found = bill(values)

        assert found.total_cash == sum(found.blocks.values()) - values["payment"]
