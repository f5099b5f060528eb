"""What the payer answers on the simulated telephone, and what it shows them before."""

from dataclasses import dataclass

from encaisse_sandbox import authentication, checkout, transfers
from encaisse_sandbox.authentication import Answer, Decided
from encaisse_sandbox.checkout import Progress
from encaisse_sandbox.records import Challenge, Payment
from encaisse_sandbox.world import World

_MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Request:
    """A request as the bank's app shows it: how much, to whom."""

    challenge: Challenge
    payment: Payment
    payee: str


def requests(world: World) -> list[Request]:
    """Return what waits on the telephone, the newest first."""
    found = authentication.waiting_on_telephone(world, _MOST_SHOWN)
    marks = ", ".join("?" * len(found))
    asked = world.db.all(Payment, f"id IN ({marks})", *[one.payment_id for one in found])
    by_id = {payment.id: payment for payment in asked}
    return [_request(world, one, by_id[one.payment_id]) for one in found]


def _request(world: World, challenge: Challenge, payment: Payment) -> Request:
    return Request(challenge, payment, authentication.payee(world, challenge, payment))


def answer(world: World, challenge: Challenge, given: Answer) -> Progress:
    """
    Hand an answer to whoever asked: the card's bank, or the bank of the transfer.

    :raises ApiError: the challenge or the payment is closed
    """
    if challenge.kind == "bank":
        return transfers.confirm_order(world, challenge, given)
    return checkout.answer_challenge(world, challenge, given)


def decide(world: World, challenge: Challenge, *, is_approved: bool) -> Progress:
    """
    Approve on the telephone, or say « Ce n’est pas moi ».

    :raises ApiError: nothing waits for this any more
    """
    return answer(world, challenge, Decided(is_approved))
