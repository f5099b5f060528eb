"""Small amounts of recognised payers: no proof is asked, unless something or somebody says so."""

from dataclasses import replace

import pytest
from django.urls import reverse

from encaisse.counterparties.services import CustomerDraft, create_customer
from encaisse.fraud.models import Vigilance
from encaisse.fraud.services.arrivals import Payer
from encaisse.kit.clock import business_now, paris_date
from encaisse.kit.tenancy import acting_for
from encaisse.payments.core import AttemptState
from encaisse.payments.models import AttemptRefusal, PaymentAttempt
from encaisse.payments.queries import payment
from encaisse.risk.presets import Preset
from encaisse.web.money.green_light import light_of
from factories.payments import PayableFirm
from functional.web_people import signed_in
from plugins.world import eventually

REGULAR = Payer(address="198.51.100.7", agent="Firefox sur Android", device="d" * 32)
WANTS_PROOF_CARD = "4000000000003105"


@pytest.fixture
def firm(world):
    """A firm to which somebody has paid once, from a browser of theirs."""
    one = PayableFirm(world)
    one.pay(one.request(4_000), payer=REGULAR)
    eventually(lambda: latest(one).state == AttemptState.CAPTURED)
    return one


def latest(firm) -> PaymentAttempt:
    with acting_for(firm.id):
        return PaymentAttempt.objects.select_related("intent").latest("created_at", "id")


def asked(firm, cents: int, payer: Payer = REGULAR) -> str:
    """Return how strongly the provider was told to have this payer identified."""
    firm.start(firm.request(cents), payer=payer)
    return latest(firm).identification


class TestWhoIsSpared:
    def test_is_a_recognised_payer_of_a_small_amount(self, firm):
        assert asked(firm, 3_000) == "low_value"

    def test_is_not_somebody_on_a_browser_never_seen(self, firm):
        assert asked(firm, 3_000, replace(REGULAR, device="e" * 32)) == "automatic"

    def test_is_not_who_pays_more_than_the_preset_is_ready_to_lose(self, firm):
        assert asked(firm, 3_001) == "automatic"

    @pytest.mark.parametrize(
        ("preset", "cents", "expected"),
        [
            (Preset.SOUPLE, 10_000, "transaction_risk"),
            (Preset.SOUPLE, 10_001, "automatic"),
            (Preset.STRICT, 1_000, "required"),
        ],
    )
    def test_depends_on_the_preset(self, firm, preset, cents, expected):
        with acting_for(firm.id):
            Vigilance.objects.update(preset=preset)

        assert asked(firm, cents) == expected

    def test_is_not_a_known_browser_that_never_paid_for_this_customer(self, firm):
        other = replace(REGULAR, device="e" * 32)
        neighbour = create_customer(
            organization_id=firm.id,
            actor=firm.actor,
            draft=CustomerDraft(name="Paul Roy", email="paul@example.test"),
            now=business_now(),
        )
        firm.pay(firm.request(4_000, counterparty_id=neighbour.id), payer=other)
        eventually(lambda: latest(firm).state == AttemptState.CAPTURED)

        assert asked(firm, 3_000, other) != "low_value"

    def test_is_not_who_was_spared_as_much_within_a_day(self, firm):
        assert asked(firm, 2_000) == "low_value"
        assert asked(firm, 1_000) == "low_value"
        assert asked(firm, 1_000) == "automatic"

    def test_is_not_the_next_one_who_opens_the_same_link(self, firm):
        request = firm.request(2_500)
        firm.start(request, payer=REGULAR)
        spared = latest(firm)

        firm.start(request, payer=replace(REGULAR, device="e" * 32))

        assert spared.identification == "low_value"
        assert latest(firm).id != spared.id
        assert latest(firm).identification == "automatic"

    def test_is_never_a_large_amount_of_a_new_browser(self, firm):
        assert asked(firm, 60_000, replace(REGULAR, device="f" * 32)) == "required"


class TestWhatItMeans:
    def test_is_told_beside_the_money(self, firm):
        firm.pay(firm.request(2_500), payer=REGULAR)
        eventually(lambda: latest(firm).state == AttemptState.CAPTURED)
        attempt = latest(firm)

        with acting_for(firm.id):
            row = payment(organization_id=firm.id, intent_id=attempt.intent_id)
            light = light_of(row, today=paris_date(business_now()))
        page = signed_in(firm).get(reverse("payment", args=[attempt.intent_id])).content.decode()

        assert attempt.is_spared
        assert "25,00" in light.text
        assert "seraient à votre charge" in light.text
        assert "aucune preuve ne lui a été demandée" in page

    def test_is_not_asked_again_once_a_bank_wanted_a_proof(self, firm):
        request = firm.request(2_500)
        firm.pay(request, WANTS_PROOF_CARD, payer=REGULAR)
        refused = eventually(lambda: reasons(firm))
        first = latest(firm)
        firm.world.control("/clock/advance", {"minutes": 28})  # its page is not handed out again
        firm.start(request, payer=REGULAR)

        assert refused == ["authentication_required"]
        assert first.identification == "low_value"
        assert latest(firm).id != first.id
        assert latest(firm).identification == "required"


def reasons(firm) -> list[str]:
    with acting_for(firm.id):
        return list(AttemptRefusal.objects.values_list("reason", flat=True))
