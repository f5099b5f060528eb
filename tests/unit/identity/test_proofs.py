"""Which proofs open which level; browsers in words."""

import pytest

from encaisse.identity.proofs import Proof, agent_words, is_enough
from encaisse.risk.presets import Level

P = Proof


@pytest.mark.parametrize(
    ("level", "shown", "opens"),
    [
        (Level.SIMPLIFIED, {P.PASSWORD}, False),
        (Level.SIMPLIFIED, {P.PASSWORD, P.KNOWN_DEVICE}, True),
        (Level.SIMPLIFIED, {P.KNOWN_DEVICE, P.TOTP}, False),
        (Level.STANDARD, {P.PASSWORD, P.KNOWN_DEVICE}, False),
        (Level.STANDARD, {P.PASSWORD, P.TOTP}, True),
        (Level.STANDARD, {P.PASSWORD, P.EMAIL}, False),
        (Level.STANDARD, {P.PASSKEY}, True),
        (Level.REINFORCED, {P.PASSWORD, P.TOTP}, False),
        (Level.REINFORCED, {P.PASSWORD, P.EMAIL, P.KNOWN_DEVICE}, False),
        (Level.REINFORCED, {P.PASSWORD, P.TOTP, P.EMAIL}, True),
        (Level.REINFORCED, {P.PASSWORD, P.TOTP, P.SMS}, True),
        (Level.REINFORCED, {P.PASSKEY}, True),
        (Level.REFUSED, set(Proof), False),
    ],
)
def test_a_level_opens_to_what_it_asks_and_no_less(level, shown, opens):
    assert is_enough(level, shown) is opens


def test_whoever_has_no_factor_yet_shows_the_mail_where_two_are_asked():
    assert is_enough(Level.STANDARD, {P.PASSWORD}, has_factor=False)
    assert not is_enough(Level.REINFORCED, {P.PASSWORD}, has_factor=False)
    assert is_enough(Level.REINFORCED, {P.PASSWORD, P.EMAIL}, has_factor=False)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; rv:130.0) Gecko Firefox/130.0", "Firefox sur Windows"),
        ("Mozilla/5.0 (iPhone) AppleWebKit Version/18.0 Safari/604.1", "Safari sur iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/130.0 Safari/537.36", "Chrome sur Linux"),
        ("curl/8.5", "Navigateur inconnu"),
    ],
)  # fmt: skip
def test_a_browser_is_said_in_a_few_words(agent, words):
    assert agent_words(agent) == words
