"""The policies: how careful each preset is, and what a verdict leads to."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import lru_cache

from encaisse.fraud.core.facts import FACT_TYPES
from encaisse.fraud.core.starter_rules import rules_for
from encaisse.fraud.core.verdicts import Verdict
from encaisse.kernel.trades import Trade
from encaisse.risk.decide import Decision, Policy, decide
from encaisse.risk.presets import Preset
from encaisse.risk.rules import Facts, Rule, read_rule

VERSION = 4
# Versions that decided as this one does on what they had: 3 added a rule about facts that nobody
# had before it (`reported_elsewhere`), 4 the rules of trades, which nobody had said before it.
REPEATABLE = frozenset({2, 3, VERSION})
# Somebody tries cards one after the other: the link itself is closed to cards.
_TRYING_CARDS = frozenset({"link_refusals", "link_cards"})
# What no customer's habits explain: a link that never closed would let thieves try cards for weeks.
NEVER_PAUSED = _TRYING_CARDS | {"listed", "fraud_same_card", "fraud_same_device"}
# What a person who opens a link again has judged: the cards tried on it before.
JUDGED_BY_RELEASE = "link_cards"


def policy_of(
    preset: Preset,
    *,
    trade: Trade = Trade.UNSAID,
    rules: Collection[Rule] = (),
    without: Collection[str] = (),
) -> Policy:
    """Return a preset's policy for a trade, the firm's rules added, those it snoozed left out."""
    return _policy(preset, trade, tuple(rules), frozenset(without))


@lru_cache(maxsize=256)
def _policy(
    preset: Preset, trade: Trade, rules: tuple[Rule, ...], without: frozenset[str]
) -> Policy:
    """Put a policy together once: most decisions of a firm are made on the same one."""
    challenge, hold, block = _THRESHOLDS[preset]
    thresholds: dict[str, int] = {
        Verdict.CHALLENGE: challenge,
        Verdict.HOLD: hold,
        Verdict.BLOCK: block,
    }
    kept = [rule for rule in (*_STARTERS[trade], *rules) if rule.code not in without]
    return Policy(
        name=preset,
        version=VERSION,
        scale=tuple(Verdict),
        thresholds=thresholds,
        rules=tuple(kept),
        when_broken=Verdict.HOLD,
    )


def weigh(policy: Policy, facts: Facts) -> Decision:
    """
    Decide, then let whoever the firm always lets through be asked for a proof at most.

    Being on both lists, or facts that could not be weighed, is looked at by a person as ever. So
    are cards tried on a link: whoever found a trusted customer's link is not that customer.
    """
    decision = decide(policy, facts)
    doubtful = facts["listed_block"] or decision.broken or suspends(decision)
    trusted = facts["listed_allow"] and not doubtful
    if trusted and Verdict(decision.verdict) in {Verdict.HOLD, Verdict.BLOCK}:
        return replace(decision, verdict=Verdict.CHALLENGE)
    return decision


def suspends(decision: Decision) -> bool:
    """Tell whether the link itself must wait for a person, and not this payment only."""
    return any(reason.code in _TRYING_CARDS for reason in decision.reasons)


def after_the_answer(decision: Decision, facts: Facts) -> Verdict:
    """
    Return what to do with money the payer's bank agreed to.

    A proof of identity was wanted and the bank gave none: somebody looks before it is taken.
    """
    verdict = Verdict(decision.verdict)
    if verdict is Verdict.CHALLENGE:
        return Verdict.ALLOW if facts["is_authenticated"] else Verdict.HOLD
    return verdict


# Score from which each preset asks for a proof, holds for a person, refuses.
_THRESHOLDS: Mapping[Preset, tuple[int, int, int]] = {
    Preset.SOUPLE: (40, 70, 150),
    Preset.EQUILIBRE: (25, 50, 110),
    Preset.STRICT: (10, 35, 80),
}
_STARTERS: Mapping[Trade, tuple[Rule, ...]] = {
    trade: tuple(read_rule(written, facts=FACT_TYPES) for written in rules_for(trade))
    for trade in Trade
}
