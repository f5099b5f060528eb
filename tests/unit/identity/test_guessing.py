import pytest

from encaisse.identity.guessing import Guess, guess

COMMON = frozenset({"password", "megaparol12345", "qwerty123456", "telechargement"})
ANNE = ["Anne-Sophie Martin", "anne.martin@plomberie-martin.fr", "Plomberie Martin"]


def judged(password, personal=()):
    return guess(password, common=COMMON, personal=personal)


@pytest.mark.parametrize(
    "password",
    [
        "megaparol12345", "MegaParol12345", "password2026!!!", "P@ssw0rd2026", "motdepasse2026!",
        "Motdepasse123456", "M0tdeP4sse!!!!!", "Septembre2026!!", "Été2026!Été2026",
        "hiver-2026-2027",
        "jetaimetoujours1", "soleilsoleil1234", "2026Encaisse2026", "Bienvenue123456",
    ],
)  # fmt: skip
def test_what_is_tried_first_is_refused(password):
    assert judged(password) in {Guess.COMMON, Guess.REPEATS}


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaaaaa", "abababababababab", "abcabcabcabcabc", "123456789012345",
        "azertyuiopqsdfg", "poiuytrezaqsdfgh", "abcdefghijklmnop", "1a2z3e4r5t6y7u8i",
    ],
)  # fmt: skip
def test_keyboards_and_repeats_are_refused(password):
    assert judged(password) is Guess.REPEATS


@pytest.mark.parametrize(
    "password",
    ["AnneMartin2026!", "plomberie-martin1", "Martin.Plomberie", "sophie martin 44"],
)
def test_ones_own_names_are_refused_to_their_owner_only(password):
    assert judged(password, ANNE) is Guess.PERSONAL
    assert judged(password) is None


@pytest.mark.parametrize(
    "password",
    [
        "un long tuyau de cuivre", "quatre vis rouillées", "Le chat de la voisine dort",
        "correct horse battery", "kVq7-mmZp-88xt-Lw", "anne aime trop les crêpes salées",
        "日本語のパスワードです長い", "soleil marseille fromage",
    ],
)  # fmt: skip
def test_a_phrase_of_ones_own_is_welcome(password):
    assert judged(password, ANNE) is None
