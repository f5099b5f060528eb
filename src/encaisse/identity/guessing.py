"""
What somebody who knows people would try first: lists, keyboards, seasons, names. Pure.

The common list is Django's (Royce Williams' 20,000, BSD-3 with Django); the French words are ours.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable
from enum import StrEnum

_SHORTEST_WORD = 4
_FEWEST_SIGNS = 5
# What is left of a password once the known part is taken away must still be worth a guess.
_LEAST_LEFT = 6
_LOOKALIKES = str.maketrans("0134578@$€!", "oieastbasei")
_NOT_A_SIGN = re.compile(r"[^a-z0-9]")
_EDGES = re.compile(r"^[\d\W_]+|[\d\W_]+$")
_ROWS = (
    "azertyuiopqsdfghjklmwxcvbn", "qwertyuiopasdfghjklzxcvbnm", "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789", "1q2w3e4r5t6y7u8i9o0p", "1a2z3e4r5t6y7u8i9o0p",
    "aqwzsxedcrfvtgbyhnujikolpm", "qazwsxedcrfvtgbyhnujmikolp",
)  # fmt: skip
FRENCH_WORDS = """
azerty azertyuiop motdepasse monmotdepasse lemotdepasse motsdepasse mdp passe secret bonjour
bonsoir bienvenue salut coucou aurevoir merci soleil lune etoile chocolat fromage jetaime
jetaimetoujours amour monamour moncoeur doudou loulou chouchou nounours minou marseille
olympique paris parissaintgermain lyon lille nantes bordeaux toulouse france bretagne
normandie provence corse vivelafrance liberte egalite fraternite printemps ete automne hiver
janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre lundi
mardi mercredi jeudi vendredi samedi dimanche entreprise societe bureau boulot travail
facture factures comptabilite encaisse banque administrateur administration utilisateur
ordinateur internet telephone portable changezmoi nepaschanger provisoire temporaire essai
test demo maison jardin voiture camion moto football rugby vacances noel anniversaire
famille papa maman mamie papi cheval chat chien poisson lapin tigre dauphin
"""
FRENCH = frozenset(FRENCH_WORDS.split())


class Guess(StrEnum):
    """Why a password would be found soon."""

    COMMON = "common"
    REPEATS = "repeats"
    PERSONAL = "personal"


def guess(password: str, *, common: Collection[str], personal: Iterable[str] = ()) -> Guess | None:
    """Return why this password would be tried among the first, None where nothing says so."""
    lowered = unicodedata.normalize("NFKC", password).casefold()
    plain = _plain(lowered)
    if lowered in common or any(form in common for form in _forms(lowered)):
        return Guess.COMMON
    if _repeats(lowered) or _is_walk(plain):
        return Guess.REPEATS
    if _is_made_of(_forms(lowered), FRENCH):
        return Guess.COMMON
    words = {_plain(word.casefold()) for text in personal for word in re.split(r"[\W_]+", text)}
    known = {word for word in words if len(word) >= _SHORTEST_WORD}
    return Guess.PERSONAL if _left(plain, known) < _least(plain, known) else None


def _forms(lowered: str) -> set[str]:
    """Return the word inside, without figures around it, as written and with signs undone."""
    bare = _EDGES.sub("", lowered)
    forms = {
        _plain(bare),
        _plain(bare.translate(_LOOKALIKES)),
        _plain(lowered.translate(_LOOKALIKES)),
    }
    return {form for form in forms if len(form) >= _SHORTEST_WORD}


def _plain(text: str) -> str:
    bare = unicodedata.normalize("NFKD", text)
    return _NOT_A_SIGN.sub("", "".join(c for c in bare if not unicodedata.combining(c)))


def _repeats(text: str) -> bool:
    """Tell whether few signs, or one short piece, make the whole."""
    if len(set(text)) < _FEWEST_SIGNS:
        return True
    return any(
        text == (text[:size] * (len(text) // size + 1))[: len(text)]
        for size in range(1, (len(text) + 1) // 2 + 1)
    )


def _is_walk(plain: str) -> bool:
    """Tell whether the fingers just walk along the keyboard or the alphabet."""
    left = plain
    for row in (*_ROWS, *(row[::-1] for row in _ROWS)):
        for size in range(len(left), _SHORTEST_WORD - 1, -1):
            for start in range(len(left) - size + 1):
                piece = left[start : start + size]
                if piece in row:
                    left = left.replace(piece, "")
                    break
            else:
                continue
            break
    return len(plain) > _SHORTEST_WORD and len(left) <= len(plain) // 4


def _is_made_of(forms: Iterable[str], words: Collection[str]) -> bool:
    """Tell whether one known word, or the same one again, makes the whole: two make a phrase."""
    return any(form in words or any(form == word * 2 for word in words) for form in forms)


def _left(plain: str, known: Collection[str]) -> int:
    for word in sorted(known, key=len, reverse=True):
        plain = plain.replace(word, "")
    return len(plain)


def _least(plain: str, known: Collection[str]) -> int:
    return _LEAST_LEFT if any(word in plain for word in known) else 0
