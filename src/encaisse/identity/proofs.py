"""Which proofs an access needs, which words a device goes by. Pure."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum

from encaisse.risk.presets import Level


class Proof(StrEnum):
    """What somebody showed of themselves."""

    PASSWORD = "password"  # noqa: S105  a word, not a secret
    KNOWN_DEVICE = "known_device"
    PASSKEY = "passkey"
    TOTP = "totp"
    SMS = "sms"
    PUSH = "push"
    RECOVERY_CODE = "recovery_code"
    EMERGENCY_CODE = "emergency_code"
    EMAIL = "email"


PROOF_WORDS: Mapping[Proof, str] = {
    Proof.PASSWORD: "mot de passe",
    Proof.KNOWN_DEVICE: "appareil connu",
    Proof.PASSKEY: "clé d’accès",
    Proof.TOTP: "code de l’application",
    Proof.SMS: "code par SMS",
    Proof.PUSH: "accord sur le téléphone",
    Proof.RECOVERY_CODE: "code de secours",
    Proof.EMERGENCY_CODE: "code d’urgence",
    Proof.EMAIL: "code par e-mail",
}

# Factors a person holds beside the password. An e-mail is none: it only ever adds to another.
SECOND_FACTORS = frozenset(
    {Proof.TOTP, Proof.SMS, Proof.PUSH, Proof.RECOVERY_CODE, Proof.EMERGENCY_CODE}
)


class Outcome(StrEnum):
    """How an access ended."""

    ASKED = "asked"
    PASSED = "passed"
    FAILED = "failed"
    REFUSED = "refused"


def is_enough(level: Level, shown: Iterable[Proof], *, has_factor: bool = True) -> bool:
    """
    Tell whether the proofs shown meet the level.

    A passkey is bound to our address and to a gesture of its holder: two factors nobody can fish
    for (NIST SP 800-63B-4, 3.2.5). Otherwise: the password and a known device (simplified), one
    second factor (standard), or two (reinforced), of which an e-mail may be one. Somebody who
    enrolled no factor yet has only the e-mail to show, and enrols one as soon as they are in.
    """
    proofs = set(shown)
    if level is Level.REFUSED or not proofs & {Proof.PASSKEY, Proof.PASSWORD}:
        return False
    if Proof.PASSKEY in proofs:
        return True
    if not has_factor:
        return level is not Level.REINFORCED or Proof.EMAIL in proofs
    seconds = len(proofs & SECOND_FACTORS)
    if level is Level.REINFORCED:
        return seconds >= 1 and seconds + (Proof.EMAIL in proofs) >= 2
    return seconds >= 1 or (level is Level.SIMPLIFIED and Proof.KNOWN_DEVICE in proofs)


_BROWSERS = (
    ("Edg", "Edge"), ("OPR", "Opera"), ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"),
    ("HeadlessChrome", "Chrome"),
    ("Chromium", "Chromium"), ("Safari", "Safari"),
)  # fmt: skip
# The mark of a system, what it is called, and what people call the thing it runs on.
_SYSTEMS = (
    ("iPhone", "iPhone", "Téléphone"), ("iPad", "iPad", "Tablette"),
    ("Android", "Android", "Téléphone"), ("Windows", "Windows", "Ordinateur"),
    ("Macintosh", "Mac", "Ordinateur"), ("CrOS", "Chromebook", "Ordinateur"),
    ("Linux", "Linux", "Ordinateur"),
)  # fmt: skip
_VOWELS = frozenset("aeiouyhàâéèêëîïôöùûü")


def agent_words(user_agent: str) -> str:
    """Say a browser in a few words, "Firefox sur Windows"; the rest of the line is not kept."""
    browser, system = _word(_BROWSERS, user_agent), _word(_SYSTEMS, user_agent)
    if browser and system:
        return f"{browser} sur {system}"
    return browser or system or "Navigateur inconnu"


def device_name(user_agent: str, *, first_name: str) -> str:
    """Return what a person would call this device: « Téléphone d’Anne »."""
    device = _word(_SYSTEMS, user_agent, place=2) or "Appareil"
    if not first_name:
        return device
    of = "d’" if first_name[0].lower() in _VOWELS else "de "
    return f"{device} {of}{first_name}"[:60]


def _word(table: tuple[tuple[str, ...], ...], text: str, *, place: int = 1) -> str:
    return next((row[place] for row in table if re.search(rf"\b{row[0]}\b", text)), "")
