"""The ways one person has to prove who they are at the second step of signing in."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.utils import timezone

from encaisse.identity.approvers import answers_elsewhere
from encaisse.identity.core import FactorKind
from encaisse.identity.emergency import is_open
from encaisse.identity.factors import factors_of, recovery_codes_left
from encaisse.identity.models import User
from encaisse.identity.proofs import SECOND_FACTORS, Proof
from encaisse.risk.presets import Level


class Way(StrEnum):
    """What the page offers, the best first."""

    PASSKEY = "cle"
    PUSH = "accord"
    CODE = "code"
    TEXT = "sms"
    SPARE = "secours"
    MAIL = "mail"


@dataclass(frozen=True, slots=True)
class Words:
    choose: str
    lead: str


WORDS: Mapping[Way, Words] = {
    Way.PASSKEY: Words(
        "Utiliser une clé d’accès", "Votre doigt, votre visage ou le code de l’appareil."
    ),
    Way.CODE: Words(
        "Code de l’application",
        "Entrez le code à six chiffres de votre application, ou un code de secours.",
    ),
    Way.PUSH: Words(
        "Accord sur mon téléphone", "Votre téléphone montre ce qui est demandé : vous acceptez."
    ),
    Way.TEXT: Words("Code par SMS", "Un code part vers votre téléphone."),
    Way.SPARE: Words(
        "Code de secours", "Entrez l’un des codes gardés en lieu sûr. Il sert une fois."
    ),
    Way.MAIL: Words("Code par e-mail", "Un code part vers votre adresse électronique."),
}  # fmt: skip
_KINDS = {
    FactorKind.PASSKEY: Proof.PASSKEY,
    FactorKind.TOTP: Proof.TOTP,
    FactorKind.PHONE: Proof.SMS,
}
_OF_PROOFS = {Proof.PASSKEY: Way.PASSKEY, Proof.TOTP: Way.CODE, Proof.SMS: Way.TEXT}


def factors_held(user: User) -> set[Proof]:
    return {_KINDS[factor.kind] for factor in factors_of(user_id=user.id)}


def ways_of(user: User, *, level: Level, shown: set[Proof], device_id: UUID | None) -> list[Way]:
    """Return what is left to offer on this device; what was shown is not asked again."""
    held = factors_held(user)
    ways = {_OF_PROOFS[proof] for proof in held - shown}
    if Way.CODE not in ways and _has_spare(user) and Proof.RECOVERY_CODE not in shown:
        ways.add(Way.SPARE)
    if Proof.PUSH not in shown and _is_answered(user, device_id):
        ways.add(Way.PUSH)
    # An e-mail only ever adds to another proof, where two are asked and no passkey stands in.
    has_shown_one = bool(shown & SECOND_FACTORS) or not held
    if level is Level.REINFORCED and has_shown_one and Proof.EMAIL not in shown:
        ways.add(Way.MAIL)
    return [way for way in Way if way in ways]


def _is_answered(user: User, device_id: UUID | None) -> bool:
    return answers_elsewhere(user_id=user.id, device_id=device_id).exists()


def _has_spare(user: User) -> bool:
    return bool(recovery_codes_left(user_id=user.id)) or is_open(
        user_id=user.id, real_now=timezone.now()
    )
