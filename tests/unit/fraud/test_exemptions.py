"""Who is spared a proof: a recognised payer of a small amount in whom nothing surprises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encaisse.fraud.core.exemptions import SPARED_CENTS, spared_cents
from encaisse.fraud.core.verdicts import Verdict
from encaisse.risk.presets import Preset

RECOGNISED = {
    "device_known": True,
    "customer_known": True,
    "customer_device_new": False,
    "lists_unread": False,
}


@pytest.mark.parametrize(
    ("preset", "cents"),
    [(Preset.SOUPLE, 100_00), (Preset.EQUILIBRE, 30_00), (Preset.STRICT, 0)],
)
def test_goes_as_far_as_the_preset(preset, cents):
    assert spared_cents(preset, RECOGNISED, Verdict.ALLOW, is_quiet=True) == cents


@given(
    st.sampled_from(Preset),
    st.fixed_dictionaries({name: st.sampled_from([True, False, None]) for name in RECOGNISED}),
    st.sampled_from(Verdict),
    st.booleans(),
)
def test_spares_nobody_else(preset, facts, verdict, is_quiet):
    spared = spared_cents(preset, facts, verdict, is_quiet=is_quiet)

    is_calm = verdict is Verdict.ALLOW and is_quiet and facts == RECOGNISED
    assert spared == (SPARED_CENTS[preset] if is_calm else 0)
