"""A firm whose mails, and whose customer's, can be told from those of other tests."""

import email
from email import policy
from uuid import uuid4

import httpx
from procrastinate.contrib.django.models import ProcrastinateJob

from encaisse.counterparties.services import CustomerDraft, update_customer
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.payments.core import RequestState
from encaisse.payments.models import PaymentIntent, PaymentRequest
from factories.payments import PayableFirm
from plugins.world import eventually
from sandbox.harness import CONTROL


class NotifiedFirm(PayableFirm):
    """A firm whose mail, and whose customer's, can be told from that of other tests."""

    def __init__(self, world, **values: object) -> None:
        self.name = f"Plomberie {uuid4().hex[:8]}"
        self.email = f"{uuid4().hex}@firm.test"
        super().__init__(world, name=self.name, email=self.email, **values)
        self.customer_email = f"{uuid4().hex}@customer.test"
        self.rename_customer(name="Camille Leroy", email=self.customer_email)

    def rename_customer(self, *, name: str, email: str, language: str | None = None) -> None:
        update_customer(
            organization_id=self.id,
            actor=self.actor,
            customer_id=self.customer.id,
            draft=CustomerDraft(name=name, email=email, language=language),
            now=business_now(),
        )

    def mails_to(self, address: str) -> list[dict]:
        found = self.world.control(f"/mail?to={address}", method="GET")["data"]
        return sorted(found, key=lambda mail: mail["received_at"])

    def mail(self, address: str, words: str) -> dict:
        """Wait for the mail whose subject holds these words."""
        (found,) = eventually(
            lambda: [mail for mail in self.mails_to(address) if words in mail["subject"]]
        )
        return found

    def idle(self) -> bool:
        """Tell whether no mail of this firm waits to be written or sent."""
        jobs = ProcrastinateJob.objects.filter(
            args__organization_id=str(self.id), status__in=["todo", "doing"]
        )
        return not jobs.filter(task_name__regex=r"^(notifications|messaging)\.").exists()


def the_request(firm) -> PaymentRequest:
    with acting_for(firm.id):
        return PaymentRequest.objects.get()


def the_intent(firm) -> PaymentIntent:
    with acting_for(firm.id):
        return PaymentIntent.objects.get()


def is_paid(firm) -> bool:
    return the_request(firm).state == RequestState.PAID


def raw(firm, mail: dict):
    answer = httpx.get(
        f"{firm.world.sandbox.url}/control/mail/{mail['id']}/raw", headers=CONTROL, timeout=10
    )
    return email.message_from_bytes(answer.content, policy=policy.default)
