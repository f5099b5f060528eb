"""Money paid ahead by a free link, then an invoice: nothing is asked twice."""

import pytest

from encaisse.invoicing.models import Invoice
from encaisse.kernel.errors import Invalid
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.ledger.core import Account
from encaisse.ledger.queries import balance
from encaisse.payments.core import RequestState
from encaisse.payments.models import PaymentIntent, PaymentRequest
from encaisse.payments.queries import advances
from encaisse.payments.services.receipts import allocate_receipt
from encaisse.reporting.models import DailyFigure
from factories.invoicing import make_invoice
from factories.payments import PayableFirm, bank_receipt
from functional.web_people import signed_in
from plugins.world import eventually


@pytest.fixture
def firm(world):
    return PayableFirm(world)


def fresh(firm, row):
    with acting_for(firm.id):
        return type(row).objects.get(id=row.id)


def paid_ahead(firm, minor: int) -> tuple[PaymentRequest, PaymentIntent]:
    request = firm.request(minor, credit_account=Account.DEPOSITS_RECEIVED)
    firm.pay(request)
    eventually(lambda: fresh(firm, request).state == RequestState.PAID)
    with acting_for(firm.id):
        return request, PaymentIntent.objects.get(request=request)


def asked_by(firm, invoice) -> PaymentRequest:
    with acting_for(firm.id):
        return PaymentRequest.objects.get(reference_id=invoice.id)


def give(firm, intent, request) -> None:
    allocate_receipt(
        organization_id=firm.id,
        actor=firm.actor,
        intent_id=intent.id,
        request_id=request.id,
        now=business_now(),
    )


class TestAnAdvance:
    def test_goes_to_the_invoice_made_since(self, firm):
        link, intent = paid_ahead(firm, 10_000)
        invoice = make_invoice(firm)

        give(firm, intent, asked_by(firm, invoice))

        assert fresh(firm, link).state == RequestState.CLOSED
        with acting_for(firm.id):
            paid = Invoice.objects.get(id=invoice.id).paid_minor
            owed = balance(organization_id=firm.id, account_prefix="411").minor
            ahead = balance(organization_id=firm.id, account_prefix="4191").minor
            counted = list(
                DailyFigure.objects.filter(name="captured.card").values_list("count", "total")
            )
        assert (paid, owed, ahead) == (10_000, invoice.gross_minor - 10_000, 0)
        assert counted == [(1, 10_000)]

    def test_is_offered_on_the_page_of_the_invoice_and_given_there(self, firm):
        _link, intent = paid_ahead(firm, 10_000)
        invoice = make_invoice(firm)
        owner = signed_in(firm)

        page = owner.get(f"/factures/{invoice.id}/").content.decode()
        assert f"/paiements/{intent.id}/affecter/" in page
        asked = asked_by(firm, invoice)
        answer = owner.post(f"/paiements/{intent.id}/affecter/", {"request": str(asked.id)})

        assert answer.status_code == 302
        assert fresh(firm, intent).request_id == asked.id
        with acting_for(firm.id):
            left = advances(organization_id=firm.id, counterparty_id=firm.customer.id)
            assert not left.exists()

    def test_never_pays_an_invoice_twice_over_nor_that_of_somebody_else(self, firm):
        _link, intent = paid_ahead(firm, 10_000)
        other = firm.request(20_000, counterparty_id=None)
        small = firm.request(9_999)

        for request in (other, small):
            with pytest.raises(Invalid):
                give(firm, intent, request)

    def test_once_given_is_not_an_advance_any_more(self, firm):
        _link, intent = paid_ahead(firm, 10_000)
        first, second = make_invoice(firm), make_invoice(firm)
        give(firm, intent, asked_by(firm, first))

        with pytest.raises(Invalid):
            give(firm, intent, asked_by(firm, second))

    def test_that_waited_in_471_first_leaves_4191_all_the_same(self, firm):
        link = firm.request(10_000, credit_account=Account.DEPOSITS_RECEIVED)
        intent = bank_receipt(firm, 10_000, None)
        give(firm, intent, link)
        invoice = make_invoice(firm)

        give(firm, intent, asked_by(firm, invoice))

        with acting_for(firm.id):
            accounts = {
                account: balance(organization_id=firm.id, account_prefix=account).minor
                for account in ("411", "4191", "471")
            }
        assert accounts == {"411": invoice.gross_minor - 10_000, "4191": 0, "471": 0}
