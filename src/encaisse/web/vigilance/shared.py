"""The list shared between firms: joining it, answering for one's reports, contesting others'."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from encaisse.fraud import queries
from encaisse.fraud.core.shared import (
    ASSESSMENT,
    FULL_WEIGHT,
    HALF_WEIGHT,
    NO_WEIGHT,
    REASON_WORDS,
    Ending,
    ReportReason,
    SharedKind,
)
from encaisse.fraud.core.starter_rules import REPORTED
from encaisse.fraud.models import FraudDecision, SharedReport, Vigilance
from encaisse.fraud.services.memory import vigilance_of
from encaisse.fraud.services.shared import contest, note_shared_export, uphold, withdraw
from encaisse.fraud.services.shared_reading import contested_reports, doubted_payments
from encaisse.fraud.services.sharing import leave, sharing_draft
from encaisse.kit.clock import business_now, paris_date
from encaisse.organizations.core import Permission, allows
from encaisse.reporting.story.queries import people
from encaisse.web import french
from encaisse.web.access import MemberRequest, member_page, recently_proven
from encaisse.web.files import as_table
from encaisse.web.forms import PageForm, show_form
from encaisse.web.operations.asking import ask_signature
from encaisse.web.paging import slice_of

KIND_WORDS = {
    SharedKind.CARD: "Carte",
    SharedKind.EMAIL: "Adresse e-mail",
    SharedKind.ADDRESS: "Adresse internet",
}
_ENDING_WORDS = {
    Ending.EXPIRED: "Expiré",
    Ending.MISTAKE: "Retiré par vous",
    Ending.HONEST: "Retiré : paiement reconnu honnête",
    Ending.APPEAL: "Retiré après une contestation",
    Ending.UNANSWERED: "Retiré : contesté, sans réponse de votre part",
    Ending.LEFT: "Retiré : vous aviez quitté la liste",
    Ending.HOST: "Retiré par votre hébergeur, à la demande de la personne",
}
_WEIGHT_WORDS = {
    FULL_WEIGHT: "Entièrement",
    HALF_WEIGHT: "À moitié : vous signalez beaucoup, ou des contestations vous ont donné tort",
    NO_WEIGHT: "Pas encore, ou plus : il faut vingt paiements en trois mois, peu de fraudes parmi "
    "eux, et des signalements qui tiennent",
}
_MOST_EXPORTED = 10_000


class JoinForm(PageForm):
    fields_of_codes = {"assessment_not_accepted": "accept"}

    accept = forms.BooleanField(
        label="J’ai lu l’analyse d’impact et je l’accepte au nom de l’entreprise",
        required=False,
    )


class UpholdForm(PageForm):
    reason = forms.CharField(
        label="Pourquoi vous le maintenez",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


@dataclass(frozen=True, slots=True)
class ReportLine:
    row: SharedReport
    kind: str
    reason: str
    state: str
    contested_at: datetime | None


@dataclass(frozen=True, slots=True)
class HitLine:
    """A payment of ours that others' reports had weighed on, and what became of them since."""

    row: FraudDecision
    sentence: str
    state: str
    can_contest: bool


@require_GET
@member_page(Permission.FRAUD_READ)
def index(request: MemberRequest) -> HttpResponse:
    return _page(request, JoinForm())


@require_POST
@recently_proven
@member_page(Permission.FRAUD_WRITE)
def begin(request: MemberRequest) -> HttpResponse:
    """Lead to where sharing is signed: what customers do would leave the firm."""
    form = JoinForm(request.POST)
    draft = form.submit(lambda values: sharing_draft(has_accepted=values["accept"]))
    if draft is None:
        return _page(request, form)
    return ask_signature(request, draft)


@require_POST
@recently_proven
@member_page(Permission.FRAUD_WRITE)
def stop(request: MemberRequest) -> HttpResponse:
    leave(organization_id=request.organization_id, actor=request.actor, now=business_now())
    messages.success(request, "Vos signalements sont retirés, et plus rien n’est partagé.")
    return redirect("shared_list")


@require_POST
@recently_proven
@member_page(Permission.FRAUD_REVIEW)
def take_back(request: MemberRequest, report_id: UUID) -> HttpResponse:
    withdraw(
        organization_id=request.organization_id,
        actor=request.actor,
        report_id=report_id,
        now=business_now(),
    )
    messages.success(request, "C’est retiré, chez toutes les entreprises à la fois.")
    return redirect("shared_list")


@require_POST
@recently_proven
@member_page(Permission.FRAUD_REVIEW)
def keep(request: MemberRequest, report_id: UUID) -> HttpResponse:
    """Maintain a contested report, a person having looked at it again."""
    queries.shared_report(organization_id=request.organization_id, report_id=report_id)
    form = UpholdForm(request.POST)
    kept = form.submit(
        lambda values: uphold(
            organization_id=request.organization_id,
            actor=request.actor,
            report_id=report_id,
            reason=values["reason"],
            now=business_now(),
        )
    )
    if kept is None:
        return _page(request, JoinForm(), form, report_id)
    messages.success(request, "Votre signalement est maintenu, et compte de nouveau.")
    return redirect("shared_list")


@require_POST
@recently_proven
@member_page(Permission.FRAUD_REVIEW)
def dispute(request: MemberRequest, decision_id: UUID) -> HttpResponse:
    """Say that the payer of one of our payments contests what others report."""
    contest(
        organization_id=request.organization_id,
        actor=request.actor,
        decision_id=decision_id,
        now=business_now(),
    )
    messages.success(
        request,
        "Le signalement ne compte plus pour personne, tant que ceux qui l’ont fait n’ont pas "
        "regardé à nouveau. Sans réponse sous un mois, il sera retiré.",
    )
    return redirect("shared_list")


@require_POST
@recently_proven
@member_page(Permission.FRAUD_WRITE)
def export(request: MemberRequest) -> HttpResponse:
    """Give what the firm reported as a table; nobody is named there, since nothing names them."""
    rows = queries.shared_reports(organization_id=request.organization_id)[:_MOST_EXPORTED]
    found = [_cells(row) for row in rows]
    note_shared_export(
        organization_id=request.organization_id,
        actor=request.actor,
        number=len(found),
        now=business_now(),
    )
    headings = ("genre", "raison", "signalé le", "jusqu’au", "maintenu le", "retiré le", "paiement")
    return as_table("signalements.csv", headings, found)


def _cells(row: SharedReport) -> list[str]:
    days = (row.created_at, row.expires_at, row.upheld_at, row.ended_at)
    written = [paris_date(at).isoformat() if at else "" for at in days]
    return [row.kind, row.reason, *written, str(row.passage_id)]


def _page(
    request: MemberRequest,
    form: JoinForm,
    uphold_form: UpholdForm | None = None,
    answered: UUID | None = None,
) -> HttpResponse:
    organization_id, now = request.organization_id, business_now()
    vigilance = vigilance_of(organization_id=organization_id, now=now)
    found = slice_of(request, queries.shared_reports(organization_id=organization_id))
    waiting = contested_reports(organization_id=organization_id)
    contested = {row.id: since for row, since in waiting}
    hits = _hits(organization_id, now)
    context = {
        "is_sharing": vigilance.sharing_since is not None,
        "vigilance": vigilance,
        "accepted_by": _accepted_by(organization_id, vigilance),
        "weight": _WEIGHT_WORDS[vigilance.sharing_weight],
        "assessment": ASSESSMENT,
        "slice": found,
        "lines": [_line(row, contested.get(row.id)) for row in found.rows],
        "waiting": [_line(row, since) for row, since in waiting],
        "hits": hits,
        "lifted": _lifted_words(sum(hit.state == _LIFTED for hit in hits)),
        "uphold_form": uphold_form or UpholdForm(),
        "answered": answered,
        "can_change": allows(request.role, Permission.FRAUD_WRITE),
        "can_review": allows(request.role, Permission.FRAUD_REVIEW),
    }
    response = show_form(request, "vigilance/shared.html", form, **context)
    shown = uphold_form if uphold_form is not None else form
    response.status_code = 422 if shown.is_bound and shown.errors else 200
    return response


def _accepted_by(organization_id: UUID, vigilance: Vigilance) -> str:
    who = vigilance.sharing_accepted_by_id
    return people(organization_id=organization_id).get(str(who), "Un ancien membre") if who else ""


def _line(row: SharedReport, contested_at: datetime | None) -> ReportLine:
    if row.ended_at is not None:
        state = _ENDING_WORDS[Ending(row.ended_why)]
    elif contested_at is not None:
        state = "Contesté : suspendu jusqu’à votre réponse"
    else:
        state = "Maintenu par vous" if row.upheld_at else "En vigueur"
    return ReportLine(
        row=row,
        kind=KIND_WORDS[SharedKind(row.kind)],
        reason=REASON_WORDS[ReportReason(row.reason)],
        state=state,
        contested_at=contested_at,
    )


_COUNTS, _REVIEWED, _LIFTED = "Compte encore", "Contesté : en cours d’examen", "Levé depuis"


def _hits(organization_id: UUID, now: datetime) -> Sequence[HitLine]:
    return [
        HitLine(
            row=one.decision,
            sentence=next(
                reason["sentence"] for reason in one.decision.reasons if reason["code"] == REPORTED
            ),
            state=_COUNTS if one.counts else _REVIEWED if one.is_under_review else _LIFTED,
            can_contest=one.counts,
        )
        for one in doubted_payments(organization_id=organization_id, now=now)
    ]


def _lifted_words(number: int) -> str:
    if not number:
        return ""
    payments = french.plural(
        number, "paiement avait été vérifié ou retenu", "paiements avaient été vérifiés ou retenus"
    )
    return (
        f"{payments} sur un signalement levé depuis : si vous aviez refusé la personne, "
        "reprenez contact."
    )
