"""What payers read in the simulated world is also said in English, to the last sentence."""

import re
from pathlib import Path

import pytest

import encaisse_sandbox
from encaisse_sandbox import cards, transfers
from encaisse_sandbox.http.checkout_pages import UNREADABLE
from encaisse_sandbox.http.english import ENGLISH
from encaisse_sandbox.http.recognition import WAYS

FOLDER = Path(encaisse_sandbox.__file__).parent
# The pages of payers; the others are the workbench of whoever tries things.
PAGES = [
    "checkout", "challenge", "recognition", "closed", "banks", "bank_base", "sign_in", "order",
    "confirmation",
]  # fmt: skip
SAID = re.compile(r"""say\((?:"([^"]*)"|'([^']*)')""")
MARKUP = re.compile(
    r"\{% block width %\}[\w -]+|\{%.*?%\}|\{\{.*?\}\}|<[^>]*>|\{#.*?#\}", re.DOTALL
)
# Names, and what is the same in both languages.
NAMES = {"BC", "Banque", "du", "Client", "SANDBOX", "IBAN"}
FRENCH_WORDS = re.compile(
    r"\b(?:le|la|les|des|une|vous|votre|pas|est|pour|avec|carte|virement)\b|[éèêàçù«]",
    re.IGNORECASE,
)
CHALLENGE_CARD = "4000000000003220"


def source(name: str) -> str:
    return (FOLDER / "templates" / f"{name}.html").read_text(encoding="utf-8")


def computed() -> set[str]:
    """Sentences that programs choose: refusals, ways to be recognised, banks, accounts."""
    check = (FOLDER / "checkout.py").read_text(encoding="utf-8")
    unusable = re.findall(r'UnusableCard\(400, "\w+", "([^"]+)"\)', check)
    assert len(unusable) == 4
    accounts = [each.label for bank in transfers.BANKS for each in transfers.accounts_at(bank)]
    return {
        UNREADABLE, *unusable, *WAYS.values(), *cards.DECLINES.values(), *accounts,
        *transfers._REFUSALS.values(), *(bank.note for bank in transfers.BANKS),
    }  # fmt: skip


def test_each_sentence_has_its_english_one_and_none_is_left_over():
    said = {one or other for name in [*PAGES, "base"] for one, other in SAID.findall(source(name))}

    assert said | computed() == set(ENGLISH)


@pytest.mark.parametrize(("french", "english"), ENGLISH.items())
def test_each_translation_fills_the_same_fields_with_no_french_left(french, english):
    assert set(re.findall(r"\{\w+\}", french)) == set(re.findall(r"\{\w+\}", english))
    assert not FRENCH_WORDS.search(english.replace("Banque du Client", ""))


@pytest.mark.parametrize("name", PAGES)
def test_no_page_of_payers_says_anything_by_itself(name):
    words = re.findall(r"[A-Za-zÀ-ÿ]{2,}", MARKUP.sub(" ", source(name)))

    assert set(words) <= NAMES


@pytest.mark.parametrize("script", ["checkout.js", "recognition.js"])
def test_no_script_says_anything_by_itself(script):
    text = (FOLDER / "static" / script).read_text(encoding="utf-8")

    assert re.findall(r"\"[^\"]*[éèàç’…][^\"]*\"", text) == []


def test_the_card_page_and_its_bank(sandbox, merchant, browser):
    payment = merchant.request_payment(amount=123_456, description="Boiler", locale="en")

    page = browser.open(payment["checkout_url"])
    challenge = browser.send_card(CHALLENGE_CARD)
    browser.send(code="000000", answer="confirm")
    wrong = browser.open(str(challenge.url))
    browser.send(code=sandbox.newest_code(), answer="confirm")
    closed = browser.open(payment["checkout_url"])

    assert "Pay €1,234.56" in page.text
    assert "You are about to pay" in challenge.text
    assert "You have 2 tries left." in wrong.text
    assert "This payment is done." in closed.text
    for each in (page, challenge, wrong, closed):
        assert '<html lang="en">' in each.text
        assert left_in_french(each.text) == []


def test_the_ways_of_a_payers_bank(merchant, browser):
    payment = merchant.request_transfer(description="Boiler", locale="en")

    pages = [browser.open(payment["checkout_url"])]
    pages.append(browser.open(payment["checkout_url"] + "/deux_rives"))
    pages.append(browser.open(payment["checkout_url"] + "/deux_rives/order"))

    assert "Which is your bank?" in pages[0].text
    assert "From which account?" in pages[2].text
    for each in pages:
        assert left_in_french(each.text) == []


def test_a_french_payer_reads_french(merchant, browser):
    page = browser.open(merchant.request_payment()["checkout_url"])

    assert '<html lang="fr">' in page.text
    assert "Numéro de carte" in page.text


def left_in_french(html: str) -> list[str]:
    seen = re.sub(r"<[^>]*>", " ", html)
    for name in (
        "Banque du Client", "Banque des Deux Rives", "Crédit du Phare", "Banque lente",
        "Caisse du Bas de Laine",
    ):  # fmt: skip
        seen = seen.replace(name, "")
    return FRENCH_WORDS.findall(seen)
