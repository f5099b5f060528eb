"""The trades of small firms: what a newcomer is offered to start from. Pure."""

from collections.abc import Mapping
from enum import StrEnum


class Trade(StrEnum):
    """What a firm lives from. UNSAID is a firm that was never asked, or does not say."""

    UNSAID = ""
    PLUMBING = "plumbing"
    ELECTRICITY = "electricity"
    JOINERY = "joinery"
    CONSTRUCTION = "construction"
    ROOFING = "roofing"
    PAINTING = "painting"
    GARDENS = "gardens"
    CONSULTING = "consulting"
    DIGITAL = "digital"
    OTHER = "other"


TRADE_WORDS: Mapping[Trade, str] = {
    Trade.PLUMBING: "Plomberie, chauffage",
    Trade.ELECTRICITY: "Électricité",
    Trade.JOINERY: "Menuiserie",
    Trade.CONSTRUCTION: "Maçonnerie, gros œuvre",
    Trade.ROOFING: "Couverture, charpente",
    Trade.PAINTING: "Peinture, sols",
    Trade.GARDENS: "Paysage, jardins",
    Trade.CONSULTING: "Conseil, formation",
    Trade.DIGITAL: "Informatique, web",
    Trade.OTHER: "Autre métier",
}

# Trades whose quotes and invoices must name an insurance (loi 96-603 du 5 juillet 1996, art. 22-2).
BUILDING = frozenset(
    {
        Trade.PLUMBING,
        Trade.ELECTRICITY,
        Trade.JOINERY,
        Trade.CONSTRUCTION,
        Trade.ROOFING,
        Trade.PAINTING,
    }
)
