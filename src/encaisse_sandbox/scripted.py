"""A payer without a browser: does what the pages do, through the same functions."""

from dataclasses import dataclass

from encaisse_sandbox import checkout, payments, transfers
from encaisse_sandbox.checkout import Progress
from encaisse_sandbox.records import Challenge, Json, Payment, load
from encaisse_sandbox.vault import CardDetails
from encaisse_sandbox.world import World

WRONG_CODE = "no code"


@dataclass(frozen=True, slots=True)
class CardScript:
    """A card to type, and the code to answer: auto, wrong, refuse, or the digits themselves."""

    number: str
    exp_month: int
    exp_year: int
    cvc: str
    holder_name: str
    otp: str


@dataclass(frozen=True, slots=True)
class BankScript:
    """A bank to choose, and what to answer it: approve, wrong or refuse."""

    bank: str
    sca: str


def pay_by_card(world: World, payment: Payment, script: CardScript) -> Payment:
    """
    Type the card and answer the challenge if there is one.

    :raises ApiError: the card or the payment is not usable
    """
    details = CardDetails(
        number="".join(script.number.split()),
        exp_month=script.exp_month,
        exp_year=script.exp_year,
        cvc=script.cvc,
        holder_name=script.holder_name,
    )
    progress = checkout.submit_card(world, payment, details)
    if progress.challenge is None:
        return progress.payment
    if script.otp == "refuse":
        return checkout.refuse_challenge(world, progress.challenge).payment
    code = _code(progress.challenge, script.otp)
    while progress.challenge is not None:
        progress = checkout.answer_challenge(world, progress.challenge, code)
    return progress.payment


def pay_from_bank(world: World, payment: Payment, script: BankScript) -> Payment:
    """
    Choose the bank and its first account, then approve or refuse.

    :raises ApiError: the bank or the payment is not usable
    """
    bank = transfers.find_bank(script.bank)
    account = transfers.accounts_at(bank)[0]
    challenge = transfers.start_order(world, payment, bank, account)
    if script.sca == "refuse":
        return transfers.refuse_order(world, challenge).payment
    progress = Progress(payment, challenge)
    code = _code(challenge, "auto" if script.sca == "approve" else "wrong")
    while progress.challenge is not None:
        progress = transfers.confirm_order(world, progress.challenge, code)
    return progress.payment


def _code(challenge: Challenge, otp: str) -> str:
    known = {"auto": challenge.code, "wrong": WRONG_CODE}
    return known.get(otp, otp)


def result(payment: Payment) -> Json:
    """Return where the payer stands, as the control plane tells it."""
    return {
        "status": payment.status,
        "return_url": payments.return_address(payment),
        "decline": load(payment.decline),
    }
