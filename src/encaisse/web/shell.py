"""The frame around every page: six sections, their tabs, what may be created."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from encaisse.identity.open_sessions import number_elsewhere
from encaisse.kit.clock import business_now, paris_date
from encaisse.kit.proxies import is_seen_elsewhere
from encaisse.organizations.core import Permission, Role, allows
from encaisse.security.queries import Reader, number_open
from encaisse.web.access import MemberRequest
from encaisse.web.help.words.pages import EXPLANATIONS
from encaisse.web.help.words.shapes import Explanation

_P = Permission


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    route: str
    permission: Permission | None


@dataclass(frozen=True, slots=True)
class Section:
    label: str
    icon: str
    tabs: tuple[Tab, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """A tab or a section as one person sees it on one page."""

    label: str
    url: str
    icon: str
    is_current: bool


SECTIONS = (
    Section(
        "Aujourd’hui",
        "today",
        (
            Tab("Aujourd’hui", "home", _P.DASHBOARD_READ),
            Tab("Tableau de bord", "dashboard", _P.DASHBOARD_READ),
        ),
    ),
    Section(
        "Encaisser",
        "collect",
        (
            Tab("Demandes", "requests", _P.PAYMENTS_READ),
            Tab("Paiements", "payments", _P.PAYMENTS_READ),
            Tab("À vérifier", "reviews", _P.FRAUD_READ),
            Tab("Contestations", "disputes", _P.PAYMENTS_READ),
        ),
    ),
    Section(
        "Factures",
        "invoice",
        (
            Tab("Factures", "invoices", _P.INVOICES_READ),
            Tab("Devis", "quotes", _P.QUOTES_READ),
            Tab("Clients", "customers", _P.CUSTOMERS_READ),
        ),
    ),
    Section(
        "Trésorerie",
        "bank",
        (
            Tab("Comptes", "bank", _P.BANK_READ),
            Tab("Mouvements", "transactions", _P.BANK_READ),
            Tab("À rapprocher", "unmatched", _P.BANK_READ),
            Tab("Preuve", "three_way", _P.BANK_READ),
        ),
    ),
    Section(
        "Réglages",
        "settings",
        (
            Tab("Entreprise", "firm", _P.SETTINGS_READ),
            Tab("Des preuves", "proofs", _P.SETTINGS_READ),
            Tab("Équipe", "members", _P.MEMBERS_READ),
            Tab("Clés d’API", "api_keys", _P.API_KEYS_MANAGE),
            Tab("Webhooks", "endpoints", _P.API_KEYS_MANAGE),
        ),
    ),
    Section(
        "Sécurité",
        "shield",
        (
            Tab("À signer", "operations", _P.OPERATIONS_SIGN),
            Tab("Alertes", "alerts", _P.DASHBOARD_READ),
            Tab("Fraude", "vigilance", _P.FRAUD_READ),
            Tab("Règles", "safeguards", _P.SETTINGS_READ),
            Tab("Journal", "audit", _P.AUDIT_READ),
            Tab("Ma connexion", "mfa_index", None),
        ),
    ),
)
CREATE = (
    Tab("Devis", "quote_new", _P.QUOTES_WRITE),
    Tab("Facture", "invoice_new", _P.INVOICES_ISSUE),
    Tab("Demande de paiement", "request_new", _P.PAYMENTS_REQUEST),
    Tab("Client", "customer_new", _P.CUSTOMERS_WRITE),
    Tab("Relevé de banque", "bank_import", _P.BANK_IMPORT),
    Tab("Personne de l’équipe", "member_invite", _P.MEMBERS_MANAGE),
)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return what the base templates need; the number of alerts is read where it is shown."""
    place = getattr(request, "place", None)
    context: dict[str, Any] = {
        "csp_nonce": getattr(request, "csp_nonce", ""),
        "explained": _explained(request),
        "is_demo": settings.DEMO,
        "sandbox_url": settings.ENCAISSE_SANDBOX_URL,
        # A telephone of the network sees the demonstration, and not the world behind it.
        "is_seen_elsewhere": settings.DEMO and is_seen_elsewhere(),
        "sessions_elsewhere": lambda: _sessions_elsewhere(request),
    }
    if place is None:
        return context
    tabs = _tabs(request.path, place.role)
    return context | {
        "place": place,
        "alerts_open": lambda: _alerts_open(request),
        "today": paris_date(business_now()),
        "sections": _sections(request.path, place.role),
        "tabs": tabs if len(tabs) > 1 else [],
        "create_links": [
            Link(tab.label, reverse(tab.route), "", False)
            for tab in CREATE
            if sees(place.role, tab)
        ],
    }


def _explained(request: HttpRequest) -> Explanation | None:
    match = request.resolver_match
    return EXPLANATIONS.get(match.url_name or "") if match else None


def _alerts_open(request: HttpRequest) -> int:
    member: MemberRequest = request  # type: ignore[assignment]  # it has a place, seen above
    place = member.place
    return number_open(
        reader=Reader(
            organization_id=place.organization_id, user_id=member.user.id, role=place.role
        )
    )


def _sessions_elsewhere(request: HttpRequest) -> int:
    if not request.user.is_authenticated:
        return 0
    here = request.session.session_key or ""
    return number_elsewhere(user_id=request.user.id, here=here, real_now=timezone.now())


def _sections(path: str, role: Role) -> list[Link]:
    here = _current(path)
    links = []
    for section in SECTIONS:
        seen = [tab for tab in section.tabs if sees(role, tab)]
        if seen:
            is_current = here is not None and here in section.tabs
            links.append(Link(section.label, reverse(seen[0].route), section.icon, is_current))
    return links


def _tabs(path: str, role: Role) -> list[Link]:
    here = _current(path)
    section = next((section for section in SECTIONS if here in section.tabs), None)
    if section is None:
        return []
    seen = [tab for tab in section.tabs if sees(role, tab)]
    return [Link(tab.label, reverse(tab.route), "", tab == here) for tab in seen]


def _current(path: str) -> Tab | None:
    """Return the tab whose address is the longest beginning of this one."""
    found = [
        (len(url), tab)
        for section in SECTIONS
        for tab in section.tabs
        if path.startswith(url := reverse(tab.route)) and (url != "/" or path == "/")
    ]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def sees(role: Role, tab: Tab) -> bool:
    return tab.permission is None or allows(role, tab.permission)
