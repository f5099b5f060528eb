"""Whom the demonstration's plumber works for. Invented people; the same each time. Pure."""

import random
from dataclasses import dataclass
from enum import StrEnum

_FIRST = """
Camille Louise Emma Jade Alice Chloé Inès Manon Sarah Julie Claire Sophie Nathalie Isabelle
Paul Louis Gabriel Hugo Arthur Jules Lucas Nathan Thomas Antoine Nicolas Julien Marc Philippe
"""
_LAST = """
Leroy Moreau Girard Bonnet Dupont Lambert Fontaine Rousseau Vincent Muller Lefèvre Faure
Andrieu Mercier Blanc Guérin Boyer Garnier Chevalier Legrand Gautier Garcia Perrin Robin
Clément Morin Henry Roussel Mathieu Gauthier Masson Marchand Duval Denis Lemaire Noël
"""
_PROFESSIONALS = (
    "Syndic des Quais",
    "Agence du Bouffay",
    "Boulangerie Au Bon Levain",
    "Cabinet dentaire Graslin",
    "Restaurant La Cale",
    "Crèche Les Petits Pas",
    "Garage de la Loire",
    "Hôtel du Passage",
    "Gîtes de l’Erdre",
    "Coiffure Talensac",
)
_STREETS = ("rue des Tilleuls", "allée du Port", "rue Haute", "avenue des Pins", "impasse du Four")
_TOWNS = (("44000", "Nantes"), ("44100", "Nantes"), ("44800", "Saint-Herblain"), ("44400", "Rezé"))
_PRIVATE_COUNT = 118
# Numbers that no bank issued, each ending with its check digit (ISO/IEC 7812-1, annex B).
_CARD_STARTS = ("424242", "555555")
CARD_DIGITS = 16


class Way(StrEnum):
    """How somebody is used to paying."""

    CARD = "card"
    BANK = "bank"  # from their bank, started on the payer's page
    TRANSFER = "transfer"  # by themselves, with the reference of the invoice


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has a plumber come, with what they pay by and from where."""

    name: str
    email: str
    phone: str
    street: str
    postal_code: str
    city: str
    way: Way
    card: str
    address: str
    device: str
    is_professional: bool = False


def people(chance: random.Random) -> list[Person]:
    """Return everybody, professionals first."""
    first, last = _FIRST.split(), _LAST.split()
    names = [(name, True) for name in _PROFESSIONALS]
    names += [
        (f"{chance.choice(first)} {chance.choice(last)}", False) for _ in range(_PRIVATE_COUNT)
    ]
    return [
        person(index, name, chance, is_professional=is_professional)
        for index, (name, is_professional) in enumerate(names)
    ]


def person(
    index: int, name: str, chance: random.Random, *, is_professional: bool = False, card: str = ""
) -> Person:
    """
    Return one person; each number is somebody with a device, a network and a card of theirs.

    Whoever is given a card pays with it.
    """
    postal_code, city = chance.choice(_TOWNS)
    ways = (Way.TRANSFER, Way.BANK) if is_professional else (Way.CARD, Way.CARD, Way.BANK)
    way = chance.choice(ways)
    return Person(
        name=name,
        email=f"client{index:03d}@boite-{index % 7}.example",
        phone=f"0639980{index:03d}",
        street=f"{chance.randint(1, 90)} {chance.choice(_STREETS)}",
        postal_code=postal_code,
        city=city,
        way=Way.CARD if card else way,
        card=card or numbered_card(_CARD_STARTS[index % 5 == 0], index),
        # RFC 3849: addresses for documentation, a network for each.
        address=f"2001:db8:{index:x}::{chance.randint(1, 9)}",
        device=f"{index:032x}",
        is_professional=is_professional,
    )


def numbered_card(start: str, number: int) -> str:
    """Return the number-th card whose number begins so."""
    digits = f"{start}{number:0{CARD_DIGITS - 1 - len(start)}d}"
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(digits)]
    total = sum(number - 9 if number > 9 else number for number in doubled)
    return f"{digits}{-total % 10}"
