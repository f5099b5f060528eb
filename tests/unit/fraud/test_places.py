"""Parts of France with a code of their own are not abroad."""

from datetime import UTC, datetime

import pytest

from encaisse.fraud.core.facts import gather
from encaisse.fraud.core.passage import Passage, Stage


def places(card: str, address: str, home: str = "FR"):
    passage = Passage(
        at=datetime(2026, 11, 2, 10, tzinfo=UTC), stage=Stage.ANSWERED, cents=10_000,
        method="card", card_country=card, address_country=address, billing_country=home,
    )  # fmt: skip
    return gather(passage, {})


@pytest.mark.parametrize("part", ["RE", "GP", "MQ", "GF", "YT", "PM", "BL", "MF"])
def test_a_card_of_paris_used_in_a_part_of_france_is_at_home(part):
    found = places("FR", part)

    assert not found["countries_disagree"]
    assert not found["address_abroad"]
    assert not places(part, part)["card_far"]


def test_other_countries_still_disagree():
    assert places("FR", "US")["countries_disagree"]
    assert places("XX", "FR")["card_far"]
