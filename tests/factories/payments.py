"""Firms that can be paid: connected to the real sandbox, with their bank account declared."""

from uuid import UUID, uuid4

from encaisse.counterparties.services import CustomerDraft, create_customer
from encaisse.fraud.services.arrivals import Payer
from encaisse.kernel.money import Money
from encaisse.kit.clock import business_now, paris_date
from encaisse.ledger.core import Account
from encaisse.payments.core import Method
from encaisse.payments.models import PaymentIntent, PaymentRequest
from encaisse.payments.services.checkout import PayerChoice, start_payment
from encaisse.payments.services.receipts import ExternalReceipt, record_external_receipts
from encaisse.payments.services.requests import RequestDraft, close_request, create_request
from encaisse.providers.contract import Payee
from encaisse.providers.services import check_webhook, connect_provider
from encaisse.treasury.services.accounts import BankAccountDraft, add_bank_account
from factories.organizations import Firm

NOBODY_KNOWN = Payer()
OK_CARD = "4242424242424242"
# Accepted without any proof of who holds it, and contested three days later.
NO_PROOF_CARD = "4000000000000259"
CHALLENGE_CARD = "4000000000003220"


class PayableFirm(Firm):
    """A firm connected to the sandbox, whose customers can pay."""

    def __init__(self, world, **values: object) -> None:
        super().__init__(**values)
        self.world = world
        account = world.control("/accounts", {"name": "Plomberie"})
        self.account_id = account["account_id"]
        self.api_key = account["api_key"]
        self.iban = account["bank_account"]["iban"]
        self.holder_name = account["bank_account"]["holder_name"]
        self.connection = connect_provider(
            organization_id=self.id,
            actor=self.actor,
            provider="sandbox",
            api_key=self.api_key,
            public_url=world.url,
            now=business_now(),
        )
        assert check_webhook(
            organization_id=self.id, connection_id=self.connection.id, now=business_now()
        )
        add_bank_account(
            organization_id=self.id,
            actor=self.actor,
            draft=BankAccountDraft(iban=self.iban, holder_name=self.holder_name),
            now=business_now(),
        )
        self.customer = create_customer(
            organization_id=self.id,
            actor=self.actor,
            draft=CustomerDraft(name="Camille Leroy", email="camille@example.test"),
            now=business_now(),
        )

    def chaos(self, **rule: object) -> None:
        """Ask the sandbox for disorder on this firm's account only."""
        self.world.control("/chaos", {"account_id": self.account_id, **rule})

    def request(self, minor: int = 12_000, **values: object) -> PaymentRequest:
        defaults = {
            "amount": Money(minor),
            "description": "Remplacement du ballon",
            "credit_account": Account.CUSTOMERS,
            "counterparty_id": self.customer.id,
        }
        draft = RequestDraft(**{**defaults, **values})
        return create_request(
            organization_id=self.id, actor=self.actor, draft=draft, now=business_now()
        )

    def close(self, request: PaymentRequest, *, reason: str) -> None:
        close_request(
            organization_id=self.id,
            actor=self.actor,
            request_id=request.id,
            reason=reason,
            now=business_now(),
        )

    def start(
        self, request: PaymentRequest, method: Method = Method.CARD, payer: Payer = NOBODY_KNOWN
    ) -> str:
        """Choose a way to pay, as the payer's page does; return the provider's address."""
        choice = PayerChoice(
            method=method,
            return_url=f"{self.world.url}/back",
            cancel_url=f"{self.world.url}/cancel",
            locale="fr",
            payee=Payee(self.holder_name, self.iban),
            payer=payer,
        )
        return start_payment(
            organization_id=self.id, request_id=request.id, choice=choice, now=business_now()
        )

    def pay(self, request: PaymentRequest, card: str = OK_CARD, payer: Payer = NOBODY_KNOWN) -> str:
        """Choose the card, then type it on the provider's page. Return the provider's id."""
        url = self.start(request, payer=payer)
        provider_id = next(part for part in url.split("/") if part.startswith("pay_"))
        self.world.control(f"/payments/{provider_id}/pay", {"card_number": card, "otp": "auto"})
        return provider_id


def bank_receipt(firm, minor: int, request_id: UUID | None) -> PaymentIntent:
    receipt = ExternalReceipt(
        bank_transaction_id=uuid4(),
        amount=Money(minor),
        booked_on=paris_date(business_now()),
        label="Virement",
        request_id=request_id,
    )
    [intent] = record_external_receipts(
        organization_id=firm.id, receipts=[receipt], now=business_now()
    ).values()
    return intent
