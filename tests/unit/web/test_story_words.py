from datetime import date

import pytest

from encaisse.kernel.money import Money
from encaisse.reporting.story.facts import Ending, EndingKind, Step, StepKind
from encaisse.web.money.story import ending_line
from encaisse.web.money.story_words import account_words, say, signed

TODAY = date(2026, 11, 23)


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def sentence(kind: EndingKind, **values: object) -> str:
    line = ending_line(Ending(kind=kind, provider="Banc d’essai", **values), today=TODAY)
    return plain(f"{line.text} {line.more}".strip())


class TestEndings:
    @pytest.mark.parametrize("kind", EndingKind)
    def test_every_ending_is_a_sentence(self, kind):
        assert sentence(kind).endswith(".")

    def test_they_say_where_the_money_is_and_when_it_comes(self):
        thursday = date(2026, 11, 26)

        assert sentence(EndingKind.AT_PROVIDER, on=thursday) == (
            "Votre argent est chez Banc d’essai ; il sera sur votre compte jeudi 26 novembre."
        )
        assert sentence(EndingKind.PAID_OUT, on=TODAY).endswith("sur votre compte aujourd’hui.")
        assert sentence(EndingKind.ON_ACCOUNT, on=date(2025, 12, 31)) == (
            "Votre argent est sur votre compte depuis le mercredi 31 décembre 2025."
        )
        assert sentence(EndingKind.DISPUTED, on=thursday).startswith(
            "Contesté : répondez avant le jeudi 26 novembre."
        )

    def test_an_unknown_outcome_forbids_a_second_charge(self):
        assert "n’encaissez pas une seconde fois" in sentence(EndingKind.UNKNOWN)

    def test_money_that_is_late_is_said_so(self):
        late = sentence(EndingKind.AT_PROVIDER, on=date(2026, 11, 20), is_late=True)

        assert "il était attendu vendredi 20 novembre" in late

    def test_a_part_given_back_is_added(self):
        found = sentence(EndingKind.ON_ACCOUNT, on=TODAY, returned=Money(1_000))

        assert found.endswith("10,00 € ont été rendus à votre client.")


class TestSteps:
    @pytest.mark.parametrize("kind", StepKind)
    def test_every_step_has_a_title(self, kind):
        said = say(Step(kind=kind, at=None, amount=Money(100), fee=Money(2), net=Money(98)), {})

        assert said.title

    def test_books_are_said_in_words_with_their_account(self):
        assert account_words("511") == "Argent en route (511)"
        assert plain(signed("511", "debit", Money(100))) == "+ 1,00 €"
        assert plain(signed("4191", "credit", Money(100))) == "+ 1,00 €"
        assert plain(signed("411", "credit", Money(100))) == "− 1,00 €"
