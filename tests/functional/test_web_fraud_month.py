"""The month of payments watched: who noticed nothing, what was stopped."""

import pytest

from encaisse.payments.core import AttemptState
from factories.payments import NO_PROOF_CARD, PayableFirm
from functional.test_web_vigilance import attempt_state, case_of, posted, text_of
from functional.web_people import signed_in
from plugins.world import eventually


@pytest.fixture
def firm(world):
    return PayableFirm(world)


@pytest.fixture
def held(firm):
    firm.pay(firm.request(20_000), NO_PROOF_CARD)
    return eventually(lambda: case_of(firm))


class TestTheMonth:
    def test_says_who_noticed_nothing_and_what_was_stopped(self, firm, held):
        firm.pay(firm.request(5_000))
        eventually(lambda: attempt_state(firm) == AttemptState.CAPTURED)
        posted(signed_in(firm, proven=True), "review_refuse", held.id, fraud="1")

        page = text_of(signed_in(firm), "fraud_report")

        assert "50\u202f% de vos clients ont payé sans rien remarquer" in page.replace(
            "\xa0", "\u202f"
        )
        assert "200,00" in page
        assert "n’a pas vérifié le porteur" in page
        assert "Fraudes arrêtées, mois par mois" in page
        assert "&lt;" not in page

    def test_teaches_while_nothing_happened_and_takes_any_address(self, firm):
        client = signed_in(firm)

        for month in ("", "2020-01", "2026-13", "bientôt", "9999-12", "0001-01"):
            assert "Rien ce mois-ci" in text_of(client, "fraud_report", mois=month)

    def test_is_of_this_firm_alone(self, firm, held, world):
        other = PayableFirm(world)

        assert "Rien ce mois-ci" in text_of(signed_in(other), "fraud_report")
