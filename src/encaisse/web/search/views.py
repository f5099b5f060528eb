"""One field that finds anything, leads anywhere and creates: on its page, or under the field."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from encaisse.kernel.text import search_key
from encaisse.organizations.core import Permission, Role
from encaisse.reporting.search.finding import MOST_HITS, Book, Hit, search
from encaisse.reporting.search.terms import LARGEST_TEXT, read_terms
from encaisse.web.access import MemberRequest, member_page
from encaisse.web.help.entries import every_entry
from encaisse.web.help.words.finding import find, search_words
from encaisse.web.shell import CREATE, SECTIONS, sees

_MOST_PLACES = 5
# Shorter, a title of help holds it by chance.
_LEAST_HELP = 4


@dataclass(frozen=True, slots=True)
class Found:
    """One book's hits with the address of each."""

    label: str
    hits: list[tuple[Hit, str]]


@dataclass(frozen=True, slots=True)
class Way:
    """A page to go to, or something to create."""

    label: str
    url: str


_BOOKS = {
    Book.CUSTOMERS: ("Clients", "customer"),
    Book.INVOICES: ("Factures", "invoice"),
    Book.QUOTES: ("Devis", "quote"),
    Book.PAYMENTS: ("Paiements", "payment"),
    Book.REQUESTS: ("Demandes de paiement", "request"),
    Book.BANK: ("Mouvements de banque", "transactions"),
}


@require_GET
@member_page(Permission.DASHBOARD_READ)
def show(request: MemberRequest) -> HttpResponse:
    text = request.GET.get("q", "")[:LARGEST_TEXT].strip()
    hits = search(
        organization_id=request.organization_id, role=request.role, terms=read_terms(text)
    )
    context = {
        "text": text,
        "found": [_found(book, found) for book, found in hits.items()],
        "ways": _ways(request.role, text),
        "help": _help(text),
        "is_cut": any(len(found) >= MOST_HITS for found in hits.values()),
    }
    is_fragment = request.headers.get("HX-Target") == "trouve"
    return render(request, "search/_found.html" if is_fragment else "search/show.html", context)


def _found(book: Book, hits: Sequence[Hit]) -> Found:
    label, route = _BOOKS[book]
    if book is Book.BANK:
        return Found(label, [(hit, f"{reverse(route)}?ligne={hit.id}") for hit in hits])
    return Found(label, [(hit, reverse(route, args=[hit.id])) for hit in hits])


def _ways(role: Role, text: str) -> list[Way]:
    """Return the pages whose name holds what is typed, creations first."""
    key = search_key(text)
    if not key:
        return []
    ways = [Way("Aide", reverse("help"))]
    ways += [Way(f"Créer : {tab.label}", reverse(tab.route)) for tab in CREATE if sees(role, tab)]
    for section in SECTIONS:
        ways += [
            Way(f"{section.label} › {tab.label}", reverse(tab.route))
            for tab in section.tabs
            if sees(role, tab)
        ]
    return [way for way in ways if key in search_key(way.label)][:_MOST_PLACES]


def _help(text: str) -> Way | None:
    """Return the way to help where it has an entry of this very name: work is found first."""
    words = search_words(text)
    if len(text) < _LEAST_HELP:
        return None
    named = (one for one in find(text, every_entry()) if all(word in one.named for word in words))
    best = next(named, None)
    if best is None:
        return None
    return Way(f"Aide : {best.title}", f"{reverse('help')}?{urlencode({'q': text})}")
