"""A payer without a browser: does what the pages do, through the same functions."""

from dataclasses import dataclass

from encaisse_sandbox import (
    app_codes,
    approvals,
    authentication,
    biometrics,
    checkout,
    payments,
    transfers,
)
from encaisse_sandbox.authentication import Answer, Decided, Touched, Typed, Way
from encaisse_sandbox.biometrics import Site
from encaisse_sandbox.checkout import Progress
from encaisse_sandbox.devices import ScriptedDevice
from encaisse_sandbox.records import Challenge, Json, Payment, load
from encaisse_sandbox.vault import CardDetails
from encaisse_sandbox.world import World

WRONG_CODE = "no code"
_SITE = Site("http://localhost", "localhost")


@dataclass(frozen=True, slots=True)
class CardScript:
    """A card to type, and the code to answer: auto, wrong, refuse, or the digits themselves."""

    number: str
    exp_month: int
    exp_year: int
    cvc: str
    holder_name: str
    otp: str
    way: Way = Way.SMS


@dataclass(frozen=True, slots=True)
class BankScript:
    """A bank to choose, and what to answer it: approve, wrong or refuse."""

    bank: str
    sca: str
    way: Way = Way.SMS


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
    return _be_recognised(world, payment, progress.challenge, script.way, script.otp)


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
    otp = "auto" if script.sca == "approve" else "wrong"
    return _be_recognised(world, payment, challenge, script.way, otp)


def _be_recognised(
    world: World, payment: Payment, challenge: Challenge, way: Way, otp: str
) -> Payment:
    """Answer in the way asked for, again and again while the bank lets it be tried."""
    if way != challenge.way:
        with world.db.transaction():
            challenge = authentication.ask(world, challenge, payment, way)
    if way is Way.BIOMETRICS:
        return _touch(world, payment, challenge, is_known=otp == "auto")
    return _repeat(world, payment, challenge, _answer(world, challenge, way, otp))


def _repeat(world: World, payment: Payment, challenge: Challenge, answer: Answer) -> Payment:
    progress = Progress(payment, challenge)
    while progress.challenge is not None:
        progress = approvals.answer(world, progress.challenge, answer)
    return progress.payment


def _answer(world: World, challenge: Challenge, way: Way, otp: str) -> Answer:
    if way is Way.PUSH:
        return Decided(is_approved=otp == "auto")
    is_app = way is Way.APP
    good = app_codes.shown(challenge.secret, world.clock.now()) if is_app else challenge.code
    return Typed({"auto": good, "wrong": WRONG_CODE}.get(otp, otp))


def _touch(world: World, payment: Payment, challenge: Challenge, *, is_known: bool) -> Payment:
    """Sign with a device that the bank knows only for this, or with one it never saw."""
    device = ScriptedDevice(_SITE)
    answer = Touched(device.sign(challenge.secret), _SITE)
    with world.db.transaction():
        if not is_known:
            return _repeat(world, payment, challenge, answer)
        kept = biometrics.keep(world, _SITE, device.credential, 0)
        paid = _repeat(world, payment, challenge, answer)
        biometrics.forget(world, kept)
    return paid


def result(payment: Payment) -> Json:
    """Return where the payer stands, as the control plane tells it."""
    return {
        "status": payment.status,
        "return_url": payments.return_address(payment),
        "decline": load(payment.decline),
    }
