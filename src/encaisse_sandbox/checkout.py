"""What the payer does on the card page and at the card's bank."""

import json
from dataclasses import asdict, dataclass
from datetime import date

from encaisse_sandbox import authentication, cards, payments
from encaisse_sandbox.authentication import Answer, Verdict
from encaisse_sandbox.cards import TestCard
from encaisse_sandbox.clock import paris_date
from encaisse_sandbox.errors import ApiError, conflict
from encaisse_sandbox.identifiers import new_id, passes_luhn
from encaisse_sandbox.records import Challenge, Json, Payment, dump
from encaisse_sandbox.vault import CardDetails
from encaisse_sandbox.world import World


class UnusableCard(ApiError):
    """The card cannot be what its holder typed; no bank was asked."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the payer stands after an act: the payment as it is, and a challenge to answer."""

    payment: Payment
    challenge: Challenge | None = None


@dataclass(frozen=True, slots=True)
class _Refusal:
    code: str
    authentication_status: str


def is_payable(world: World, payment: Payment) -> bool:
    """Tell whether the payment still waits for its payer."""
    return payment.status == "requires_action" and payment.expires_at > world.clock.stamp()


def check_payable(world: World, payment: Payment) -> None:
    """
    Refuse to act on a payment that no longer waits for its payer.

    :raises ApiError: it is paid, closed or out of time
    """
    if not is_payable(world, payment):
        raise conflict("payment_not_payable", "Ce paiement n’attend plus son payeur.")


def submit_card(world: World, payment: Payment, details: CardDetails) -> Progress:
    """
    Ask the card's bank, which answers at once or asks for a code first.

    :raises UnusableCard: number, date or code cannot be right
    :raises ApiError: the payment no longer waits for a card
    """
    check_payable(world, payment)
    _check_card(details, paris_date(world.clock.now()))
    card = cards.find(details.number)
    instrument = _instrument(world, details, card.country)
    with world.db.transaction():
        if payment.three_d_secure in cards.EXEMPTIONS and card.behaviour == "wants_proof":
            return Progress(_decline_softly(world, payment, instrument))
        if _is_challenged(payment, card):
            return Progress(
                payment,
                authentication.start(world, payment, "card", card.behaviour, instrument),
            )
        status = cards.frictionless_status(card, payment.three_d_secure)
        if card.behaviour in cards.DECLINES:
            refused = _refuse(world, payment, instrument, _Refusal(card.behaviour, status))
            return Progress(refused)
        return Progress(_accept(world, payment, instrument, status, card.behaviour))


def answer_challenge(world: World, challenge: Challenge, answer: Answer) -> Progress:
    """
    Judge what the payer answers; a wrong answer leaves the challenge open until the third.

    :raises ApiError: the challenge or the payment is closed
    """
    authentication.check_open(challenge)
    payment = payments.find(world, challenge.payment_id)
    check_payable(world, payment)
    instrument: Json = json.loads(challenge.instrument)
    with world.db.transaction():
        match authentication.judge(world, challenge, answer):
            case Verdict.PASSED:
                paid = _accept(world, payment, instrument, "authenticated", challenge.behaviour)
                return Progress(paid)
            case Verdict.FAILED:
                refusal = _Refusal("authentication_failed", "failed")
                return Progress(_refuse(world, payment, instrument, refusal))
    return Progress(payment, authentication.find(world, challenge.id, "card"))


def refuse_challenge(world: World, challenge: Challenge) -> Progress:
    """
    Let the payer say no at the bank.

    :raises ApiError: the challenge or the payment is closed
    """
    authentication.check_open(challenge)
    payment = payments.find(world, challenge.payment_id)
    check_payable(world, payment)
    refusal = _Refusal("authentication_refused", "failed")
    with world.db.transaction():
        authentication.end(world, challenge, "failed")
        return Progress(_refuse(world, payment, json.loads(challenge.instrument), refusal))


def _decline_softly(world: World, payment: Payment, instrument: Json) -> Payment:
    """Refuse the exemption, and have the next try on this page ask for the proof."""
    refused = _refuse(world, payment, instrument, _Refusal("authentication_required", "failed"))
    return payments.save(world, refused, three_d_secure="required")


def _is_challenged(payment: Payment, card: TestCard) -> bool:
    """Whether the holder must prove who they are: their bank wants it, or the merchant asked."""
    if card.behaviour in {"challenge", "challenge_fails", "wants_proof"}:
        return True
    is_able = card.behaviour not in {*cards.DECLINES, "no_authentication"}
    return payment.three_d_secure == "required" and is_able


def _check_card(details: CardDetails, today: date) -> None:
    if not passes_luhn(details.number):
        raise UnusableCard(400, "invalid_number", "Le numéro de carte comporte une erreur.")
    if not 1 <= details.exp_month <= 12:
        raise UnusableCard(400, "invalid_expiry", "La date d’expiration n’existe pas.")
    if (details.exp_year, details.exp_month) < (today.year, today.month):
        raise UnusableCard(400, "expired_card", "La date d’expiration est passée.")
    if not (details.cvc.isdigit() and len(details.cvc) in {3, 4}):
        raise UnusableCard(400, "invalid_cvc", "Le cryptogramme compte 3 chiffres (4 chez Amex).")


def _instrument(world: World, details: CardDetails, country: str) -> Json:
    """Return what is kept of a card: enough to recognise it, too little to use it."""
    return {
        "brand": cards.brand(details.number),
        "last4": details.number[-4:],
        "exp_month": details.exp_month,
        "exp_year": details.exp_year,
        "country": country,
        "fingerprint": world.vault.fingerprint(details.number),
        "token": new_id("card"),
    }


def _accept(
    world: World, payment: Payment, instrument: Json, status: str, behaviour: str
) -> Payment:
    accepted = payments.save(
        world,
        payment,
        card=dump(instrument),
        authentication=dump(asdict(cards.authentication(status, instrument["brand"]))),
        decline=None,
        behaviour=behaviour,
        attempts=dump(payments.record_attempt(world, payment, None, instrument)),
    )
    return payments.settle_card(world, accepted)


def _refuse(world: World, payment: Payment, instrument: Json, refusal: _Refusal) -> Payment:
    """Record a refused attempt; the last one allowed ends the payment."""
    attempts = payments.record_attempt(world, payment, refusal.code, instrument)
    proof = cards.authentication(refusal.authentication_status, instrument["brand"])
    is_last = len(attempts) >= payment.max_attempts
    refused = payments.save(
        world,
        payment,
        status="failed" if is_last else payment.status,
        due_at=None if is_last else payment.due_at,
        card=dump(instrument),
        authentication=dump(asdict(proof)),
        decline=dump({"code": refusal.code, "message": cards.DECLINES[refusal.code]}),
        attempts=dump(attempts),
    )
    payments.tell(world, refused, "payment.attempt_failed")
    if is_last:
        payments.tell(world, refused, "payment.failed")
    return refused
