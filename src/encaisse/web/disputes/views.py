"""Disputes: an inbox with its deadlines, one dispute with its proofs, an answer given once."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from encaisse.kernel.errors import NotFound
from encaisse.kit.clock import business_now, paris_date
from encaisse.organizations.core import Permission, allows
from encaisse.payments.core import AnswerState, DisputeState
from encaisse.payments.models import Dispute, DisputeAnswer
from encaisse.payments.queries import answer_to, closed_disputes, dispute_by_id, open_disputes
from encaisse.payments.services.answers import contest, give_up, remove_photo, stage_answer
from encaisse.reporting.disputes import figures_by_reason
from encaisse.reporting.evidence.facts import Evidence, pieces_of
from encaisse.reporting.evidence.queries import evidence_of, photo_contents
from encaisse.reporting.evidence.render import render_pack
from encaisse.web import french
from encaisse.web.access import MemberRequest, member_page, recently_proven
from encaisse.web.disputes.forms import ConfirmForm, StageForm
from encaisse.web.disputes.words import Countdown, countdown, piece_lines, reason_of
from encaisse.web.forms import PageForm, show_form
from encaisse.web.paging import slice_of

_STAGED = {AnswerState.DRAFT, AnswerState.REFUSED}


@dataclass(frozen=True, slots=True)
class Line:
    """One dispute of the inbox."""

    row: Dispute
    title: str
    customer: str
    left: Countdown | None


@dataclass(frozen=True, slots=True)
class FiguresLine:
    """One reason over a year."""

    title: str
    number: int
    rate: str
    cost: str


@require_GET
@member_page(Permission.PAYMENTS_READ)
def index(request: MemberRequest) -> HttpResponse:
    organization_id, now = request.organization_id, business_now()
    is_past = request.GET.get("etat") == "tranchees"
    find = closed_disputes if is_past else open_disputes
    found = slice_of(request, find(organization_id=organization_id))
    figures = figures_by_reason(organization_id=organization_id, now=now)
    context = {
        "slice": found,
        "lines": [_line(row, now) for row in found.rows],
        "is_past": is_past,
        "figures": [
            FiguresLine(
                reason_of(each.reason).title,
                each.number,
                _rate_words(each.win_rate),
                french.amount(each.cost),
            )
            for each in figures
        ],
    }
    return render(request, "disputes/index.html", context)


@require_GET
@member_page(Permission.PAYMENTS_READ)
def show(request: MemberRequest, dispute_id: UUID) -> HttpResponse:
    answer = answer_to(organization_id=request.organization_id, dispute_id=dispute_id)
    form = StageForm(initial={"statement": answer.statement if answer else ""})
    return _page(request, dispute_id, form)


@require_POST
@member_page(Permission.PAYMENTS_REFUND)
def stage(request: MemberRequest, dispute_id: UUID) -> HttpResponse:
    """Keep what the merchant adds; nothing leaves."""
    dispute_by_id(organization_id=request.organization_id, dispute_id=dispute_id)
    form = StageForm(request.POST, request.FILES)
    staged = form.submit(
        lambda values: stage_answer(
            organization_id=request.organization_id,
            actor=request.actor,
            dispute_id=dispute_id,
            statement=values["statement"],
            photos=values["photos"],
            now=business_now(),
        )
    )
    if staged is None:
        return _page(request, dispute_id, form)
    messages.success(request, "C’est gardé. Rien n’est encore parti à la banque.")
    return redirect("dispute", dispute_id=dispute_id)


@require_POST
@member_page(Permission.PAYMENTS_REFUND)
def unstage(request: MemberRequest, dispute_id: UUID) -> HttpResponse:
    """Take a photo out of the evidence."""
    remove_photo(
        organization_id=request.organization_id,
        actor=request.actor,
        dispute_id=dispute_id,
        photo_id=_identifier(request.POST.get("photo", "")),
        now=business_now(),
    )
    messages.success(request, "Cette photo ne partira pas.")
    return redirect("dispute", dispute_id=dispute_id)


@require_GET
@member_page(Permission.PAYMENTS_READ)
def pack(request: MemberRequest, dispute_id: UUID) -> HttpResponse:
    """Show the evidence as the bank would get it."""
    evidence = _evidence(request, dispute_id)
    response = HttpResponse(_rendered(request, evidence), content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="dossier.pdf"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@recently_proven
@member_page(Permission.PAYMENTS_REFUND)
def send(request: MemberRequest, dispute_id: UUID) -> HttpResponse:
    """Read the consequence on the button, then only give the evidence."""
    evidence = _evidence(request, dispute_id)
    at = evidence.staged_at.isoformat() if evidence.staged_at else ""
    typed = request.POST if request.method == "POST" else None
    form = ConfirmForm(typed, initial={"staged_at": at})
    if request.method == "POST":
        given = form.submit(
            lambda values: contest(
                organization_id=request.organization_id,
                actor=request.actor,
                dispute_id=dispute_id,
                pack=_rendered(request, evidence),
                staged_at=values["staged_at"],
                now=business_now(),
            )
        )
        if given is not None:
            messages.success(request, "Votre dossier part à la banque de votre client.")
            return redirect("dispute", dispute_id=dispute_id)
    return _confirm(request, dispute_id, form, evidence)


@require_http_methods(["GET", "HEAD", "POST"])
@recently_proven
@member_page(Permission.PAYMENTS_REFUND)
def abandon(request: MemberRequest, dispute_id: UUID) -> HttpResponse:
    """Read the consequence on the button, then only let the money go."""
    evidence = _evidence(request, dispute_id)
    form = PageForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        given = form.submit(
            lambda _values: give_up(
                organization_id=request.organization_id,
                actor=request.actor,
                dispute_id=dispute_id,
                now=business_now(),
            )
        )
        if given is not None:
            messages.success(request, "C’est noté : la banque de votre client garde la somme.")
            return redirect("dispute", dispute_id=dispute_id)
    return _confirm(request, dispute_id, form, evidence, is_giving_up=True)


def _confirm(
    request: MemberRequest,
    dispute_id: UUID,
    form: PageForm,
    evidence: Evidence,
    **context: object,
) -> HttpResponse:
    row = dispute_by_id(organization_id=request.organization_id, dispute_id=dispute_id)
    answer = answer_to(organization_id=request.organization_id, dispute_id=dispute_id)
    if not form.is_bound and not _is_answerable(row, answer):
        return redirect("dispute", dispute_id=dispute_id)
    reason = reason_of(row.reason)
    context |= {
        "dispute": row,
        "pieces": piece_lines(pieces_of(evidence), reason),
        "left": countdown(row.evidence_due_at, business_now()),
    }
    return show_form(request, "disputes/confirm.html", form, **context)


def _page(request: MemberRequest, dispute_id: UUID, form: StageForm) -> HttpResponse:
    organization_id, now = request.organization_id, business_now()
    row = dispute_by_id(organization_id=organization_id, dispute_id=dispute_id)
    answer = answer_to(organization_id=organization_id, dispute_id=dispute_id)
    evidence = _evidence(request, dispute_id)
    reason = reason_of(row.reason)
    left = countdown(row.evidence_due_at, now)
    is_answerable = _is_answerable(row, answer) and not left.is_over
    context = {
        "line": _line(row, now),
        "dispute": row,
        "answer": answer,
        "reason": reason,
        "left": left,
        "pieces": piece_lines(pieces_of(evidence), reason),
        "photos": evidence.photos,
        "is_answerable": is_answerable,
        "can_answer": is_answerable and allows(request.role, Permission.PAYMENTS_REFUND),
    }
    return show_form(request, "disputes/show.html", form, **context)


def _line(row: Dispute, now: datetime) -> Line:
    request = row.intent.request
    customer = request.counterparty.name if request and request.counterparty else ""
    waits = row.state == DisputeState.NEEDS_RESPONSE
    left = countdown(row.evidence_due_at, now) if waits else None
    return Line(row, reason_of(row.reason).title, customer, left)


def _rate_words(rate: float | None) -> str:
    return "à trancher" if rate is None else f"{french.percent(rate)} gagnées"


def _is_answerable(row: Dispute, answer: DisputeAnswer | None) -> bool:
    is_staged = answer is None or answer.state in _STAGED
    return row.state == DisputeState.NEEDS_RESPONSE and is_staged


def _evidence(request: MemberRequest, dispute_id: UUID) -> Evidence:
    return evidence_of(
        organization_id=request.organization_id,
        dispute_id=dispute_id,
        today=paris_date(business_now()),
    )


def _rendered(request: MemberRequest, evidence: Evidence) -> bytes:
    photos = photo_contents(organization_id=request.organization_id, evidence=evidence)
    return render_pack(evidence, photos)


def _identifier(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound from error
