"""How careful a firm is with payments: weighed on its past, signed to be less so."""

import pytest
from django.urls import reverse

from encaisse.fraud.models import Vigilance
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Role
from factories.payments import NO_PROOF_CARD, PayableFirm
from functional.asking import marked
from functional.signing import Signer, asked
from functional.test_web_vigilance import case_of, posted, text_of
from functional.web_people import signed_in
from plugins.world import eventually


@pytest.fixture
def firm(world):
    return PayableFirm(world)


@pytest.fixture
def held(firm):
    firm.pay(firm.request(20_000), NO_PROOF_CARD)
    return eventually(lambda: case_of(firm))


class TestVigilance:
    def test_is_weighed_on_the_firm_s_own_payments(self, firm, held):
        posted(signed_in(firm, proven=True), "review_refuse", held.id, fraud="1")

        page = text_of(signed_in(firm), "vigilance")

        assert "Sur les 1 paiement de vos 90 derniers jours" in page
        assert "1 fraude arrêtée" in page

    def test_is_chosen_with_a_ceiling(self, firm):
        posted(signed_in(firm, proven=True), "vigilance_set", preset="strict", review_ceiling="500")

        with acting_for(firm.id):
            row = Vigilance.objects.get()
        assert (row.preset, row.review_ceiling_minor) == ("strict", 50_000)

    def test_is_signed_to_look_at_less_and_only_then(self, firm):
        posted(signed_in(firm, proven=True), "vigilance_set", preset="strict", review_ceiling="500")
        signer = Signer(firm, role=Role.OWNER)

        answer = signer.client.post(
            reverse("vigilance_set"), marked(preset="souple", review_ceiling="")
        )
        operation = asked(firm)
        with acting_for(firm.id):
            before = Vigilance.objects.get().preset
        page = signer.page_of(operation)
        signer.sign(operation)

        assert answer.status_code == 302
        assert before == "strict"
        assert "strict → souple" in page
        assert "au-delà de 500,00" in page
        with acting_for(firm.id):
            row = Vigilance.objects.get()
        assert (row.preset, row.review_ceiling_minor) == ("souple", None)

    def test_signed_too_late_takes_nothing_back(self, firm):
        posted(
            signed_in(firm, proven=True), "vigilance_set", preset="equilibre", review_ceiling="500"
        )
        signer = Signer(firm, role=Role.OWNER)
        signer.client.post(reverse("vigilance_set"), marked(preset="souple", review_ceiling="500"))
        operation = asked(firm)
        posted(signed_in(firm, proven=True), "vigilance_set", preset="strict", review_ceiling="500")

        signer.sign(operation)

        with acting_for(firm.id):
            assert Vigilance.objects.get().preset == "strict"

    def test_refuses_what_is_no_preset_in_french(self, firm):
        client = signed_in(firm, proven=True)

        answer = client.post(reverse("vigilance_set"), {"preset": "paranoïaque"})

        assert answer.status_code == 422
