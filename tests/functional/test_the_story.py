"""From quote to reconciled money, through services and the real world; and what goes wrong."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections

from encaisse.invoicing.core.states import AgreementPlace, InvoiceState, QuoteState
from encaisse.invoicing.errors import QuoteNotInvoiceable, WithdrawalTooLate
from encaisse.invoicing.models import Invoice
from encaisse.invoicing.services.invoices import credit_invoice
from encaisse.invoicing.services.quotes import withdraw_from_quote
from encaisse.kernel.money import Money
from encaisse.kit.clock import business_now, paris_date
from encaisse.kit.tenancy import acting_for
from encaisse.ledger.queries import balance, journal
from encaisse.payments.core import IntentState, Method, RequestState
from encaisse.payments.errors import RefundExceedsPayment, RequestNotPayable, RequestNotYetPayable
from encaisse.payments.models import PaymentIntent, PaymentRequest, Payout
from encaisse.payments.services.refunds import request_refund
from encaisse.reporting.core import Period, hours_to_funds
from encaisse.reporting.queries import daily_figures, dashboard
from encaisse.treasury.models import Match
from encaisse.treasury.queries import three_way
from factories.invoicing import (
    invoice_of,
    make_accepted_quote,
    make_invoice,
    make_sent_quote,
)
from factories.payments import PayableFirm
from factories.treasury import import_bank_days, transfer_to
from plugins.world import eventually


@pytest.fixture
def firm(world):
    return PayableFirm(world)


def request_about(firm, kind, row) -> PaymentRequest:
    with acting_for(firm.id):
        return PaymentRequest.objects.get(reference_kind=kind, reference_id=row.id)


def fresh(firm, row):
    with acting_for(firm.id):
        return type(row).objects.get(id=row.id)


def balances(firm, *accounts: str) -> dict[str, int]:
    with acting_for(firm.id):
        return {
            account: balance(organization_id=firm.id, account_prefix=account).minor
            for account in accounts
        }


def pay_by_bank(firm, request) -> None:
    url = firm.start(request, Method.INSTANT_TRANSFER)
    assert url
    with acting_for(firm.id):
        attempt = request.intents.get(state__in=["open", "processing"]).attempts.get()
    firm.world.control(f"/payments/{attempt.provider_id}/pay", {"sca": "approve"})


class TestTheWholeStory:
    def test_a_job_goes_from_quote_to_reconciled_money(self, firm):
        quote = make_accepted_quote(firm)
        firm.pay(request_about(firm, "quote", quote))
        deposit = eventually(lambda: self.deposit_invoice(firm, quote))

        final = invoice_of(firm, quote)
        pay_by_bank(firm, request_about(firm, "invoice", final))
        eventually(lambda: fresh(firm, final).state == InvoiceState.PAID)
        firm.world.control("/clock/advance", {"days": 1})
        eventually(lambda: self.has_payout(firm))
        import_bank_days(firm)

        assert (deposit.kind, deposit.state) == ("deposit", "paid")
        assert deposit.gross_minor + final.to_pay_minor == final.gross_minor
        found = balances(firm, "411", "4191", "511", "4458", "471", "706", "44571")
        totals = final.document.read().totals
        assert found == {
            "411": 0,
            "4191": 0,
            "511": 0,
            "4458": 0,
            "471": 0,
            "706": -totals.net.minor,
            "44571": -totals.vat.minor,
        }
        fees = balances(firm, "627", "512")
        assert fees["512"] + fees["627"] == final.gross_minor
        with acting_for(firm.id):
            report = three_way(organization_id=firm.id, now=business_now() + timedelta(days=9))
        assert report.is_clean

    @staticmethod
    def deposit_invoice(firm, quote) -> Invoice | None:
        with acting_for(firm.id):
            return (
                Invoice.objects.select_related("document")
                .filter(quote_id=quote.id, kind="deposit")
                .first()
            )

    @staticmethod
    def has_payout(firm) -> bool:
        with acting_for(firm.id):
            return Payout.objects.exists()

    def test_a_plain_transfer_with_its_reference_pays_the_invoice(self, firm):
        invoice = make_invoice(firm)
        request = request_about(firm, "invoice", invoice)
        transfer_to(firm, invoice.gross_minor, f"Facture {request.creditor_reference}")

        import_bank_days(firm)
        import_bank_days(firm)

        assert fresh(firm, invoice).state == InvoiceState.PAID
        assert balances(firm, "411", "4458") == {"411": 0, "4458": 0}
        with acting_for(firm.id):
            assert Match.objects.count() == 1


class TestNumbers:
    def test_a_hundred_parallel_issues_number_one_to_a_hundred(self, firm):
        def issue(_index: int) -> str:
            try:
                return make_invoice(firm).number
            finally:
                connections.close_all()

        with ThreadPoolExecutor(10) as pool:
            numbers = sorted(pool.map(issue, range(100)))

        year = paris_date(business_now()).year
        assert numbers == [f"F-{year}-{index:04d}" for index in range(1, 101)]

    def test_a_failed_issue_takes_no_number(self, firm):
        with pytest.raises(RuntimeError), acting_for(firm.id):
            make_invoice(firm)
            raise RuntimeError

        assert make_invoice(firm).number.endswith("-0001")


class TestCreditNotes:
    def test_a_credited_invoice_leaves_no_trace_in_the_balances_and_no_way_to_pay(self, firm):
        invoice = make_invoice(firm)
        request = request_about(firm, "invoice", invoice)
        firm.start(request)

        credit_note = credit_invoice(
            organization_id=firm.id, actor=firm.actor, invoice_id=invoice.id, now=business_now()
        )

        assert credit_note.number.startswith("A-")
        assert balances(firm, "411", "706", "4458", "44571") == {
            "411": 0,
            "706": 0,
            "4458": 0,
            "44571": 0,
        }
        with pytest.raises(RequestNotPayable):
            firm.start(request)

    def test_a_paid_invoice_is_credited_then_refunded_the_way_the_money_came(self, firm):
        invoice = make_invoice(firm)
        firm.pay(request_about(firm, "invoice", invoice))
        eventually(lambda: fresh(firm, invoice).state == InvoiceState.PAID)

        credit_invoice(
            organization_id=firm.id, actor=firm.actor, invoice_id=invoice.id, now=business_now()
        )
        with acting_for(firm.id):
            intent = PaymentIntent.objects.get(state=IntentState.CAPTURED)
        request_refund(
            organization_id=firm.id,
            actor=firm.actor,
            intent_id=intent.id,
            amount=intent.amount,
            reason="",
            now=business_now(),
        )

        eventually(lambda: balances(firm, "511") == {"511": 0})
        assert balances(firm, "411", "706", "4458", "44571") == {
            "411": 0,
            "706": 0,
            "4458": 0,
            "44571": 0,
        }

    def test_a_credited_job_can_be_invoiced_again_with_its_deposit(self, firm):
        quote = make_accepted_quote(firm)
        firm.pay(request_about(firm, "quote", quote))
        eventually(lambda: TestTheWholeStory.deposit_invoice(firm, quote))
        wrong = invoice_of(firm, quote)

        credit_invoice(
            organization_id=firm.id, actor=firm.actor, invoice_id=wrong.id, now=business_now()
        )
        right = invoice_of(firm, quote)

        assert right.to_pay_minor == wrong.to_pay_minor
        with pytest.raises(QuoteNotInvoiceable):
            invoice_of(firm, quote)


class TestRefunds:
    def test_fifty_parallel_refunds_never_exceed_what_was_received(self, firm):
        request = firm.request(10_000)
        firm.pay(request)
        eventually(lambda: fresh(firm, request).state == RequestState.PAID)
        with acting_for(firm.id):
            intent = PaymentIntent.objects.get()

        def refund(_index: int) -> bool:
            try:
                request_refund(
                    organization_id=firm.id,
                    actor=firm.actor,
                    intent_id=intent.id,
                    amount=Money(700),
                    reason="",
                    now=business_now(),
                )
            except RefundExceedsPayment:
                return False
            finally:
                connections.close_all()
            return True

        with ThreadPoolExecutor(10) as pool:
            accepted = sum(pool.map(refund, range(50)))

        assert accepted == 14
        eventually(lambda: balances(firm, "511") == {"511": 10_000 - 14 * 700})
        assert balances(firm, "411") == {"411": -(10_000 - 14 * 700)}


class TestLawfulDates:
    def test_at_the_consumer_s_home_nothing_is_asked_before_seven_days(self, firm):
        quote = make_accepted_quote(firm, agreement_place=AgreementPlace.HOME)
        request = request_about(firm, "quote", quote)

        assert quote.payable_from == paris_date(business_now()) + timedelta(days=7)
        with pytest.raises(RequestNotYetPayable):
            firm.start(request)

    @pytest.mark.parametrize(
        "place", [AgreementPlace.DISTANCE, AgreementPlace.URGENT_HOME, AgreementPlace.PREMISES]
    )
    def test_elsewhere_the_deposit_may_be_asked_at_once(self, firm, place):
        quote = make_accepted_quote(firm, agreement_place=place)

        assert firm.start(request_about(firm, "quote", quote))

    def test_a_consumer_renounces_and_the_paid_deposit_is_credited(self, firm):
        quote = make_accepted_quote(firm)
        firm.pay(request_about(firm, "quote", quote))
        deposit = eventually(lambda: TestTheWholeStory.deposit_invoice(firm, quote))

        withdraw_from_quote(organization_id=firm.id, quote_id=quote.id, now=business_now())

        assert fresh(firm, quote).state == QuoteState.WITHDRAWN
        assert fresh(firm, deposit).state == InvoiceState.CREDITED
        assert balances(firm, "44571", "4458", "4191") == {
            "44571": 0,
            "4458": 0,
            "4191": -deposit.gross_minor,
        }
        with pytest.raises(WithdrawalTooLate):
            withdraw_from_quote(organization_id=firm.id, quote_id=quote.id, now=business_now())

    def test_a_quote_agreed_on_the_premises_gives_no_withdrawal(self, firm):
        quote = make_accepted_quote(firm, agreement_place=AgreementPlace.PREMISES)

        with pytest.raises(WithdrawalTooLate):
            withdraw_from_quote(organization_id=firm.id, quote_id=quote.id, now=business_now())


class TestAcceptance:
    def test_the_proof_is_sealed_and_bound_to_the_exact_document(self, firm):
        quote = make_sent_quote(firm)

        assert quote.document.sha256 == quote.document.read().sha256()
        with acting_for(firm.id):
            assert journal(organization_id=firm.id).count() == 0


class TestDashboard:
    def test_the_dashboard_counts_what_happened(self, firm):
        invoice = make_invoice(firm)
        firm.pay(request_about(firm, "invoice", invoice), card="4000000000009995")
        provider_id = firm.pay(request_about(firm, "invoice", invoice))
        assert provider_id
        eventually(lambda: fresh(firm, invoice).state == InvoiceState.PAID)
        make_invoice(firm)
        firm.world.control("/clock/advance", {"days": 1})
        eventually(lambda: TestTheWholeStory.has_payout(firm))
        import_bank_days(firm)
        today = paris_date(business_now())

        period = Period(today - timedelta(days=9), today)
        with acting_for(firm.id):
            board = dashboard(organization_id=firm.id, period=period, today=today)
            delays = hours_to_funds(daily_figures(organization_id=firm.id, period=period))

        assert delays == {24: 1}
        assert board.summary.captured_count == 1
        assert board.summary.captured_minor == invoice.gross_minor
        assert board.summary.by_method == {"card": (1, invoice.gross_minor)}
        assert board.summary.by_refusal == {"insufficient_funds": 1}
        assert board.summary.success_rate == 0.5
        assert board.summary.hours_to_funds == 24
        assert board.summary.days_from_work == 1
        assert board.summary.days_late == 0
        assert (board.owed.open_count, board.owed.overdue_count) == (1, 0)
        assert board.under_way == Money(0)
