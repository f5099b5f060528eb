"""How careful the firm chose to be with payments. To be less so, the change itself is signed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from encaisse.audit import services as audit
from encaisse.fraud.models import Vigilance
from encaisse.fraud.services.memory import vigilance_of
from encaisse.fraud.services.sharing import join_as_signed
from encaisse.kernel.actor import Actor
from encaisse.kernel.money import Money
from encaisse.kernel.trades import TRADE_WORDS, Trade
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import OperationKind
from encaisse.organizations.errors import OperationChanged
from encaisse.organizations.operations import Content, Draft
from encaisse.organizations.signed import PRESET_WORDS
from encaisse.risk.presets import Preset, strictest


@dataclass(frozen=True, slots=True)
class Choice:
    """
    A preset, the trade whose rules are started from, and the amount from which two people let a
    held payment through; None is never.
    """

    preset: Preset
    review_ceiling: Money | None
    trade: Trade = Trade.UNSAID


def choice_of(*, organization_id: UUID, now: datetime) -> Choice:
    with acting_for(organization_id):
        return _choice(vigilance_of(organization_id=organization_id, now=now))


def loosens(before: Choice, after: Choice) -> bool:
    """
    Tell whether less might be looked at than now, or by fewer people.

    The rules of another trade look at other things: nobody can say that they look at no less.
    """
    return (
        strictest([before.preset, after.preset]) is not after.preset
        or before.trade is not after.trade
        or _is_higher(before.review_ceiling, after.review_ceiling)
    )


def choose_vigilance(*, organization_id: UUID, actor: Actor, choice: Choice, now: datetime) -> UUID:
    """Take a preset and a ceiling; they hold from the next payment on."""
    with acting_for(organization_id):
        row = vigilance_of(organization_id=organization_id, now=now, lock=True)
        return _take(row, actor, choice, now)


def vigilance_draft(before: Choice, after: Choice) -> Draft:
    """Describe what a firm would have instead of what it has."""
    changes = []
    if before.preset is not after.preset:
        changes.append(f"vigilance {PRESET_WORDS[before.preset]} → {PRESET_WORDS[after.preset]}")
    if before.trade is not after.trade:
        changes.append(f"règles de départ : {_trade_words(before)} → {_trade_words(after)}")
    if before.review_ceiling != after.review_ceiling:
        words = f"{_ceiling_words(before)} → {_ceiling_words(after)}"
        changes.append(f"deux personnes pour libérer un paiement : {words}")
    return Draft(
        kind=OperationKind.VIGILANCE,
        title="Surveiller moins les paiements",
        payee=" ; ".join(changes),
        content={"before": _written(before), "after": _written(after)},
    )


def vigilance_as_signed(
    organization_id: UUID, actor: Actor, content: Content, now: datetime
) -> UUID:
    """
    Do what was signed about how payments are watched.

    :raises OperationChanged: the choice has changed since it was asked
    """
    if "sharing" in content:
        return join_as_signed(organization_id, actor, content, now)
    with acting_for(organization_id):
        row = vigilance_of(organization_id=organization_id, now=now, lock=True)
        if _written(_choice(row)) != content["before"]:
            raise OperationChanged
        return _take(row, actor, _read(content["after"]), now)


def _take(row: Vigilance, actor: Actor, choice: Choice, now: datetime) -> UUID:
    written = _written(choice)
    row.preset, row.trade = choice.preset, choice.trade
    row.review_ceiling_minor = written["review_ceiling_minor"]
    row.save(update_fields=["preset", "trade", "review_ceiling_minor"])
    audit.record(
        organization_id=row.organization_id,
        actor=actor,
        action="fraud_vigilance:chosen",
        target=f"fraud_vigilance:{row.id}",
        facts=written,
        now=now,
    )
    return row.id


def _choice(row: Vigilance) -> Choice:
    names = ("preset", "trade", "review_ceiling_minor")
    return _read({name: getattr(row, name) for name in names})


def _read(written: Content) -> Choice:
    ceiling = written["review_ceiling_minor"]
    # An operation asked before trades were known says none.
    trade = Trade(written.get("trade", ""))
    return Choice(Preset(written["preset"]), None if ceiling is None else Money(ceiling), trade)


def _written(choice: Choice) -> Content:
    ceiling = choice.review_ceiling
    return {
        "preset": choice.preset.value,
        "trade": choice.trade.value,
        "review_ceiling_minor": None if ceiling is None else ceiling.minor,
    }


def _is_higher(before: Money | None, after: Money | None) -> bool:
    return before is not None and (after is None or after > before)


def _ceiling_words(choice: Choice) -> str:
    ceiling = choice.review_ceiling
    return "jamais" if ceiling is None else f"au-delà de {ceiling}"


def _trade_words(choice: Choice) -> str:
    return TRADE_WORDS.get(choice.trade, "tous métiers").lower()
