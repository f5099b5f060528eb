"""The ways one person has to prove who they are, and how each one is checked."""

from dataclasses import dataclass

from allauth.mfa.models import Authenticator

from encaisse.identity.models import User
from encaisse.identity.proofs import SECOND_FACTORS, Proof
from encaisse.risk.presets import Level

_KINDS = {
    Authenticator.Type.WEBAUTHN: Proof.PASSKEY,
    Authenticator.Type.TOTP: Proof.TOTP,
    Authenticator.Type.RECOVERY_CODES: Proof.RECOVERY_CODE,
}
# The easiest of the strong ones first.
_ORDER = (
    Proof.PASSKEY, Proof.PUSH, Proof.TOTP, Proof.SMS, Proof.RECOVERY_CODE, Proof.EMERGENCY_CODE,
    Proof.EMAIL,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Way:
    """One way to go on, as the page offers it."""

    proof: Proof
    label: str
    hint: str


_WORDS = {
    Proof.PASSKEY: ("Utiliser une clé d’accès", "Doigt, visage ou code de cet appareil."),
    Proof.TOTP: ("Code de l’application", "Les six chiffres affichés en ce moment."),
    Proof.RECOVERY_CODE: (
        "Code de secours",
        "L’un des codes gardés en lieu sûr. Il sert une fois.",
    ),
}


def ways_of(user: User, *, level: Level, shown: set[Proof]) -> list[Way]:
    """Return what is left to offer, the best way first; what was shown is not asked again."""
    held = held_by(user)
    return [Way(proof, *_WORDS[proof]) for proof in _ORDER if proof in held - shown]


def held_by(user: User) -> set[Proof]:
    kinds = Authenticator.objects.filter(user_id=user.pk).values_list("type", flat=True)
    return {_KINDS[kind] for kind in kinds}


def has_factor(user: User) -> bool:
    """Tell whether the person enrolled anything beside a password."""
    return bool(held_by(user) & ({Proof.PASSKEY} | SECOND_FACTORS - {Proof.RECOVERY_CODE}))
