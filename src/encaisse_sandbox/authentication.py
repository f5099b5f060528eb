"""Strong authentication at the payer's bank: a code on the telephone, three tries."""

import hmac
from enum import StrEnum

from encaisse_sandbox import telephone
from encaisse_sandbox.amounts import in_euros
from encaisse_sandbox.errors import conflict, missing
from encaisse_sandbox.identifiers import new_id, one_time_code
from encaisse_sandbox.records import Challenge, Json, Payment, dump
from encaisse_sandbox.world import World

MAXIMUM_WRONG_CODES = 3


class Verdict(StrEnum):
    """What an answer to a challenge leads to."""

    PASSED = "passed"
    WRONG = "wrong"
    FAILED = "failed"


def start(world: World, payment: Payment, kind: str, behaviour: str, instrument: Json) -> Challenge:
    """Open a challenge that is bound to this payment, and so to its amount and payee."""
    challenge = Challenge(
        id=new_id("chal"),
        payment_id=payment.id,
        kind=kind,
        state="open",
        behaviour=behaviour,
        instrument=dump(instrument),
        code=one_time_code(),
        wrong_codes=0,
        created_at=world.clock.stamp(),
    )
    world.db.insert(challenge)
    return challenge


def send_code(world: World, challenge: Challenge, amount: int, payee_name: str) -> None:
    """Send the code, with the amount and the payee it is good for (RTS 2018/389, article 5)."""
    text = (
        f"Code {challenge.code} pour payer {in_euros(amount)} à {payee_name}. "
        "Ne le donnez à personne, pas même à votre banque."
    )
    telephone.send(world, telephone.PAYER_NUMBER, text)


def find(world: World, challenge_id: str, kind: str) -> Challenge:
    """
    Return a challenge.

    :raises ApiError: there is none of this kind with this id
    """
    challenge = world.db.first(Challenge, "id = ? AND kind = ?", challenge_id, kind)
    if challenge is None:
        raise missing("challenge", challenge_id)
    return challenge


def check_open(challenge: Challenge) -> None:
    """
    Refuse to use a challenge twice.

    :raises ApiError: it was answered already
    """
    if challenge.state != "open":
        raise conflict("challenge_closed", "Cette demande a déjà reçu une réponse.")


def judge(world: World, challenge: Challenge, code: str) -> Verdict:
    """Compare the code typed with the one sent; the third wrong one ends the challenge."""
    is_right = hmac.compare_digest(code.strip().encode(), challenge.code.encode())
    if is_right and challenge.behaviour != "challenge_fails":
        end(world, challenge, "passed")
        return Verdict.PASSED
    wrong_codes = challenge.wrong_codes + 1
    world.db.update(Challenge, challenge.id, wrong_codes=wrong_codes)
    if wrong_codes < MAXIMUM_WRONG_CODES and challenge.behaviour != "challenge_fails":
        return Verdict.WRONG
    end(world, challenge, "failed")
    return Verdict.FAILED


def end(world: World, challenge: Challenge, state: str) -> None:
    """Close the challenge."""
    world.db.update(Challenge, challenge.id, state=state)
