"""What happened at the door of one's own account, and what is open now."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from encaisse.identity import open_sessions
from encaisse.identity.access import accesses_of
from encaisse.identity.devices import devices, forget
from encaisse.identity.models import AccessEvent, Session
from encaisse.identity.open_sessions import end_all_sessions, end_session, name_of
from encaisse.identity.proofs import PROOF_WORDS, Outcome, Proof
from encaisse.identity.sessions import stored_key
from encaisse.kernel.errors import NotFound
from encaisse.kit.places import country_words
from encaisse.organizations.core import OperationKind
from encaisse.risk.access import SIGN_IN
from encaisse.risk.presets import Level
from encaisse.web.access import SignedInRequest, just_proven, signed_in_page
from encaisse.web.errors import error_page

_OWN = "each person sees their own account only"
_SHOWN = 50
_ACTIONS = {
    SIGN_IN: "Connexion",
    OperationKind.REFUND: "Remboursement",
    OperationKind.COLLECT_ON: "Changement de compte bancaire",
    OperationKind.CONNECT_PROVIDER: "Changement de compte du prestataire",
    OperationKind.EXPORT_ALL: "Export",
    OperationKind.GIVE_ROLE: "Rôle qui signe",
    OperationKind.INVITE_SIGNER: "Invitation à un rôle qui signe",
    OperationKind.SAFEGUARDS: "Règles de sécurité",
    OperationKind.VIGILANCE: "Vigilance aux paiements",
    "guardian:name": "Choix d’un garant",
    "guardian:end": "Fin d’un garant",
    "recovery:approve": "Accord à une récupération",
    "member:invite": "Invitation d’un membre",
    "member:role": "Changement de rôle",
    "member:remove": "Retrait d’un membre",
    "account:reopen": "Réouverture d’un compte",
    "emergency_code:issue": "Code d’urgence",
    "api_key:create": "Nouvelle clé d’API",
    "api_key:rotate": "Clé d’API remplacée",
}
_OUTCOMES = {
    Outcome.ASKED: "sans suite",
    Outcome.PASSED: "acceptée",
    Outcome.FAILED: "avec un faux mot de passe, code ou clé d’accès",
    Outcome.REFUSED: "refusée",
}
_LEVELS = {
    Level.SIMPLIFIED: "appareil connu, rien d’inhabituel",
    Level.STANDARD: "un second facteur demandé",
    Level.REINFORCED: "deux preuves demandées, ou une clé d’accès",
    Level.REFUSED: "porte fermée",
}


@dataclass(frozen=True, slots=True)
class OpenSession:
    name: str
    agent: str
    place: str
    seen_at: datetime | None
    ends_at: datetime | None
    is_this_one: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One access, in words."""

    at: datetime
    what: str
    outcome: str
    is_alarming: bool
    agent: str
    place: str
    level: str
    reasons: tuple[str, ...]
    proofs: str


@require_GET
@signed_in_page(_OWN)
def index(request: SignedInRequest) -> HttpResponse:
    now, user_id = timezone.now(), request.user.id
    mine = stored_key(request.session.session_key or "")
    context = {
        "sessions": [
            _session(row, mine=mine)
            for row in open_sessions.open_sessions(user_id=user_id, real_now=now)
        ],
        "devices": devices(user_id=user_id).order_by("-last_seen_at"),
        "lines": [_line(row) for row in accesses_of(user_id=user_id)[:_SHOWN]],
    }
    return render(request, "security/activity.html", context)


@require_POST
@just_proven
@signed_in_page(_OWN)
def end(request: SignedInRequest, name: str) -> HttpResponse:
    return _done(
        request,
        lambda: end_session(user_id=request.user.id, name=name),
        "Cette session est fermée.",
    )


@require_POST
@just_proven
@signed_in_page(_OWN)
def end_others(request: SignedInRequest) -> HttpResponse:
    keep = request.session.session_key or ""
    number = end_all_sessions(user_id=request.user.id, keep=keep)
    messages.success(request, f"Sessions fermées sur les autres appareils : {number}.")
    return redirect("activity")


@require_POST
@just_proven
@signed_in_page(_OWN)
def forget_device(request: SignedInRequest, device_id: UUID) -> HttpResponse:
    return _done(
        request,
        lambda: forget(user_id=request.user.id, device_id=device_id, real_now=timezone.now()),
        "Cet appareil devra tout prouver à la prochaine connexion.",
    )


def _done(request: SignedInRequest, act: Callable[[], None], said: str) -> HttpResponse:
    try:
        act()
    except NotFound as error:
        return error_page(request, error)
    messages.success(request, said)
    return redirect("activity")


def _session(row: Session, *, mine: str) -> OpenSession:
    return OpenSession(
        name=name_of(row),
        agent=row.agent or "Navigateur inconnu",
        place=country_words(row.country),
        seen_at=row.seen_at,
        ends_at=row.ends_at,
        is_this_one=row.session_key == mine,
    )


def _line(row: AccessEvent) -> Line:
    return Line(
        at=row.at,
        what=_ACTIONS.get(row.action, row.action),
        outcome=_OUTCOMES[Outcome(row.outcome)],
        is_alarming=row.outcome != Outcome.PASSED,
        agent=row.agent,
        place=country_words(row.country),
        level=_LEVELS[Level(row.level)] if row.level else "",
        reasons=tuple(reason["sentence"] for reason in row.reasons),
        proofs=", ".join(PROOF_WORDS[Proof(proof)] for proof in row.proofs),
    )
