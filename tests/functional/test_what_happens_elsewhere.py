"""Things done at the provider, at the bank or by the payer's bank, without asking us."""

import threading

import pytest
from django.db import connection

from encaisse.invoicing.models import Invoice
from encaisse.kernel.money import Money
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.ledger.models import JournalEntry
from encaisse.ledger.queries import balance
from encaisse.payments.core import RefundState, RequestState
from encaisse.payments.models import PaymentIntent, PaymentRequest, Refund
from encaisse.payments.services.refunds import record_refund, request_refund
from encaisse.payments.sweep import sweep
from encaisse.providers.contract import ProviderRefund, RefundRequest, RefundStatus
from encaisse.providers.queries import open_plugin
from encaisse.providers.services import connect_provider
from encaisse.treasury.models import BankTransaction
from encaisse.treasury.services.imports import import_statement
from factories.invoicing import invoice_of, make_accepted_quote, make_invoice
from factories.payments import OK_CARD, PayableFirm
from plugins.world import eventually


@pytest.fixture
def firm(world):
    return PayableFirm(world)


def fresh(firm, row):
    with acting_for(firm.id):
        return type(row).objects.get(id=row.id)


def paid(firm, request) -> str:
    provider_id = firm.pay(request)
    eventually(lambda: fresh(firm, request).state == RequestState.PAID)
    return provider_id


def balance_of(firm, account: str) -> int:
    with acting_for(firm.id):
        return balance(organization_id=firm.id, account_prefix=account).minor


def refund_at_the_provider(firm, provider_id: str, minor: int) -> None:
    """Click « refund » in the provider's own pages: the key is not one of ours."""
    opened = open_plugin(organization_id=firm.id, connection_id=firm.connection.id)
    opened.refund(
        RefundRequest(
            idempotency_key=f"dashboard-{minor}",
            provider_payment_id=provider_id,
            amount=Money(minor),
        )
    )


class TestARefundMadeAtTheProvider:
    def test_is_taken_in_by_its_webhook(self, firm):
        request = firm.request(12_000)
        provider_id = paid(firm, request)

        refund_at_the_provider(firm, provider_id, 5_000)

        eventually(lambda: self.refunds(firm) == [(RefundState.SUCCEEDED, 5_000)])
        assert balance_of(firm, "511") == 7_000
        assert fresh(firm, request).state == RequestState.OPEN

    def test_is_found_by_many_sweeps_at_once_and_refused_by_none(self, firm, world):
        provider_id = paid(firm, firm.request(12_000))
        firm.chaos(webhooks={"drop": 1})
        refund_at_the_provider(firm, provider_id, 12_000)
        world.control("/flush")
        kinds = []

        def look():
            found = sweep(organization_id=firm.id, now=business_now())
            kinds.extend(finding.kind for finding in found)
            connection.close()

        threads = [threading.Thread(target=look) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)

        assert "refund_refused" not in kinds
        with acting_for(firm.id):
            assert Refund.objects.count() == 1

    def test_is_found_by_the_sweep_when_its_webhook_was_lost(self, firm, world):
        request = firm.request(12_000)
        provider_id = paid(firm, request)
        firm.chaos(webhooks={"drop": 1})

        refund_at_the_provider(firm, provider_id, 12_000)
        world.control("/flush")
        found = sweep(organization_id=firm.id, now=business_now())

        assert "refund_missed" in [finding.kind for finding in found]
        assert self.refunds(firm) == [(RefundState.SUCCEEDED, 12_000)]
        assert balance_of(firm, "511") == 0
        assert sweep(organization_id=firm.id, now=business_now()) == []

    @staticmethod
    def refunds(firm) -> list[tuple[str, int]]:
        with acting_for(firm.id):
            return list(Refund.objects.values_list("state", "amount_minor"))


class TestADepositLostAfterTheFinalInvoice:
    def test_is_asked_again_and_the_books_end_at_zero(self, firm, world):
        quote = make_accepted_quote(firm)
        deposit_id = paid(firm, self.request_of(firm, "quote"))
        eventually(lambda: self.has_deposit_invoice(firm))
        final = invoice_of(firm, quote)
        paid(firm, self.request_of(firm, "invoice"))

        dispute = world.control("/disputes", {"payment_id": deposit_id, "reason": "fraudulent"})
        world.control(f"/disputes/{dispute['id']}/close", {"outcome": "lost"})
        eventually(lambda: fresh(firm, final).state == "issued")

        again = self.request_of(firm, "invoice", state="open")
        with acting_for(firm.id):
            deposit = Invoice.objects.get(kind="deposit")
        assert (again.amount_minor, deposit.state) == (deposit.gross_minor, "credited")
        assert balance_of(firm, "411") == deposit.gross_minor
        assert balance_of(firm, "4191") == 0

        paid(firm, again)

        vat = final.document.read().totals.vat.minor
        eventually(lambda: fresh(firm, final).state == "paid")
        assert [balance_of(firm, account) for account in ("411", "4191", "416", "4458")] == [0] * 4
        assert balance_of(firm, "44571") == -vat

    @staticmethod
    def request_of(firm, kind: str, **filters) -> PaymentRequest:
        with acting_for(firm.id):
            return PaymentRequest.objects.get(reference_kind=kind, **filters)

    @staticmethod
    def has_deposit_invoice(firm) -> bool:
        with acting_for(firm.id):
            return Invoice.objects.filter(kind="deposit").exists()


BALANCE = (
    "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='EUR'>{amount}</Amt>"
    "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-20</Dt></Dt></Bal>"
)
COFFEE = (
    "<Ntry><Amt Ccy='EUR'>2.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>"
    "<BookgDt><Dt>2026-11-20</Dt></BookgDt>{reference}<NtryDtls><TxDtls><RmtInf>"
    "<Ustrd>CAFE DU PORT</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
)


class TestALineSeenInTwoKindsOfFile:
    """The day's report shows it first, the statement gives it the bank's reference after."""

    def test_is_one_line_whichever_file_comes_first(self, firm):
        for files in ((self.report, self.statement), (self.statement, self.report)):
            other = PayableFirm(firm.world)
            for file in files:
                self.load(other, file)
                self.load(other, file)

            assert self.count(other) == 2

    def test_a_second_one_of_the_same_day_is_still_counted(self, firm):
        self.load(firm, lambda iban: self.file("Rpt", iban, [""]))
        self.load(firm, self.statement)

        assert self.count(firm) == 2

    def test_in_a_long_statement_never_hides_another_of_the_same_day(self, firm):
        self.load(firm, lambda iban: self.file("Rpt", iban, [""]))
        many = [f"<AcctSvcrRef>R{number}</AcctSvcrRef>" for number in range(1_200)]

        self.load(firm, lambda iban: self.file("Stmt", iban, many))

        assert self.count(firm) == 1_200
        self.load(firm, lambda iban: self.file("Stmt", iban, many))
        assert self.count(firm) == 1_200

    def test_split_over_two_statements_of_one_day_is_not_taken_twice(self, firm):
        self.load(firm, lambda iban: self.file("Rpt", iban, [""]))
        for number in (1, 2, 1, 2):
            text = f"<AcctSvcrRef>R{number}</AcctSvcrRef>"
            self.load(firm, lambda iban, text=text: self.file("Stmt", iban, [text]))

        assert self.count(firm) == 2

    def test_with_and_without_reference_in_one_long_file_are_two(self, firm):
        texts = [f"<AcctSvcrRef>R{number}</AcctSvcrRef>" for number in range(1_000)] + [""] * 3

        self.load(firm, lambda iban: self.file("Stmt", iban, texts))

        assert self.count(firm) == 1_003

    def report(self, iban: str) -> bytes:
        return self.file("Rpt", iban, ["", ""])

    def statement(self, iban: str) -> bytes:
        references = [f"<AcctSvcrRef>R{number}</AcctSvcrRef>" for number in (1, 2)]
        return self.file("Stmt", iban, references)

    @staticmethod
    def file(kind: str, iban: str, references: list[str]) -> bytes:
        container = {"Rpt": "BkToCstmrAcctRpt", "Stmt": "BkToCstmrStmt"}[kind]
        closing = f"{len(references) * 2.5:.2f}"
        return (
            f"<Document><{container}><{kind}><Id>1</Id><Acct><Id><IBAN>{iban}</IBAN></Id></Acct>"
            f"{BALANCE.format(code='OPBD', amount='0.00')}"
            f"{BALANCE.format(code='CLBD', amount=closing)}"
            f"{''.join(COFFEE.format(reference=text) for text in references)}"
            f"</{kind}></{container}></Document>"
        ).encode()

    @staticmethod
    def load(firm, make) -> None:
        import_statement(
            organization_id=firm.id,
            actor=firm.actor,
            name="banque.xml",
            content=make(firm.iban),
            now=business_now(),
        )

    @staticmethod
    def count(firm) -> int:
        with acting_for(firm.id):
            return BankTransaction.objects.count()


class TestALineThatPaysTwice:
    def test_two_transfers_of_one_request_pay_it_once_and_the_rest_waits(self, firm):
        request = firm.request(5_000)
        for _ in range(2):
            firm.world.control(
                "/transfers",
                {
                    "to_iban": firm.iban,
                    "amount": 5_000,
                    "currency": "EUR",
                    "remittance": request.creditor_reference,
                    "from_name": "Camille Leroy",
                },
            )
        today = business_now().date()
        opened = open_plugin(organization_id=firm.id, connection_id=firm.connection.id)
        content = opened.bank_statement(iban=firm.iban, first_day=today, last_day=today)

        import_statement(
            organization_id=firm.id,
            actor=firm.actor,
            name="releve.xml",
            content=content,
            now=business_now(),
        )

        assert fresh(firm, request).state == RequestState.PAID
        with acting_for(firm.id):
            accounts = PaymentIntent.objects.values_list("credited_account", flat=True)
            assert sorted(accounts) == ["411", "471"]
        assert balance_of(firm, "471") == -5_000


class TestAKeyRenewedAtTheProvider:
    """The firm connects the same account again: what came before is still its own."""

    @staticmethod
    def connect_again(firm) -> None:
        firm.connection = connect_provider(
            organization_id=firm.id,
            actor=firm.actor,
            provider="sandbox",
            api_key=firm.api_key,
            public_url=firm.world.url,
            now=business_now(),
        )

    def test_a_payment_under_way_is_recorded(self, firm):
        request = firm.request()
        firm.start(request)
        with acting_for(firm.id):
            provider_id = request.intents.get().attempts.get().provider_id
        self.connect_again(firm)

        firm.world.control(f"/payments/{provider_id}/pay", {"card_number": OK_CARD, "otp": "auto"})

        eventually(lambda: fresh(firm, request).state == RequestState.PAID)

    def test_an_old_payment_is_refunded_and_disputed(self, firm, world):
        request = firm.request(12_000)
        provider_id = paid(firm, request)
        self.connect_again(firm)

        refund_at_the_provider(firm, provider_id, 2_000)
        world.control("/disputes", {"payment_id": provider_id, "reason": "fraudulent"})

        eventually(lambda: TestARefundMadeAtTheProvider.refunds(firm))
        eventually(lambda: balance_of(firm, "416"))
        assert TestARefundMadeAtTheProvider.refunds(firm) == [(RefundState.SUCCEEDED, 2_000)]


class TestARefundThatTurnsOutDone:
    def test_takes_its_money_off_again(self, firm, world):
        request = firm.request(12_000)
        provider_id = paid(firm, request)
        world.stop_worker()
        try:
            with acting_for(firm.id):
                intent = PaymentIntent.objects.get()
            refund = request_refund(
                organization_id=firm.id,
                actor=firm.actor,
                intent_id=intent.id,
                amount=Money(3_000),
                reason="",
                now=business_now(),
            )
            for status in (RefundStatus.FAILED, RefundStatus.SUCCEEDED):
                record_refund(
                    organization_id=firm.id,
                    refund_id=refund.id,
                    answer=ProviderRefund("re_late", provider_id, status, Money(3_000)),
                    now=business_now(),
                )
        finally:
            world.start_worker()

        assert fresh(firm, refund).state == RefundState.SUCCEEDED
        assert fresh(firm, intent).refunded_minor == 3_000
        assert balance_of(firm, "511") == 9_000


class TestATransferBookedDaysAgo:
    def test_makes_its_vat_due_on_the_day_the_bank_had_it(self, firm):
        invoice = make_invoice(firm)
        with acting_for(firm.id):
            reference = PaymentRequest.objects.get().creditor_reference
        amount = f"{invoice.to_pay_minor / 100:.2f}"
        line = COFFEE.replace("2.50", amount).replace("CAFE DU PORT", reference)
        content = (
            "<Document><BkToCstmrStmt><Stmt><Id>1</Id>"
            f"<Acct><Id><IBAN>{firm.iban}</IBAN></Id></Acct>"
            f"{BALANCE.format(code='OPBD', amount='0.00')}"
            f"{BALANCE.format(code='CLBD', amount=amount)}"
            f"{line.format(reference='')}</Stmt></BkToCstmrStmt></Document>"
        ).encode()

        TestALineSeenInTwoKindsOfFile.load(firm, lambda _iban: content)

        assert fresh(firm, invoice).state == "paid"
        with acting_for(firm.id):
            days = JournalEntry.objects.filter(reason="vat_due").values_list(
                "entry_date", flat=True
            )
            assert [day.isoformat() for day in days] == ["2026-11-20"]
