"""The steps of the journey: what the firm does, in order, with the customer and the bank."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from encaisse.cli.errors import CommandFailed
from encaisse.cli.journey_payer import Payer, Sandbox, eventually
from encaisse.cli.journey_proof import Proof
from encaisse.cli.sample_job import LINES, SUBJECT
from encaisse.counterparties.services import CustomerDraft, create_customer
from encaisse.identity.services import create_user, enrol_second_factor
from encaisse.invoicing.core.states import InvoiceState
from encaisse.invoicing.queries import invoice, invoices
from encaisse.invoicing.services.invoices import invoice_quote
from encaisse.invoicing.services.quotes import (
    QuoteDraft,
    draft_quote,
    quote_token,
    send_quote,
)
from encaisse.kernel.actor import Actor, ActorKind
from encaisse.kit.clock import business_now, paris_date
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.services import ProfileDraft, create_organization
from encaisse.payments.models import PaymentRequest
from encaisse.payments.queries import latest_attempt, payouts, requests_about
from encaisse.payments.services.requests import link_token
from encaisse.providers.queries import open_plugin
from encaisse.providers.services import check_webhook, connect_provider
from encaisse.treasury.services.accounts import BankAccountDraft, add_bank_account
from encaisse.treasury.services.imports import import_statement

_SIREN = "732829320"
_LONGEST_WAIT_DAYS = 4

_Step = tuple[str, Callable[[], dict[str, Any]]]


class Story:
    """A plumber's job, from sign-up to reconciled money."""

    def __init__(self, *, base_url: str, sandbox_url: str, balance: str) -> None:
        self._base_url = base_url
        self._sandbox = Sandbox(sandbox_url)
        self._payer = Payer(base_url=base_url, sandbox_url=sandbox_url)
        self._balance = balance
        self._email = f"client-{new_id()}@example.test"
        self.organization_id: UUID | None = None
        self._actor = Actor(ActorKind.MEMBER)
        self._iban = ""
        self._account: dict[str, Any] = {}

    def steps(self) -> Iterator[_Step]:
        yield "signed_up", self._sign_up
        yield "provider_connected", self._connect
        yield "quote_created", self._quote
        yield "quote_accepted", self._accept
        yield "deposit_paid", self._pay_deposit
        yield "invoice_issued", self._invoice
        yield "balance_paid", self._pay_balance
        yield "paid_out", self._wait_for_payout
        yield "bank_reconciled", self._reconcile

    def proof(self) -> dict[str, Any]:
        return Proof(self._organization).document()

    @staticmethod
    def is_proved(content: dict[str, Any]) -> bool:
        """Tell whether nothing is owed, in transit or unexplained, and all that was due is paid."""
        settled = [content["balances"][account]["amount"] for account in ("411", "4191", "511")]
        gaps = content["three_way"]["missing"] + content["three_way"]["unexplained"]
        paid = [item["state"] == "paid" for item in content["invoices"]]
        return not any(settled) and not gaps and len(paid) == 2 and all(paid)

    @property
    def _organization(self) -> UUID:
        if self.organization_id is None:
            raise CommandFailed("L’entreprise n’est pas encore créée.")
        return self.organization_id

    def _sign_up(self) -> dict[str, Any]:
        owner = create_user(email=f"gerant-{new_id()}@example.test", password=None)
        enrol_second_factor(user=owner)
        self._actor = Actor(ActorKind.MEMBER, owner.id)
        organization = create_organization(
            owner_id=owner.id,
            draft=ProfileDraft(
                name="Plomberie Martin",
                siren=_SIREN,
                street="12 rue du Lavoir",
                postal_code="44000",
                city="Nantes",
                email=owner.email,
            ),
            now=business_now(),
        )
        self.organization_id = organization.id
        return {"organization_id": str(organization.id)}

    def _connect(self) -> dict[str, Any]:
        # A step tried again connects the same account: another one would have to be signed.
        self._account = self._account or self._sandbox.control(
            "POST", "/accounts", {"name": "Plomberie Martin"}
        )
        account = self._account
        connection = connect_provider(
            organization_id=self._organization,
            actor=self._actor,
            provider="sandbox",
            api_key=account["api_key"],
            public_url=settings.WEBHOOKS_URL,
            now=business_now(),
        )
        eventually(
            "le message d’essai du prestataire",
            lambda: check_webhook(
                organization_id=self._organization,
                connection_id=connection.id,
                now=business_now(),
            ),
        )
        self._connection_id = connection.id
        self._iban = account["bank_account"]["iban"]
        add_bank_account(
            organization_id=self._organization,
            actor=self._actor,
            draft=BankAccountDraft(
                iban=self._iban, holder_name=account["bank_account"]["holder_name"]
            ),
            now=business_now(),
        )
        return {"connection_id": str(connection.id)}

    def _quote(self) -> dict[str, Any]:
        now = business_now()
        customer = create_customer(
            organization_id=self._organization,
            actor=self._actor,
            draft=CustomerDraft(name="Camille Leroy", email=self._email),
            now=now,
        )
        draft = draft_quote(
            organization_id=self._organization,
            actor=self._actor,
            draft=QuoteDraft(
                customer_id=customer.id,
                subject=SUBJECT,
                lines=LINES,
                valid_until=paris_date(now) + timedelta(days=30),
                deposit_basis_points=3000,
            ),
            now=now,
        )
        self._quote_row = send_quote(
            organization_id=self._organization, actor=self._actor, quote_id=draft.id, now=now
        )
        return {"quote_id": str(draft.id)}

    def _accept(self) -> dict[str, Any]:
        self._payer.accept_quote(quote_token(self._quote_row), name="Camille Leroy")
        return {"quote_id": str(self._quote_row.id)}

    def _pay_deposit(self) -> dict[str, Any]:
        provider_id = self._payer.pay_by_card(
            self._link("quote", self._quote_row.id),
            lambda: self._provider_id("quote", self._quote_row.id),
        )
        deposit = eventually("la facture d’acompte", self._deposit_invoice_id)
        return {"provider_id": provider_id, "invoice_id": str(deposit)}

    def _invoice(self) -> dict[str, Any]:
        now = business_now()
        issued = invoice_quote(
            organization_id=self._organization,
            actor=self._actor,
            quote_id=self._quote_row.id,
            due_on=paris_date(now) + timedelta(days=30),
            supply_on=paris_date(now),
            now=now,
        )
        self._invoice_id = issued.id
        return {"invoice_id": str(issued.id)}

    def _pay_balance(self) -> dict[str, Any]:
        token = self._link("invoice", self._invoice_id)
        if self._balance == "transfer":
            self._send_plain_transfer()
            return {"invoice_id": str(self._invoice_id)}
        pay = self._payer.pay_by_card if self._balance == "card" else self._payer.pay_from_bank
        provider_id = pay(token, lambda: self._provider_id("invoice", self._invoice_id))
        eventually("le paiement de la facture", self._is_paid)
        return {"provider_id": provider_id, "invoice_id": str(self._invoice_id)}

    def _wait_for_payout(self) -> dict[str, Any]:
        """Let days pass until every card payment and fee of this firm was paid out."""
        for _day in range(_LONGEST_WAIT_DAYS):
            # Payouts are made at six, of the days before: even asked for at night, a day and six
            # hours hold one that takes today's payments.
            self._sandbox.control("POST", "/clock/advance", {"days": 1, "hours": 6})
            found = eventually("le versement du prestataire", self._payout_ids)
            if self._all_paid_out():
                return {"payout_ids": found}
        raise CommandFailed("Le prestataire n’a pas tout versé après quatre jours.")

    def _reconcile(self) -> dict[str, Any]:
        now = business_now()
        opened = open_plugin(organization_id=self._organization, connection_id=self._connection_id)
        content = opened.bank_statement(
            iban=self._iban,
            first_day=paris_date(now) - timedelta(days=30),
            last_day=paris_date(now),
        )
        report = import_statement(
            organization_id=self._organization,
            actor=self._actor,
            name="releve.camt053.xml",
            content=content,
            now=now,
        )
        eventually("le paiement de la facture", self._is_paid)
        return {"lines": report.new_lines, "matched": report.matched}

    def _link(self, kind: str, reference_id: UUID) -> str:
        with acting_for(self._organization):
            return link_token(self._request(kind, reference_id))

    def _request(self, kind: str, reference_id: UUID) -> PaymentRequest:
        return requests_about(
            organization_id=self._organization, reference_kind=kind, reference_id=reference_id
        )[0]

    def _provider_id(self, kind: str, reference_id: UUID) -> str:
        """Return which of the provider's payments the customer has just opened."""
        with acting_for(self._organization):
            attempt = latest_attempt(
                organization_id=self._organization,
                request_id=self._request(kind, reference_id).id,
            )
        if attempt is None:
            raise CommandFailed("Le paiement n’a pas commencé.")
        return attempt.provider_id

    def _send_plain_transfer(self) -> None:
        with acting_for(self._organization):
            request = self._request("invoice", self._invoice_id)
        self._sandbox.control(
            "POST",
            "/transfers",
            {
                "to_iban": self._iban,
                "amount": request.remaining.minor,
                "currency": "EUR",
                "remittance": request.creditor_reference,
                "from_name": "Camille Leroy",
                "instant": False,
            },
        )

    def _deposit_invoice_id(self) -> UUID | None:
        with acting_for(self._organization):
            row = invoices(organization_id=self._organization).filter(kind="deposit").first()
        return row.id if row else None

    def _is_paid(self) -> bool:
        with acting_for(self._organization):
            row = invoice(organization_id=self._organization, invoice_id=self._invoice_id)
        return row.state == InvoiceState.PAID

    def _payout_ids(self) -> list[str]:
        with acting_for(self._organization):
            return [str(row.id) for row in payouts(organization_id=self._organization)]

    def _all_paid_out(self) -> bool:
        return Proof(self._organization).is_all_paid_out()
