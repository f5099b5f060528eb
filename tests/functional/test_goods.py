"""A part sold alone beside the work: its own account, and VAT due when it is delivered."""

import pytest

from encaisse.invoicing.core.amounts import Line, Nature, VatRate
from encaisse.invoicing.services.invoices import credit_invoice
from encaisse.kernel.money import Money
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.ledger.queries import balance
from encaisse.payments.core import RequestState
from encaisse.payments.models import PaymentRequest
from factories.invoicing import invoice_of, make_accepted_quote, make_invoice
from factories.payments import PayableFirm
from plugins.world import eventually

LINES = (
    Line("Pose", 1000, "h", Money(100_00), VatRate.NORMAL),
    Line("Mitigeur", 1000, "u", Money(50_00), VatRate.NORMAL, Nature.GOODS),
)


@pytest.fixture
def firm(world):
    return PayableFirm(world)


def balances(firm, *accounts: str) -> dict[str, int]:
    with acting_for(firm.id):
        return {
            account: balance(organization_id=firm.id, account_prefix=account).minor
            for account in accounts
        }


def pay(firm, kind: str) -> None:
    with acting_for(firm.id):
        request = PaymentRequest.objects.get(reference_kind=kind)
    firm.pay(request)

    def is_paid() -> bool:
        with acting_for(firm.id):
            return PaymentRequest.objects.get(id=request.id).state == RequestState.PAID

    eventually(is_paid)


class TestGoods:
    def test_have_their_account_and_their_vat_at_once(self, firm):
        make_invoice(firm, lines=LINES)

        found = balances(firm, "706", "707", "4458", "44571", "411")
        assert found == {
            "706": -100_00,
            "707": -50_00,
            "4458": -20_00,
            "44571": -10_00,
            "411": 180_00,
        }

    def test_end_at_the_same_vat_once_all_is_paid_deposit_included(self, firm):
        quote = make_accepted_quote(firm, lines=LINES)
        pay(firm, "quote")
        assert eventually(lambda: balances(firm, "44571")["44571"]) == -9_00

        invoice_of(firm, quote)
        assert balances(firm, "4458", "44571") == {"4458": -14_00, "44571": -16_00}
        pay(firm, "invoice")

        expected = {"4458": 0, "44571": -30_00, "411": 0, "4191": 0}
        eventually(lambda: balances(firm, *expected) == expected)

    def test_a_credit_note_takes_everything_back(self, firm):
        invoice = make_invoice(firm, lines=LINES)

        credit_invoice(
            organization_id=firm.id, actor=firm.actor, invoice_id=invoice.id, now=business_now()
        )

        assert set(balances(firm, "411", "706", "707", "4458", "44571").values()) == {0}
