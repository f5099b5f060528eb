"""What the demonstration's plumber does for a living, and when he is asked to. Pure."""

import random
from dataclasses import dataclass

from encaisse.invoicing.core.amounts import Line, VatRate
from encaisse.kernel.money import Money

# How busy each month is, January first: boilers fail in winter, and August is on holiday.
SEASON = (1.3, 1.2, 1.1, 1.0, 0.95, 0.9, 0.8, 0.45, 1.0, 1.2, 1.35, 1.15)
_HOUR = 48_00


@dataclass(frozen=True, slots=True)
class Work:
    """A kind of job: its hours, its parts in cents, and the VAT that both bear."""

    subject: str
    hours: tuple[int, int]
    parts: tuple[tuple[str, int], ...]
    rate: VatRate = VatRate.INTERMEDIATE
    is_heating: bool = False

    def lines(self, chance: random.Random) -> tuple[Line, ...]:
        """Return the lines of one such job: prices are the same, hours never quite."""
        half_hours = chance.randint(2 * self.hours[0], 2 * self.hours[1])
        labour = Line("Main-d’œuvre", 500 * half_hours, "h", Money(_HOUR), VatRate.INTERMEDIATE)
        return (
            *(Line(label, 1000, "u", Money(cents), self.rate) for label, cents in self.parts),
            labour,
        )


VISITS = (
    Work("Recherche et réparation de fuite", (1, 3), (("Raccords et joints", 24_50),)),
    Work("Débouchage d’évier", (1, 2), (("Déplacement", 45_00),)),
    Work("Remplacement d’un mitigeur", (1, 2), (("Mitigeur de cuisine", 129_00),)),
    Work("Remplacement d’une chasse d’eau", (1, 2), (("Mécanisme complet", 62_00),)),
    Work("Remplacement d’un siphon", (1, 1), (("Siphon et raccords", 31_00),)),
    Work(
        "Entretien annuel de chaudière",
        (1, 2),
        (("Entretien, analyse de combustion comprise", 79_00),),
        VatRate.REDUCED,
        is_heating=True,
    ),
    Work(
        "Dépannage de chaudière",
        (1, 4),
        (("Circulateur", 168_00), ("Déplacement", 45_00)),
        is_heating=True,
    ),
    Work("Purge et équilibrage des radiateurs", (2, 4), (), is_heating=True),
)
SITES = (
    Work("Remplacement du chauffe-eau", (4, 7), (("Chauffe-eau 200 L", 690_00),)),
    Work("Salle de douche", (18, 30), (("Receveur et paroi", 980_00), ("Robinetterie", 310_00))),
    Work("Création d’un point d’eau", (6, 10), (("Tubes et raccords", 185_00),)),
    Work(
        "Remplacement de la chaudière",
        (12, 18),
        (("Chaudière à condensation", 2_450_00), ("Fumisterie", 320_00)),
        VatRate.REDUCED,
        is_heating=True,
    ),
    Work(
        "Pose de trois radiateurs",
        (8, 12),
        (("Radiateurs", 870_00), ("Tubes et vannes", 210_00)),
        is_heating=True,
    ),
)


def chosen(works: tuple[Work, ...], month: int, chance: random.Random) -> Work:
    """Return a job that somebody asks for in that month."""
    weights = [SEASON[month - 1] ** 3 if work.is_heating else 1.0 for work in works]
    return chance.choices(works, weights)[0]
