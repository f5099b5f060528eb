"""Operations as tests ask for them."""

from uuid import uuid4

from django.urls import reverse

from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.models import Operation
from encaisse.organizations.safeguards import Rules, set_rules
from encaisse.payments.models import PaymentIntent, Refund
from plugins.world import eventually


def marked(**values):
    """What a form sends, with the mark that it was drawn with."""
    return {"once": str(uuid4()), **values}


def card_payment(firm, cents: int) -> PaymentIntent:
    """Have a customer pay by card, and return the payment once it is captured."""
    firm.pay(firm.request(cents))

    def captured():
        with acting_for(firm.id):
            return PaymentIntent.objects.filter(state="captured").first()

    return eventually(captured)


def refund(who, payment, euros: str, **values):
    return who.client.post(
        reverse("payment_refund", args=[payment.id]), marked(amount=euros, confirm="1", **values)
    )


def refunds(firm) -> list[int]:
    with acting_for(firm.id):
        return list(Refund.objects.values_list("amount_minor", flat=True))


def state_of(operation) -> str:
    with acting_for(operation.organization_id):
        return Operation.objects.get(id=operation.id).state


def choose(firm, **values):
    set_rules(organization_id=firm.id, actor=firm.actor, rules=Rules(**values), now=business_now())
