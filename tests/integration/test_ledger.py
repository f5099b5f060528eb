from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import uuid4

import psycopg
import pytest
from django.db import connection, connections, transaction
from django.db.utils import IntegrityError
from hypothesis import given, settings
from hypothesis import strategies as st

from encaisse.kernel.money import Money
from encaisse.kit.tenancy import acting_for
from encaisse.ledger import queries, services
from encaisse.ledger.core import (
    Account,
    EntryPostedDifferently,
    Journal,
    Voucher,
    credit,
    debit,
    entry_of,
)
from encaisse.ledger.models import AccountTotal, JournalEntry, JournalLine
from encaisse.ledger.services import Posting
from factories.organizations import NOW, Firm


def posting(minor: int = 100, *, source: str = "", journal: Journal = Journal.SALES) -> Posting:
    amount = Money(minor)
    return Posting(
        entry=entry_of("sale", debit(Account.CUSTOMERS, amount), credit(Account.SERVICES, amount)),
        voucher=Voucher(
            journal=journal,
            entry_date=date(2026, 11, 23),
            piece_reference="F-1",
            piece_date=date(2026, 11, 23),
            label="Facture",
        ),
        source=source or f"test:{uuid4()}",
    )


class TestPostEntries:
    def test_numbers_follow_each_other_in_each_journal(self):
        firm = Firm()
        journals = [Journal.SALES, Journal.BANK, Journal.SALES]

        with acting_for(firm.id):
            services.post_entries(
                organization_id=firm.id, postings=[posting(journal=j) for j in journals], now=NOW
            )
            numbers = JournalEntry.objects.order_by("journal", "number").values_list(
                "journal", "number"
            )

            assert list(numbers) == [("BQ", 1), ("VE", 1), ("VE", 2)]

    def test_the_same_cause_with_another_amount_is_refused_and_nothing_is_written(self):
        firm = Firm()
        with acting_for(firm.id):
            services.post_entry(
                organization_id=firm.id, posting=posting(source="invoice:1"), now=NOW
            )

        for batch in (
            [posting(), posting(101, source="invoice:1")],
            [posting(source="invoice:2"), posting(102, source="invoice:2")],
        ):
            with pytest.raises(EntryPostedDifferently), acting_for(firm.id):
                services.post_entries(organization_id=firm.id, postings=batch, now=NOW)

        with acting_for(firm.id):
            assert JournalEntry.objects.count() == 1

    def test_a_repeat_posts_nothing_and_takes_no_number(self):
        firm = Firm()
        same = posting(source="invoice:1")

        with acting_for(firm.id):
            for _ in range(3):
                services.post_entry(organization_id=firm.id, posting=same, now=NOW)
            services.post_entry(organization_id=firm.id, posting=posting(), now=NOW)

            assert sorted(JournalEntry.objects.values_list("number", flat=True)) == [1, 2]
            assert queries.balance(organization_id=firm.id, account_prefix="411") == Money(200)

    def test_parallel_posts_leave_no_gap_and_count_each_source_once(self):
        firm = Firm()
        postings = [posting(source=f"invoice:{index % 20}") for index in range(40)]

        def post(one: Posting) -> None:
            with acting_for(firm.id):
                services.post_entry(organization_id=firm.id, posting=one, now=NOW)
            connections.close_all()

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(post, postings))

        with acting_for(firm.id):
            numbers = JournalEntry.objects.order_by("number").values_list("number", flat=True)
            assert list(numbers) == list(range(1, 21))

    @settings(max_examples=20, deadline=None)
    @given(minors=st.lists(st.integers(1, 10**9), min_size=1, max_size=20))
    def test_running_totals_always_equal_the_sum_of_the_lines(self, minors):
        firm = Firm()

        with acting_for(firm.id):
            services.post_entries(
                organization_id=firm.id, postings=[posting(minor) for minor in minors], now=NOW
            )
            total = AccountTotal.objects.get(account="411")

            assert total.debit_minor == sum(minors)
            assert sum(
                line.amount_minor for line in JournalLine.objects.filter(account="706")
            ) == sum(minors)


class TestTheDatabaseIsTheReferee:
    @pytest.mark.parametrize("table", ["ledger_journalentry", "ledger_journalline"])
    @pytest.mark.parametrize("alias", ["default", "owner"])
    @pytest.mark.parametrize("change", ["UPDATE {} SET created_at = now()", "DELETE FROM {}"])
    def test_refuses_to_change_or_delete_the_journal(self, table, alias, change):
        firm = Firm()
        with acting_for(firm.id):
            services.post_entry(organization_id=firm.id, posting=posting(), now=NOW)
        settings_of = connections[alias].get_connection_params()
        settings_of.pop("cursor_factory", None)
        settings_of.pop("context", None)

        with psycopg.connect(**settings_of) as plain:
            plain.execute(f"SET encaisse.organization_id = '{firm.id}'")
            with pytest.raises(psycopg.Error, match=r"permission denied|append-only"):
                plain.execute(change.format(table))

    def test_refuses_an_unbalanced_line_at_commit(self):
        firm = Firm()
        with acting_for(firm.id):
            services.post_entry(organization_id=firm.id, posting=posting(), now=NOW)

        with pytest.raises(IntegrityError, match="does not balance"), acting_for(firm.id):
            entry = JournalEntry.objects.get()
            JournalLine.objects.create(
                organization_id=firm.id, entry=entry, position=9, account="411", side="debit",
                amount_minor=1, currency="EUR", created_at=NOW,
            )  # fmt: skip

    def test_refuses_a_line_that_points_into_another_firm(self):
        mine, other = Firm(), Firm()
        with acting_for(other.id):
            services.post_entry(organization_id=other.id, posting=posting(), now=NOW)
            theirs = JournalEntry.objects.get()

        with pytest.raises(IntegrityError, match="tenant_fk"), acting_for(mine.id):
            JournalLine.objects.create(
                organization_id=mine.id, entry_id=theirs.id, position=1, account="411",
                side="debit", amount_minor=1, currency="EUR", created_at=NOW,
            )  # fmt: skip
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ledger_journalline_entry_id_tenant_fk IMMEDIATE")

    def test_a_rolled_back_post_gives_its_number_back(self):
        firm = Firm()

        with acting_for(firm.id):
            with pytest.raises(RuntimeError), transaction.atomic():
                services.post_entry(organization_id=firm.id, posting=posting(), now=NOW)
                raise RuntimeError
            services.post_entry(organization_id=firm.id, posting=posting(), now=NOW)

            assert JournalEntry.objects.get().number == 1
