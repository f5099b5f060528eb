"""What the engine decided, as it happens, and why, one decision at a time."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from encaisse.fraud import queries
from encaisse.fraud.core.passage import Stage
from encaisse.fraud.core.verdicts import Verdict
from encaisse.fraud.errors import DecisionUnrepeatable
from encaisse.fraud.models import FraudDecision
from encaisse.fraud.services.explaining import Remade, remake
from encaisse.organizations.core import Permission, allows
from encaisse.organizations.signed import PRESET_WORDS
from encaisse.payments.queries import intent_of_attempt
from encaisse.risk.presets import Preset
from encaisse.web.access import MemberRequest, member_page
from encaisse.web.paging import slice_of
from encaisse.web.vigilance.refund_words import refund_lines, refund_verdict_words
from encaisse.web.vigilance.words import known_lines, probability_words, verdict_words


@dataclass(frozen=True, slots=True)
class DecisionLine:
    row: FraudDecision
    sentence: str


@require_GET
@member_page(Permission.FRAUD_READ)
def index(request: MemberRequest) -> HttpResponse:
    rows = queries.decisions(organization_id=request.organization_id)
    verdict = request.GET.get("verdict", "")
    if verdict in set(Verdict):
        rows = rows.filter(outcome=verdict)
    found = slice_of(request, rows)
    context = {
        "slice": found,
        "lines": [DecisionLine(row, _sentence(row)) for row in found.rows],
        "verdict": verdict,
    }
    return render(request, "vigilance/decisions.html", context)


@require_GET
@member_page(Permission.FRAUD_READ)
def show(request: MemberRequest, decision_id: UUID) -> HttpResponse:
    organization_id = request.organization_id
    row = queries.decision_by_id(organization_id=organization_id, decision_id=decision_id)
    intent = intent_of_attempt(organization_id=organization_id, attempt_id=row.passage_id)
    context = {
        "decision": row,
        "sentence": _sentence(row),
        **_words(row),
        "preset": PRESET_WORDS[Preset(row.policy)],
        "remade": _remade(row),
        "probability": probability_words(row.probability),
        "intent": intent if allows(request.role, Permission.PAYMENTS_READ) else None,
    }
    return render(request, "vigilance/decision.html", context)


def _words(row: FraudDecision) -> dict[str, object]:
    if row.stage == Stage.REFUND:
        return {"outcome": refund_verdict_words(row.outcome), "known": refund_lines(row.facts)}
    return {"outcome": verdict_words(row.outcome), "known": known_lines(row.facts)}


def _sentence(row: FraudDecision) -> str:
    if not row.reasons and not row.broken:
        return "Rien d’inhabituel."
    return queries.first_sentence(row)


def _remade(row: FraudDecision) -> Remade | None:
    try:
        return remake(row)
    except DecisionUnrepeatable:
        return None
