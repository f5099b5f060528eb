"""Money that went back, in part, twice, or after the final invoice: the books say why."""

import pytest

from encaisse.kit.tenancy import acting_for
from encaisse.ledger.queries import balance
from encaisse.payments.core import DisputeState, RequestState
from encaisse.payments.models import Dispute
from factories.answers import dispute_lost, given_back, paid, request_about
from factories.invoicing import make_invoice
from factories.payments import PayableFirm


@pytest.fixture
def firm(world):
    return PayableFirm(world)


def fresh(firm, row):
    with acting_for(firm.id):
        return type(row).objects.get(id=row.id)


def balances(firm, *accounts: str) -> list[int]:
    with acting_for(firm.id):
        return [
            balance(organization_id=firm.id, account_prefix=account).minor for account in accounts
        ]


class TestAPaymentRefundedThenLostInADispute:
    def test_is_owed_once_more_by_its_link_and_twice_in_the_books(self, firm):
        invoice = make_invoice(firm)
        payment = paid(firm, invoice)
        given_back(firm, payment, invoice.gross_minor)

        dispute_lost(firm, payment, invoice.gross_minor)

        with acting_for(firm.id):
            assert Dispute.objects.get().state == DisputeState.LOST
        assert (fresh(firm, invoice).state, fresh(firm, invoice).paid_minor) == ("issued", 0)
        assert request_about(firm, invoice).state == RequestState.OPEN
        gross = invoice.gross_minor
        assert balances(firm, "411", "416", "511") == [2 * gross, 0, -gross]
