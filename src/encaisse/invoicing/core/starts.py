"""
What each trade starts from: lines to pick, the usual rate, the usual deposit. Pure.

Rates are those of works in a dwelling finished more than two years ago (CGI art. 279-0 bis, 10 %)
or that save energy (CGI art. 278-0 bis A and M, 5,5 %), else the normal one (art. 278). They are
where one starts from: whoever writes the quote knows the place. No price: nobody else's is theirs.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from encaisse.invoicing.core.amounts import Nature, VatRate
from encaisse.kernel.trades import Trade


@dataclass(frozen=True, slots=True)
class StartingLine:
    """A line without its price and quantity."""

    label: str
    unit: str
    rate: VatRate
    nature: Nature = Nature.SERVICE


@dataclass(frozen=True, slots=True)
class Start:
    """`subject` is an example, `work` what a service is called, `deposit` in per cent."""

    subject: str
    work: str
    rate: VatRate
    deposit: int
    lines: tuple[StartingLine, ...]


def _home(label: str, unit: str = "u") -> StartingLine:
    return StartingLine(label, unit, VatRate.INTERMEDIATE)


def _saving(label: str, unit: str = "u") -> StartingLine:
    return StartingLine(label, unit, VatRate.REDUCED)


def _plain(label: str, unit: str = "u") -> StartingLine:
    return StartingLine(label, unit, VatRate.NORMAL)


def _sold(label: str, unit: str = "u") -> StartingLine:
    return StartingLine(label, unit, VatRate.NORMAL, Nature.GOODS)


_HOUR, _DAY, _SQUARE, _LENGTH, _WHOLE = "h", "jour", "m²", "m", "forfait"
_TRAVEL = _home("Déplacement", _WHOLE)


def _works(subject: str, deposit: int, *lines: StartingLine) -> Start:
    return Start(subject, "Travaux", VatRate.INTERMEDIATE, deposit, (*lines, _TRAVEL))


def _desk(subject: str, *lines: StartingLine) -> Start:
    return Start(subject, "Prestation", VatRate.NORMAL, 30, lines)


STARTS: Mapping[Trade, Start] = {
    Trade.PLUMBING: _works(
        "Remplacement du chauffe-eau",
        30,
        _home("Main-d’œuvre plomberie", _HOUR),
        _home("Recherche et réparation de fuite", _WHOLE),
        _home("Chauffe-eau électrique 200 L, fourni et posé"),
        _saving("Chauffe-eau thermodynamique, fourni et posé"),
        _home("Mitigeur, fourni et posé"),
        _home("Entretien annuel de chaudière", _WHOLE),
        _sold("Fourniture seule"),
    ),
    Trade.ELECTRICITY: _works(
        "Mise en sécurité du tableau électrique",
        30,
        _home("Main-d’œuvre électricité", _HOUR),
        _home("Tableau électrique, fourni et posé"),
        _home("Point lumineux, fourni et posé"),
        _home("Prise de courant, fournie et posée"),
        _saving("Borne de recharge, fournie et posée"),
        _home("Dépannage", _WHOLE),
        _sold("Fourniture seule"),
    ),
    Trade.JOINERY: _works(
        "Pose de trois fenêtres",
        40,
        _home("Main-d’œuvre menuiserie", _HOUR),
        _saving("Fenêtre double vitrage, fournie et posée"),
        _home("Porte intérieure, fournie et posée"),
        _home("Placard sur mesure, fourni et posé"),
        _home("Parquet, fourni et posé", _SQUARE),
        _sold("Meuble sur mesure, livré sans pose"),
    ),
    Trade.CONSTRUCTION: _works(
        "Ouverture d’un mur porteur",
        30,
        _home("Main-d’œuvre maçonnerie", _HOUR),
        _home("Démolition et évacuation des gravats", "m³"),
        _home("Mur en parpaings", _SQUARE),
        _home("Dalle de béton", _SQUARE),
        _home("Enduit de façade", _SQUARE),
        _plain("Construction neuve", _SQUARE),
        _home("Traitement des déchets du chantier", _WHOLE),
    ),
    Trade.ROOFING: _works(
        "Réfection de la toiture",
        30,
        _home("Main-d’œuvre couverture", _HOUR),
        _home("Tuiles, fournies et posées", _SQUARE),
        _home("Gouttière en zinc, fournie et posée", _LENGTH),
        _home("Démoussage de toiture", _SQUARE),
        _saving("Isolation des rampants", _SQUARE),
        _home("Échafaudage", _WHOLE),
        _home("Traitement des déchets du chantier", _WHOLE),
    ),
    Trade.PAINTING: _works(
        "Peinture du séjour",
        30,
        _home("Main-d’œuvre peinture", _HOUR),
        _home("Préparation des murs", _SQUARE),
        _home("Peinture, deux couches", _SQUARE),
        _home("Papier peint, fourni et posé", _SQUARE),
        _home("Sol souple, fourni et posé", _SQUARE),
        _home("Protection et nettoyage du chantier", _WHOLE),
    ),
    # Gardens are no dwellings: the normal rate, whatever the age of the house.
    Trade.GARDENS: Start(
        "Création d’une terrasse",
        "Travaux",
        VatRate.NORMAL,
        30,
        (
            _plain("Main-d’œuvre paysage", _HOUR),
            _plain("Tonte et ramassage", _WHOLE),
            _plain("Taille de haie", _LENGTH),
            _plain("Terrasse en bois, fournie et posée", _SQUARE),
            _plain("Plantation, plant fourni"),
            _plain("Évacuation des déchets verts", "m³"),
            _plain("Déplacement", _WHOLE),
        ),
    ),
    Trade.CONSULTING: _desk(
        "Accompagnement de trois mois",
        _plain("Conseil", _DAY),
        _plain("Animation d’un atelier", "demi-journée"),
        _plain("Formation", _DAY),
        _plain("Rédaction d’un rapport", _WHOLE),
        _plain("Frais de déplacement", _WHOLE),
    ),
    Trade.DIGITAL: _desk(
        "Création du site",
        _plain("Développement", _DAY),
        _plain("Conception graphique", _DAY),
        _plain("Création de site", _WHOLE),
        _plain("Maintenance", "mois"),
        _plain("Hébergement", "an"),
        _plain("Assistance", _HOUR),
    ),
    Trade.OTHER: _desk(
        "Votre prestation",
        _plain("Prestation", _HOUR),
        _plain("Prestation au forfait", _WHOLE),
        _plain("Déplacement", _WHOLE),
        _sold("Vente", "u"),
    ),
}
# A firm that never said its trade goes on as before: a job at somebody's home.
_UNSAID = Start("Remplacement du chauffe-eau", "Travaux", VatRate.INTERMEDIATE, 30, ())


def start_of(trade: Trade) -> Start:
    return STARTS.get(trade, _UNSAID)
