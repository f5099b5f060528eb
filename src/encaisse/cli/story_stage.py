"""Where stories are played: the demo's firm, its pages, its program's key, the simulated world."""

import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx

from encaisse.cli.errors import CommandFailed
from encaisse.cli.journey_payer import Payer, Sandbox, eventually
from encaisse.cli.output import STEP, say
from encaisse.cli.past.people import CARD_DIGITS, numbered_card
from encaisse.cli.runtime import believed
from encaisse.counterparties.models import Counterparty
from encaisse.counterparties.services import CustomerDraft, create_customer
from encaisse.fraud.core.passage import Stage as Moment
from encaisse.fraud.models import FraudDecision, ReviewCase
from encaisse.fraud.queries import decisions, list_entries
from encaisse.fraud.services.lists import end_entry
from encaisse.kernel.actor import Actor, ActorKind
from encaisse.kernel.money import Money
from encaisse.kit.clock import business_now
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for
from encaisse.ledger.core import Account
from encaisse.payments.core import AttemptState
from encaisse.payments.models import PaymentAttempt, PaymentIntent, PaymentRequest
from encaisse.payments.services.requests import RequestDraft, create_request, link_token

# How the numbers of ordinary cards begin. Each story takes new cards: one that paid for several
# people would not be believed.
ORDINARY = "42424242"
ACTOR = Actor(ActorKind.SYSTEM)


class Stage:
    """The demo's firm, its pages, and the simulated world."""

    def __init__(
        self, *, organization_id: UUID, api_key: str, base_url: str, sandbox_url: str, cards: int
    ) -> None:
        self.organization_id, self.cards = organization_id, cards
        self.steps: list[str] = []
        self.way = "sms"  # how the payer's bank recognises them
        self._api = httpx.Client(
            base_url=f"{base_url}/api/v1",
            headers={"Authorization": f"Bearer {api_key}"},
            timeout=30,
            trust_env=False,
            verify=believed(),
        )
        self._urls = {"base_url": base_url, "sandbox_url": sandbox_url}
        self._sandbox = Sandbox(sandbox_url)

    def say(self, step: str) -> None:
        """Tell a step as it happens; the steps are also part of the document."""
        self.steps.append(step)
        say(f"{STEP}{step}")

    def link(self, cents: int, what: str, *, email: str, name: str) -> PaymentRequest:
        """Write a customer down and ask them for money."""
        with acting_for(self.organization_id):
            customer = self.customer(name, email)
            draft = RequestDraft(
                amount=Money(cents),
                description=what,
                credit_account=Account.DEPOSITS_RECEIVED,
                counterparty_id=customer.id,
            )
            return create_request(
                organization_id=self.organization_id, actor=ACTOR, draft=draft, now=business_now()
            )

    def is_opened(self, request: PaymentRequest) -> bool:
        """Choose the card on the payer's page, as one more stranger; tell whether it opened."""
        visitor = Payer(**self._urls)
        return visitor.start(link_token(request), "card").status_code == httpx.codes.SEE_OTHER

    def pay_by(self, request: PaymentRequest, card: str) -> None:
        """:raises CommandFailed: the page does not let this payer go to the provider"""
        if not self.is_opened(request):
            raise CommandFailed("Ce lien n’a pas laissé payer ; regardez les listes de refus.")
        self.pay(request, card)

    def forget(self, since: datetime) -> None:
        """Take off the lists what a story put there: the test cards serve again."""
        now = business_now()
        with acting_for(self.organization_id):
            rows = list_entries(organization_id=self.organization_id, now=now)
            for row in rows.filter(created_at__gte=since):
                end_entry(
                    organization_id=self.organization_id, actor=ACTOR, entry_id=row.id, now=now
                )

    def pay(self, request: PaymentRequest, card: str) -> None:
        script = {"card_number": card, "otp": "auto", "authentication": self.way}
        self._sandbox.pay(self.attempt(request).provider_id, script)

    def pay_from_bank(self, request: PaymentRequest) -> None:
        """Order an instant transfer at one's bank, by the code of its app."""
        visitor = Payer(**self._urls)
        if visitor.start(link_token(request), "bank").status_code != httpx.codes.SEE_OTHER:
            raise CommandFailed("Ce lien n’a pas laissé payer par virement.")
        if not self._sandbox.pay(self.attempt(request).provider_id, {"authentication": "app"}):
            raise CommandFailed("La banque n’attendait plus ce virement.")

    def visitor(self) -> Payer:
        return Payer(**self._urls)

    def control(self, method: str, path: str, body: object = None, **params: str) -> Any:
        return self._sandbox.control(method, path, body, **params)

    def attempt(self, request: PaymentRequest) -> PaymentAttempt:
        with acting_for(self.organization_id):
            return (
                PaymentAttempt.objects.filter(
                    organization_id=self.organization_id, intent__request_id=request.id
                )
                .select_related("intent")
                .prefetch_related("refusals")
                .latest("created_at")
            )

    def refusals(self, request: PaymentRequest) -> int:
        with acting_for(self.organization_id):
            found = PaymentAttempt.objects.filter(
                organization_id=self.organization_id, intent__request_id=request.id
            )
            return sum(attempt.refusals.count() for attempt in found)

    def wait_for_refusals(self, request: PaymentRequest, number: int) -> None:
        eventually("le refus", lambda: self.refusals(request) >= number or None)

    def case(self, request: PaymentRequest) -> ReviewCase:
        """Wait for the case of a link, or of its payment."""
        return eventually("le cas à vérifier", lambda: self._case(request))

    def reaches(self, request: PaymentRequest, state: AttemptState) -> bool:
        return eventually(f"l’état {state}", lambda: self.attempt(request).state == state or None)

    def ask_refund(self, intent: PaymentIntent, cents: int) -> httpx.Response:
        body = {
            "payment_id": str(intent.id),
            "amount": {"amount": cents, "currency": "EUR"},
            "reason": "Geste commercial",
        }
        return self._api.post("/refunds", json=body, headers={"Idempotency-Key": str(new_id())})

    def refund_decided(self, attempt: PaymentAttempt) -> FraudDecision:
        with acting_for(self.organization_id):
            rows = decisions(organization_id=self.organization_id)
            return rows.filter(passage_id=attempt.id, stage=Moment.REFUND)[0]

    def _case(self, request: PaymentRequest) -> ReviewCase | None:
        with acting_for(self.organization_id):
            return (
                ReviewCase.objects.select_related("decision")
                .filter(organization_id=self.organization_id, link_id=request.id)
                .first()
            )

    def customer(self, name: str, email: str) -> Counterparty:
        return create_customer(
            organization_id=self.organization_id,
            actor=ACTOR,
            draft=CustomerDraft(name=name, email=email),
            now=business_now(),
        )


def new_card(start: str) -> str:
    """Return a card number that nobody has."""
    return numbered_card(start, secrets.randbelow(10 ** (CARD_DIGITS - 1 - len(start))))


def some_email(domain: str = "example.test") -> str:
    return f"client-{new_id()}@{domain}"
