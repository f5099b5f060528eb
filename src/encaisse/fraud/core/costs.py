"""
What a fraud costs, line by line.

Two sums that are never added together: what leaves the till, and what is missing beside an honest
job. Materials bought and wages paid are in both; the price of the job is in the second only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Block(StrEnum):
    DIRECT = "direct"
    FREEZE = "freeze"
    REMEDIATION = "remediation"
    LOST_BUSINESS = "lost_business"


class Unit(StrEnum):
    EUROS = "euros"
    DAYS = "days"
    HOURS = "hours"
    PERCENT = "percent"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Item:
    """One line: `default` is in its unit, `source` says where the figure comes from."""

    code: str
    block: Block
    unit: Unit
    label: str
    default: int
    source: str


_ARTICLE = "L’exemple de l’électricien à 5 000 €."
_YOURS = "À remplacer par votre chiffre."
ITEMS: Sequence[Item] = (
    Item("payment", Block.DIRECT, Unit.EUROS, "Paiement repris par la banque", 5_000, _ARTICLE),
    Item("materials", Block.DIRECT, Unit.EUROS, "Matériel acheté", 2_000, _ARTICLE),
    Item("wages", Block.DIRECT, Unit.EUROS, "Salaires du chantier", 1_500, _ARTICLE),
    Item("fees", Block.DIRECT, Unit.EUROS, "Frais de contestation et de banque", 200, _ARTICLE),
    Item("days", Block.FREEZE, Unit.DAYS, "Jours où le compte est bloqué", 0, _YOURS),
    Item("day_sales", Block.FREEZE, Unit.EUROS, "Encaissements d’un jour ordinaire", 0, _YOURS),
    Item("rate", Block.FREEZE, Unit.PERCENT, "Coût annuel du découvert", 12, _YOURS),
    Item(
        "hours",
        Block.REMEDIATION,
        Unit.HOURS,
        "Heures passées (dossier, banque)",
        0,
        _YOURS,
    ),
    Item("hour_cost", Block.REMEDIATION, Unit.EUROS, "Coût d’une heure de votre temps", 45, _YOURS),
    Item("help", Block.REMEDIATION, Unit.EUROS, "Avocat, expert, informatique", 0, _YOURS),
    Item("customers", Block.LOST_BUSINESS, Unit.COUNT, "Chantiers perdus ou reportés", 0, _YOURS),
    Item("job_margin", Block.LOST_BUSINESS, Unit.EUROS, "Marge d’un chantier", 0, _YOURS),
)
BLOCK_WORDS: Mapping[Block, str] = {
    Block.DIRECT: "Perte directe",
    Block.FREEZE: "Jours de blocage",
    Block.REMEDIATION: "Remise en ordre",
    Block.LOST_BUSINESS: "Affaires perdues",
}
_DAYS_A_YEAR = 365


@dataclass(frozen=True, slots=True)
class Bill:
    """
    All amounts in euros, rounded to the unit, half away from zero.

    `listed` is the article's own sum of its four lines: payment, materials, wages and fees.
    `cash_out` leaves the till: the payment came in and went back, so it counts for nothing.
    `against_honest_job` is what is missing beside the same job paid for good: the price that was
    not kept, and the fees; materials and wages would have been spent all the same.
    """

    blocks: Mapping[Block, int]
    listed: int
    cash_out: int
    against_honest_job: int

    @property
    def total_cash(self) -> int:
        """Return the cash out of all four blocks, nothing counted twice."""
        others = sum(cost for block, cost in self.blocks.items() if block is not Block.DIRECT)
        return self.cash_out + others


def bill(values: Mapping[str, int]) -> Bill:
    """Return what these figures add up to; a line that is not given counts as its default."""
    known = {item.code: values.get(item.code, item.default) for item in ITEMS}
    spent = known["materials"] + known["wages"] + known["fees"]
    blocks = {
        Block.DIRECT: known["payment"] + spent,
        Block.FREEZE: _overdraft(known["days"], known["day_sales"], known["rate"]),
        Block.REMEDIATION: known["hours"] * known["hour_cost"] + known["help"],
        Block.LOST_BUSINESS: known["customers"] * known["job_margin"],
    }
    return Bill(
        blocks=blocks,
        listed=known["payment"] + spent,
        cash_out=spent,
        against_honest_job=known["payment"] + known["fees"],
    )


def _overdraft(days: int, day_sales: int, percent: int) -> int:
    """
    Return what borrowing costs while takings do not come in.

    Each day adds one day's takings to what is missing: n days owe n(n+1)/2 days of takings.
    """
    owed = day_sales * days * (days + 1) // 2
    year = 100 * _DAYS_A_YEAR
    return (2 * owed * percent + year) // (2 * year)
