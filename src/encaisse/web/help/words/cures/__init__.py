"""What to do about each error code."""

from encaisse.web.help.words.cures.access import ACCESS
from encaisse.web.help.words.cures.fraud import FRAUD
from encaisse.web.help.words.cures.general import ANYWHERE, PROGRAMS, SERVER
from encaisse.web.help.words.cures.money import MONEY
from encaisse.web.help.words.cures.papers import BANK, PAPERS
from encaisse.web.help.words.cures.team import TEAM
from encaisse.web.help.words.shapes import Cure

FAMILIES = (MONEY, PAPERS, BANK, FRAUD, ACCESS, TEAM, ANYWHERE, PROGRAMS, SERVER)
CURES: dict[str, Cure] = {code: cure for family in FAMILIES for code, cure in family.cures.items()}
