"""What each page is for, by the name of its address."""

from encaisse.web.help.words.pages.account import ACCOUNT
from encaisse.web.help.words.pages.bank import BANK
from encaisse.web.help.words.pages.collect import COLLECT
from encaisse.web.help.words.pages.fraud import FRAUD
from encaisse.web.help.words.pages.papers import PAPERS
from encaisse.web.help.words.pages.security import SECURITY
from encaisse.web.help.words.pages.settings import SETTINGS
from encaisse.web.help.words.pages.today import TODAY
from encaisse.web.help.words.shapes import Explanation

AREAS = (TODAY, COLLECT, PAPERS, BANK, FRAUD, SETTINGS, SECURITY, ACCOUNT)
EXPLANATIONS: dict[str, Explanation] = {
    name: explanation for area in AREAS for name, explanation in area.pages.items()
}
