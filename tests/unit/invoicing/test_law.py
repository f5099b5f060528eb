from datetime import date

import pytest

from encaisse.invoicing.core.law import payable_from, withdrawal_until
from encaisse.invoicing.core.notes import notes_of
from encaisse.invoicing.core.states import (
    INVOICE_MOVES,
    QUOTE_MOVES,
    AgreementPlace,
    DocumentKind,
    InvoiceState,
    QuoteState,
)

DAY = date(2026, 11, 23)


class TestWhenMoneyMayBeAsked:
    def test_a_consumer_at_home_has_seven_days(self):
        assert payable_from(
            place=AgreementPlace.HOME, accepted_on=DAY, is_professional=False
        ) == date(2026, 11, 30)

    @pytest.mark.parametrize("place", set(AgreementPlace) - {AgreementPlace.HOME})
    def test_elsewhere_at_once(self, place):
        assert payable_from(place=place, accepted_on=DAY, is_professional=False) is None

    def test_a_professional_at_once(self):
        assert (
            payable_from(place=AgreementPlace.HOME, accepted_on=DAY, is_professional=True) is None
        )

    def test_a_rule_does_not_apply_before_it_existed(self):
        old = date(2015, 1, 1)

        assert (
            payable_from(place=AgreementPlace.HOME, accepted_on=old, is_professional=False) is None
        )


class TestWithdrawal:
    @pytest.mark.parametrize("place", [AgreementPlace.DISTANCE, AgreementPlace.HOME])
    def test_a_consumer_has_fourteen_days(self, place):
        until = withdrawal_until(place=place, accepted_on=DAY, is_professional=False)

        assert until == date(2026, 12, 7)

    @pytest.mark.parametrize("place", [AgreementPlace.PREMISES, AgreementPlace.URGENT_HOME])
    def test_elsewhere_there_is_no_such_right(self, place):
        assert withdrawal_until(place=place, accepted_on=DAY, is_professional=False) is None

    def test_nor_for_a_professional(self):
        until = withdrawal_until(
            place=AgreementPlace.DISTANCE, accepted_on=DAY, is_professional=True
        )

        assert until is None


class TestNotes:
    def notes(self, **values) -> str:
        defaults = {
            "kind": "final",
            "issued_on": DAY,
            "is_professional": False,
            "is_vat_on_debits": False,
            "is_vat_franchise": False,
            "has_deposit": False,
        }
        return " ".join(notes_of(**{**defaults, **values}))

    def test_the_forty_euros_are_for_professionals_only(self):
        assert "40 €" in self.notes(is_professional=True)
        assert "40 €" not in self.notes()

    def test_a_quote_says_acompte(self):
        assert "acompte" in self.notes(kind="quote", has_deposit=True)
        assert self.notes(kind="quote") == ""

    def test_the_debits_option_is_printed_on_invoices(self):
        assert "débits" in self.notes(is_vat_on_debits=True)
        assert "débits" not in self.notes(kind="quote", is_vat_on_debits=True)

    @pytest.mark.parametrize("kind", ["quote", "deposit", "final", "credit_note"])
    def test_whoever_charges_no_vat_says_by_which_article(self, kind):
        assert "TVA non applicable, art. 293 B du CGI" in self.notes(
            kind=kind, is_vat_franchise=True
        )
        assert "293 B" not in self.notes(kind=kind)


class TestStates:
    def test_every_state_has_a_row(self):
        assert set(QUOTE_MOVES) == set(QuoteState)
        assert set(INVOICE_MOVES) == set(InvoiceState)

    def test_every_kind_has_its_code_and_label(self):
        assert {kind.code for kind in DocumentKind} == {"386", "380", "381"}
        assert all(kind.label for kind in DocumentKind)
