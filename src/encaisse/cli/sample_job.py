"""The job that the demonstration and the journey tell: one line per VAT rate."""

from encaisse.invoicing.core.amounts import Line, VatRate
from encaisse.kernel.money import Money

SUBJECT = "Remplacement du chauffe-eau"
LINES = (
    Line("Chauffe-eau 200 L, fourni et posé", 1000, "u", Money(890_00), VatRate.REDUCED),
    Line("Main-d’œuvre", 6500, "h", Money(48_00), VatRate.INTERMEDIATE),
    Line("Mise en déchetterie", 1000, "forfait", Money(35_50), VatRate.NORMAL),
)
