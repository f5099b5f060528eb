"""Money that went back, in part, twice, or after the final invoice: the books say why."""

import pytest

from encaisse.invoicing.errors import DepositTakenOff
from encaisse.invoicing.models import Invoice
from encaisse.invoicing.services.invoices import credit_invoice
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.ledger.queries import balance
from encaisse.payments.core import DisputeState, RequestState
from encaisse.payments.models import Dispute, PaymentRequest
from factories.answers import captured, dispute_lost, given_back, paid, request_about, started
from factories.invoicing import invoice_of, make_accepted_quote, make_invoice
from factories.payments import PayableFirm, bank_receipt


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


def credited(firm, invoice) -> None:
    credit_invoice(
        organization_id=firm.id, actor=firm.actor, invoice_id=invoice.id, now=business_now()
    )


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


class TestADepositOfWhichAPartWentBack:
    """A deposit of 308.87 €, of which 100 € go back: the customer owes them again."""

    BACK = 100_00

    def test_before_the_final_invoice_is_asked_again_with_it(self, firm):
        quote = make_accepted_quote(firm)
        given_back(firm, paid(firm, quote), self.BACK)

        final = invoice_of(firm, quote)
        for request in self.open_requests(firm, final):
            self.pay(firm, request)

        self.check_settled(firm, final)

    def test_and_paid_again_before_it_leaves_only_the_rest_to_pay(self, firm):
        quote = make_accepted_quote(firm)
        given_back(firm, paid(firm, quote), self.BACK)
        paid(firm, quote)

        final = invoice_of(firm, quote)
        for request in self.open_requests(firm, final):
            self.pay(firm, request)

        self.check_settled(firm, final)

    def test_after_the_final_invoice_is_asked_again_for_that_part_alone(self, firm):
        quote = make_accepted_quote(firm)
        deposit = paid(firm, quote)
        final = invoice_of(firm, quote)
        paid(firm, final)

        given_back(firm, deposit, self.BACK)

        [again] = self.open_requests(firm, final)
        assert (again.amount_minor, fresh(firm, final).state) == (self.BACK, "issued")
        assert balances(firm, "411", "4191") == [self.BACK, 0]
        self.pay(firm, again)
        self.check_settled(firm, final)

    @pytest.mark.parametrize("is_paid_between", [True, False])
    def test_and_then_the_rest_is_lost_whole_to_the_cent(self, firm, is_paid_between):
        quote = make_accepted_quote(firm)
        deposit = paid(firm, quote)
        final = invoice_of(firm, quote)
        given_back(firm, deposit, self.BACK)
        if is_paid_between:
            for request in self.open_requests(firm, final):
                self.pay(firm, request)

        given_back(firm, deposit, deposit.intent.amount_minor - self.BACK)
        for request in self.open_requests(firm, final):
            self.pay(firm, request)

        self.check_settled(firm, final)

    def test_and_the_final_invoice_credited_leaves_what_is_held(self, firm):
        quote = make_accepted_quote(firm)
        deposit = paid(firm, quote)
        final = invoice_of(firm, quote)
        given_back(firm, deposit, self.BACK)

        credited(firm, final)

        held = deposit.intent.amount_minor - self.BACK
        assert balances(firm, "411", "4191", "706") == [0, -held, 0]
        again = invoice_of(firm, quote)
        for request in self.open_requests(firm, again):
            self.pay(firm, request)
        self.check_settled(firm, again)

    @staticmethod
    def open_requests(firm, invoice) -> list[PaymentRequest]:
        with acting_for(firm.id):
            return list(PaymentRequest.objects.filter(reference_id=invoice.id, state="open"))

    @staticmethod
    def pay(firm, request) -> None:
        captured(firm, started(firm, request))

    @staticmethod
    def check_settled(firm, final) -> None:
        vat = final.document.read().totals.vat.minor
        assert fresh(firm, final).state == "paid"
        assert balances(firm, "411", "4191", "416", "4458", "44571") == [0, 0, 0, 0, -vat]
        assert balances(firm, "511") == [final.gross_minor]


class TestTwoDepositsLostAfterTheFinalInvoice:
    def test_bear_their_vat_anew_when_they_are_paid_again(self, firm):
        quote = make_accepted_quote(firm)
        first = paid(firm, quote)
        given_back(firm, first, 100_00)
        second = paid(firm, quote)
        final = invoice_of(firm, quote)
        given_back(firm, first, first.intent.amount_minor - 100_00)
        given_back(firm, second, 100_00)

        for request in TestADepositOfWhichAPartWentBack.open_requests(firm, final):
            TestADepositOfWhichAPartWentBack.pay(firm, request)

        TestADepositOfWhichAPartWentBack.check_settled(firm, final)


class TestADepositCreditedByHand:
    def test_is_refused_while_a_final_invoice_takes_it_off(self, firm):
        quote = make_accepted_quote(firm)
        paid(firm, quote)
        final = invoice_of(firm, quote)
        with acting_for(firm.id):
            deposit = Invoice.objects.get(kind="deposit")

        with pytest.raises(DepositTakenOff) as refused:
            credited(firm, deposit)

        assert final.number in refused.value.message
        paid(firm, final)
        TestADepositOfWhichAPartWentBack.check_settled(firm, final)

    def test_is_possible_once_that_one_is_cancelled(self, firm):
        quote = make_accepted_quote(firm)
        payment = paid(firm, quote)
        credited(firm, invoice_of(firm, quote))
        with acting_for(firm.id):
            deposit = Invoice.objects.get(kind="deposit")

        credited(firm, deposit)
        given_back(firm, payment, deposit.gross_minor)

        assert balances(firm, "411", "4191", "4458", "44571", "511") == [0] * 5


class TestAnInvoiceThatDepositsPaidWhole:
    def test_leaves_no_cent_of_vat_waiting(self, firm):
        quote = make_accepted_quote(firm, deposit_basis_points=10_000)
        request = request_about(firm, quote)
        for minor in (300_00, request.amount_minor - 300_00):
            bank_receipt(firm, minor, request.id)

        final = invoice_of(firm, quote)

        vat = final.document.read().totals.vat.minor
        assert (final.state, final.to_pay_minor) == ("paid", 0)
        assert balances(firm, "411", "4191", "4458", "44571") == [0, 0, 0, -vat]
        credited(firm, final)
        assert balances(firm, "411", "706", "4191") == [0, 0, -final.gross_minor]
        assert balances(firm, "4458", "44571")[0] == -balances(firm, "44571")[0]
