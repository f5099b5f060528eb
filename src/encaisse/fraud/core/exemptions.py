"""
Sparing a payer the proof of who they are, where nothing surprises. Pure.

The merchant's side may ask for it (delegated regulation (EU) 2018/389): up to 30 euros (article
16), or where the risk is analysed as low (article 18). The payer's bank decides, and a fraud is
then the merchant's loss: so it is asked for whoever is recognised only, as far as the preset goes.
Payments that the payer does not start are outside of that law, and no exemption.
"""

from collections.abc import Mapping

from encaisse.fraud.core.verdicts import Verdict
from encaisse.risk.presets import Preset
from encaisse.risk.rules import Facts

LOW_VALUE_CENTS = 30_00
_LOW_RISK_CENTS = 100_00
# What each preset is ready to lose for a payer who notices nothing.
SPARED_CENTS: Mapping[Preset, int] = {
    Preset.SOUPLE: _LOW_RISK_CENTS,
    Preset.EQUILIBRE: LOW_VALUE_CENTS,
    Preset.STRICT: 0,
}


def spared_cents(preset: Preset, facts: Facts, verdict: Verdict, *, is_quiet: bool) -> int:
    """
    Return up to how many cents this payer is spared a proof; 0 where they are not recognised.

    `is_quiet` says that no rule and no model had anything to say. Their browser must be one that
    this very customer has used here: two who are known, and never met, recognise nobody. What was
    not asked of a list that did not answer is not known either.
    """
    is_recognised = (
        facts.get("device_known") is True
        and facts.get("customer_known") is True
        and facts.get("customer_device_new") is False
    )
    is_low_risk = verdict is Verdict.ALLOW and is_quiet and facts.get("lists_unread") is False
    return SPARED_CENTS[preset] if is_recognised and is_low_risk else 0
