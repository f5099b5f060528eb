"""What the payer does at their bank to send an instant transfer."""

import json
from dataclasses import asdict, dataclass
from datetime import timedelta

from encaisse_sandbox import authentication, cards, payments
from encaisse_sandbox.authentication import Answer, Verdict
from encaisse_sandbox.checkout import Progress, check_payable
from encaisse_sandbox.clock import stamp
from encaisse_sandbox.errors import ApiError, invalid
from encaisse_sandbox.identifiers import french_iban
from encaisse_sandbox.records import Challenge, Json, Payment, dump
from encaisse_sandbox.world import World

SLOW_BANK_DELAY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class PayerBank:
    """One of the banks a payer can choose."""

    code: str
    name: str
    note: str
    bank_code: str


@dataclass(frozen=True, slots=True)
class PayerAccount:
    """One of the payer's accounts at the chosen bank."""

    label: str
    iban: str
    holder_name: str


BANKS: tuple[PayerBank, ...] = (
    PayerBank(
        "deux_rives", "Banque des Deux Rives", "Virement exécuté en quelques secondes", "99101"
    ),
    PayerBank("phare", "Crédit du Phare", "Virement exécuté en quelques secondes", "99102"),
    PayerBank("lente", "Banque lente", "Le virement n’arrive qu’au bout d’une heure", "99103"),
    PayerBank("bas_de_laine", "Caisse du Bas de Laine", "Provision insuffisante", "99104"),
)
_BY_CODE = {bank.code: bank for bank in BANKS}
_REFUSALS = {
    "insufficient_funds": "La provision du compte est insuffisante.",
    "authentication_failed": cards.DECLINES["authentication_failed"],
    "transfer_refused": cards.DECLINES["transfer_refused"],
}


def find_bank(code: str) -> PayerBank:
    """
    Return a bank.

    :raises ApiError: there is none with this code
    """
    bank = _BY_CODE.get(code)
    if bank is None:
        raise invalid(f"bank must be one of {', '.join(_BY_CODE)}.")
    return bank


def accounts_at(bank: PayerBank) -> tuple[PayerAccount, ...]:
    """Return the payer's accounts at a bank, always the same ones."""
    return (
        PayerAccount(
            "Compte courant", french_iban(bank.bank_code, "00042", "00000000101"), "Camille Leroy"
        ),
        PayerAccount(
            "Compte joint", french_iban(bank.bank_code, "00042", "00000000202"), "C. et A. Leroy"
        ),
    )


def find_payment(world: World, token: str) -> Payment:
    """
    Return the transfer that this address is for.

    :raises ApiError: there is none
    """
    payment = world.db.first(Payment, "token = ? AND method = 'instant_transfer'", token)
    if payment is None:
        raise ApiError(404, "not_found", "Ce lien de virement n’existe pas.")
    return payment


def start_order(
    world: World, payment: Payment, bank: PayerBank, account: PayerAccount
) -> Challenge:
    """
    Ask the payer's bank to send a code for this transfer.

    :raises ApiError: the payment no longer waits for its payer
    """
    check_payable(world, payment)
    with world.db.transaction():
        instrument = _instrument(bank, account)
        return authentication.start(world, payment, "bank", bank.code, instrument)


def decline_order(
    world: World, payment: Payment, bank: PayerBank, account: PayerAccount
) -> Progress:
    """
    Let the payer say no before any code is sent, which ends the payment.

    :raises ApiError: the payment no longer waits for its payer
    """
    check_payable(world, payment)
    with world.db.transaction():
        refused = _refuse(world, payment, _instrument(bank, account), "transfer_refused")
    return Progress(refused)


def confirm_order(world: World, challenge: Challenge, answer: Answer) -> Progress:
    """
    Judge the answer; a right one orders the transfer, the third wrong one refuses it.

    :raises ApiError: the challenge or the payment is closed
    """
    payment = _open_payment(world, challenge)
    with world.db.transaction():
        match authentication.judge(world, challenge, answer):
            case Verdict.PASSED:
                return Progress(_execute(world, payment, challenge))
            case Verdict.FAILED:
                return Progress(_refuse(world, payment, _used(challenge), "authentication_failed"))
    return Progress(payment, authentication.find(world, challenge.id, "bank"))


def refuse_order(world: World, challenge: Challenge) -> Progress:
    """
    Let the payer say no at the bank, which ends the payment.

    :raises ApiError: the challenge or the payment is closed
    """
    payment = _open_payment(world, challenge)
    with world.db.transaction():
        authentication.end(world, challenge, "failed")
        return Progress(_refuse(world, payment, _used(challenge), "transfer_refused"))


def _open_payment(world: World, challenge: Challenge) -> Payment:
    authentication.check_open(challenge)
    payment = payments.find(world, challenge.payment_id)
    check_payable(world, payment)
    return payment


def _execute(world: World, payment: Payment, challenge: Challenge) -> Payment:
    if challenge.behaviour == "bas_de_laine":
        return _refuse(world, payment, _used(challenge), "insufficient_funds")
    accepted = payments.save(
        world,
        payment,
        **_payer(_used(challenge)),
        attempts=dump(payments.record_attempt(world, payment, None, {})),
    )
    if challenge.behaviour != "lente":
        return payments.receive_transfer(world, accepted)
    now = world.clock.now()
    pending = payments.save(
        world,
        accepted,
        status="pending",
        authorized_at=stamp(now),
        due_at=stamp(now + SLOW_BANK_DELAY),
    )
    payments.tell(world, pending, "payment.pending")
    return pending


def _refuse(world: World, payment: Payment, instrument: Json, code: str) -> Payment:
    refused = payments.save(
        world,
        payment,
        **_payer(instrument),
        status="failed",
        due_at=None,
        decline=dump({"code": code, "message": _REFUSALS[code]}),
        attempts=dump(payments.record_attempt(world, payment, code, {})),
    )
    payments.tell(world, refused, "payment.attempt_failed")
    payments.tell(world, refused, "payment.failed")
    return refused


def _instrument(bank: PayerBank, account: PayerAccount) -> Json:
    return asdict(account) | {"bank": bank.code}


def _used(challenge: Challenge) -> Json:
    instrument: Json = json.loads(challenge.instrument)
    return instrument


def _payer(instrument: Json) -> dict[str, str]:
    shown = {
        "name": find_bank(instrument["bank"]).name,
        "iban_last4": instrument["iban"][-4:],
        "holder_name": instrument["holder_name"],
    }
    return {"payer_bank": dump(shown), "payer_iban": instrument["iban"]}
