"""Strong authentication at the payer's bank: four ways to be recognised, three mistakes."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from encaisse_sandbox import accounts, app_codes, biometrics, telephone
from encaisse_sandbox.amounts import in_euros
from encaisse_sandbox.biometrics import Site
from encaisse_sandbox.clock import stamp
from encaisse_sandbox.errors import conflict, missing
from encaisse_sandbox.identifiers import new_id, one_time_code
from encaisse_sandbox.records import Challenge, Json, Payment, dump
from encaisse_sandbox.world import World

MAXIMUM_WRONG_CODES = 3
# A code, a request on the telephone, a question to the browser: each is good this long.
LIFETIME = timedelta(minutes=5)


class Way(StrEnum):
    """How the bank recognises the payer."""

    SMS = "sms"
    APP = "app"
    BIOMETRICS = "biometrics"
    PUSH = "push"


class Verdict(StrEnum):
    """What an answer to a challenge leads to."""

    PASSED = "passed"
    WRONG = "wrong"
    LATE = "late"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Typed:
    """A code typed on the bank's page."""

    code: str


@dataclass(frozen=True, slots=True)
class Touched:
    """What the browser's authenticator signed once it recognised its owner."""

    response: Json
    site: Site


@dataclass(frozen=True, slots=True)
class Decided:
    """What the payer answered on the telephone."""

    is_approved: bool


Answer = Typed | Touched | Decided


def start(world: World, payment: Payment, kind: str, behaviour: str, instrument: Json) -> Challenge:
    """Open a challenge bound to this payment, and so to its amount and payee, and send a code."""
    challenge = Challenge(
        id=new_id("chal"),
        payment_id=payment.id,
        kind=kind,
        state="open",
        behaviour=behaviour,
        instrument=dump(instrument),
        code="",
        wrong_codes=0,
        created_at=world.clock.stamp(),
    )
    world.db.insert(challenge)
    return ask(world, challenge, payment, Way.SMS)


def ask(world: World, challenge: Challenge, payment: Payment, way: Way) -> Challenge:
    """
    Ask the payer to be recognised in this way, anew; what was asked before is good no more.

    :raises ApiError: the challenge was answered already
    """
    check_open(challenge)
    world.db.update(
        Challenge,
        challenge.id,
        way=way.value,
        code=one_time_code(),
        secret=secrets.token_hex(32),
        expires_at=stamp(world.clock.now() + LIFETIME),
    )
    asked = find(world, challenge.id, challenge.kind)
    if way is Way.SMS:
        _send_code(world, asked, payment.amount, payee(world, asked, payment))
    return asked


def payee(world: World, challenge: Challenge, payment: Payment) -> str:
    """Return whom the payer is told they pay."""
    if challenge.kind == "bank":
        return payment.payee_name or ""
    return accounts.find(world, payment.account_id).name


def _send_code(world: World, challenge: Challenge, amount: int, payee_name: str) -> None:
    """Send the code, with the amount and the payee it is good for (RTS 2018/389, article 5)."""
    text = (
        f"Code {challenge.code} pour payer {in_euros(amount)} à {payee_name}. "
        "Ne le donnez à personne, pas même à votre banque."
    )
    telephone.send(world, telephone.PAYER_NUMBER, text)


def find(world: World, challenge_id: str, kind: str | None = None) -> Challenge:
    """
    Return a challenge, of one kind when it is named.

    :raises ApiError: there is none of this kind with this id
    """
    challenge = world.db.first(Challenge, "id = ?", challenge_id)
    if challenge is None or kind not in {None, challenge.kind}:
        raise missing("challenge", challenge_id)
    return challenge


def waiting_on_telephone(world: World, limit: int) -> list[Challenge]:
    """Return what the bank's app shows: requests to approve and codes, the newest first."""
    return world.db.all(
        Challenge,
        "state = 'open' AND way IN ('app', 'push') AND expires_at > ? "
        "AND payment_id IN (SELECT id FROM payments WHERE status = 'requires_action') "
        "ORDER BY expires_at DESC LIMIT ?",
        world.clock.stamp(),
        limit,
    )


def is_late(world: World, challenge: Challenge) -> bool:
    """Tell whether what was asked is no longer good."""
    return challenge.expires_at <= world.clock.stamp()


def check_open(challenge: Challenge) -> None:
    """
    Refuse to use a challenge twice.

    :raises ApiError: it was answered already
    """
    if challenge.state != "open":
        raise conflict("challenge_closed", "Cette demande a déjà reçu une réponse.")


def judge(world: World, challenge: Challenge, answer: Answer) -> Verdict:
    """
    Tell what an answer leads to: a right one passes, the third wrong one ends the challenge.

    :raises ApiError: the challenge waits for an answer of another kind
    """
    _check_way(challenge, answer)
    if is_late(world, challenge):
        return Verdict.LATE
    is_denied = isinstance(answer, Decided) and not answer.is_approved
    if challenge.behaviour == "challenge_fails" or is_denied:
        end(world, challenge, "failed")
        return Verdict.FAILED
    if _is_right(world, challenge, answer):
        end(world, challenge, "passed")
        return Verdict.PASSED
    wrong_codes = challenge.wrong_codes + 1
    world.db.update(Challenge, challenge.id, wrong_codes=wrong_codes)
    if wrong_codes < MAXIMUM_WRONG_CODES:
        return Verdict.WRONG
    end(world, challenge, "failed")
    return Verdict.FAILED


def _check_way(challenge: Challenge, answer: Answer) -> None:
    """:raises ApiError: the payer has chosen another way meanwhile"""
    expected = {Way.BIOMETRICS: Touched, Way.PUSH: Decided}.get(Way(challenge.way), Typed)
    if not isinstance(answer, expected):
        raise conflict("another_way", "Cette demande attend une autre confirmation.")


def _is_right(world: World, challenge: Challenge, answer: Answer) -> bool:
    match answer:
        case Typed(code) if challenge.way == Way.APP:
            return app_codes.is_right(challenge.secret, code.strip(), world.clock.now())
        case Typed(code):
            return hmac.compare_digest(code.strip().encode(), challenge.code.encode())
        case Touched(response, site):
            return biometrics.is_recognised(world, site, challenge.secret, response)
        case Decided(is_approved):
            return is_approved


def end(world: World, challenge: Challenge, state: str) -> None:
    """Close the challenge."""
    world.db.update(Challenge, challenge.id, state=state)
