"""Payments and links that wait for somebody: a sentence, what is known, and four buttons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from encaisse.counterparties.models import Counterparty
from encaisse.counterparties.queries import customer as customer_by_id
from encaisse.counterparties.queries import phone_of
from encaisse.fraud import queries
from encaisse.fraud.core.cases import CaseState
from encaisse.fraud.core.policy import NEVER_PAUSED
from encaisse.fraud.models import FraudDecision, PassageRecord, ReviewCase
from encaisse.fraud.services.cases import ask_identity
from encaisse.fraud.services.memory import vigilance_of
from encaisse.fraud.services.snoozes import snooze_rule
from encaisse.kernel.errors import NotFound
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Permission, allows
from encaisse.payments.services.held import refuse, release
from encaisse.reporting.story.queries import people
from encaisse.web import french
from encaisse.web.access import MemberRequest, asking_page, member_page, recently_proven
from encaisse.web.forms import PageForm
from encaisse.web.paging import slice_of
from encaisse.web.vigilance.words import known_lines, verdict_words

_HISTORY = 10
_PAUSES = {"7": "une semaine", "30": "un mois", "90": "trois mois"}


class NoteForm(PageForm):
    """What whoever decides wants remembered."""

    note = forms.CharField(
        label="Ce que vous voulez retenir",
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Par exemple : « rappelé au numéro du devis, c’est bien lui ».",
    )


class PauseForm(PageForm):
    """Which rule does not count for this customer, and for how long."""

    rule = forms.CharField(max_length=40)
    days = forms.ChoiceField(choices=list(_PAUSES.items()))


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case of the queue."""

    row: ReviewCase
    sentence: str
    left: str
    is_urgent: bool


@dataclass(frozen=True, slots=True)
class Before:
    """An earlier try of the same customer."""

    row: PassageRecord
    outcome: str
    label: str


@require_GET
@member_page(Permission.FRAUD_READ)
def index(request: MemberRequest) -> HttpResponse:
    organization_id, now = request.organization_id, business_now()
    is_past = request.GET.get("etat") == "tranches"
    find = queries.decided_cases if is_past else queries.waiting_cases
    found = slice_of(request, find(organization_id=organization_id))
    context = {
        "slice": found,
        "lines": [_line(row, now) for row in found.rows],
        "is_past": is_past,
    }
    return render(request, "vigilance/cases.html", context)


@require_GET
@member_page(Permission.FRAUD_READ)
def show(request: MemberRequest, case_id: UUID) -> HttpResponse:
    case = queries.case_by_id(organization_id=request.organization_id, case_id=case_id)
    return _page(request, case, NoteForm())


@require_POST
@recently_proven
@asking_page(Permission.FRAUD_REVIEW)
def let_through(request: MemberRequest, case_id: UUID) -> HttpResponse:
    """Take the money, or open the link; above the ceiling, the first of two agreements."""
    form = NoteForm(request.POST)
    case = form.submit(
        lambda values: release(
            organization_id=request.organization_id,
            actor=request.actor,
            case_id=case_id,
            note=values["note"],
            now=business_now(),
        )
    )
    if case is None:
        return _again(request, case_id, form)
    messages.success(request, _released_words(case))
    return redirect("review", case_id=case_id)


@require_POST
@recently_proven
@asking_page(Permission.FRAUD_REVIEW)
def give_up(request: MemberRequest, case_id: UUID) -> HttpResponse:
    """Let the payer's money go; said to be a fraud, what was used for it is refused from now on."""
    form, is_fraud = NoteForm(request.POST), "fraud" in request.POST
    case = form.submit(
        lambda values: refuse(
            organization_id=request.organization_id,
            actor=request.actor,
            case_id=case_id,
            is_fraud=is_fraud,
            note=values["note"],
            now=business_now(),
        )
    )
    if case is None:
        return _again(request, case_id, form)
    messages.success(request, _refused_words(case, is_fraud=is_fraud))
    return redirect("reviews")


@require_POST
@member_page(Permission.FRAUD_REVIEW)
def ask_who(request: MemberRequest, case_id: UUID) -> HttpResponse:
    """Mail the payer, who is asked to call."""
    is_first = ask_identity(
        organization_id=request.organization_id,
        actor=request.actor,
        case_id=case_id,
        now=business_now(),
    )
    said = "Un e-mail lui demande de vous appeler." if is_first else "C’était déjà demandé."
    messages.success(request, said)
    return redirect("review", case_id=case_id)


@require_POST
@recently_proven
@member_page(Permission.FRAUD_WRITE)
def pause_rule(request: MemberRequest, case_id: UUID) -> HttpResponse:
    """Let one rule not count for this customer for a while."""
    case = queries.case_by_id(organization_id=request.organization_id, case_id=case_id)
    record = queries.passage_by_id(
        organization_id=request.organization_id, passage_id=case.passage_id
    )
    form = PauseForm(request.POST)
    rules = {str(reason["code"]) for reason in _pausable(case)}
    if record is None or record.customer_id is None or not form.is_valid():
        raise NotFound
    if form.cleaned_data["rule"] not in rules:
        raise NotFound
    now = business_now()
    snooze_rule(
        organization_id=request.organization_id,
        actor=request.actor,
        customer_id=record.customer_id,
        rule=form.cleaned_data["rule"],
        until=now + timedelta(days=int(form.cleaned_data["days"])),
        now=now,
    )
    messages.success(request, "Cette règle ne compte plus pour ce client, le temps choisi.")
    return redirect("review", case_id=case_id)


def _pausable(case: ReviewCase) -> list[Mapping[str, str]]:
    """Return the reasons that a customer's habits may explain."""
    return [reason for reason in case.decision.reasons if reason["code"] not in NEVER_PAUSED]


def _again(request: MemberRequest, case_id: UUID, form: NoteForm) -> HttpResponse:
    with acting_for(request.organization_id):
        case = queries.case_by_id(organization_id=request.organization_id, case_id=case_id)
        return _page(request, case, form)


def _page(request: MemberRequest, case: ReviewCase, form: NoteForm) -> HttpResponse:
    organization_id, now = request.organization_id, business_now()
    record = queries.passage_by_id(organization_id=organization_id, passage_id=case.passage_id)
    customer = _customer(organization_id, record)
    vigilance = vigilance_of(organization_id=organization_id, now=now)
    ceiling = vigilance.review_ceiling_minor
    context = {
        "form": form,
        "line": _line(case, now),
        "case": case,
        "decision": case.decision,
        "known": known_lines(case.decision.facts),
        "customer": customer,
        "phone": phone_of(customer) if customer else "",
        "is_new_customer": customer is not None and customer.created_at >= case.created_at - _FRESH,
        "history": _history(organization_id, record, case),
        "pauses": _PAUSES.items(),
        "pausable": _pausable(case),
        "snoozed": _snoozed(organization_id, record, now),
        "needs_two": ceiling is not None and case.amount_minor > ceiling,
        "people": people(organization_id=organization_id),
        "is_waiting": case.state == CaseState.WAITING,
        "can_decide": allows(request.role, Permission.FRAUD_REVIEW),
        "can_pause": allows(request.role, Permission.FRAUD_WRITE),
    }
    status = 409 if form.errors else 200
    return render(request, "vigilance/case.html", context, status=status)


# Somebody written down within the hour before their payment is no acquaintance.
_FRESH = timedelta(hours=1)
_URGENT = timedelta(days=1)


def _line(row: ReviewCase, now: datetime) -> CaseLine:
    left = None if row.deadline_at is None else row.deadline_at - now
    return CaseLine(
        row=row,
        sentence=queries.first_sentence(row.decision),
        left=_left_words(left),
        is_urgent=left is not None and left < _URGENT,
    )


def _left_words(left: timedelta | None) -> str:
    if left is None:
        return ""
    if left <= timedelta():
        return "l’accord de la banque a expiré"
    hours = left / timedelta(hours=1)
    whole = french.days(int(hours // 24)) if hours >= 48 else french.hours(max(1, int(hours)))
    return f"encore {whole}"


def _customer(organization_id: UUID, record: PassageRecord | None) -> Counterparty | None:
    if record is None or record.customer_id is None:
        return None
    return customer_by_id(organization_id=organization_id, customer_id=record.customer_id)


def _history(
    organization_id: UUID, record: PassageRecord | None, case: ReviewCase
) -> Sequence[Before]:
    if record is None or record.customer_id is None:
        return []
    rows = queries.passages_of_customer(
        organization_id=organization_id, customer_id=record.customer_id
    ).exclude(id=case.passage_id)[:_HISTORY]
    passages = list(rows)
    ids = [row.id for row in passages]
    outcomes = _outcomes(queries.decisions_of(organization_id=organization_id, passage_ids=ids))
    labels = queries.labels_of(organization_id=organization_id, passage_ids=ids)
    return [
        Before(row, outcomes.get(row.id, "jamais terminé"), _LABELS.get(labels.get(row.id, ""), ""))
        for row in passages
    ]


_LABELS: Mapping[str, str] = {"fraud": "reconnu comme fraude", "honest": "reconnu comme honnête"}


def _outcomes(rows: Any) -> dict[UUID, str]:
    """Return the last outcome of each try: rows come oldest first."""
    found: dict[UUID, str] = {}
    row: FraudDecision
    for row in rows:
        found[row.passage_id] = verdict_words(row.outcome)
    return found


def _snoozed(organization_id: UUID, record: PassageRecord | None, now: datetime) -> set[str]:
    if record is None or record.customer_id is None:
        return set()
    rows = queries.current_snoozes(
        organization_id=organization_id, customer_id=record.customer_id, now=now
    )
    return set(rows.values_list("rule", flat=True))


def _released_words(case: ReviewCase) -> str:
    amount = french.money(case.amount_minor)
    if case.state == CaseState.WAITING:
        return f"Votre accord est noté. Une autre personne doit donner le sien pour {amount}."
    if case.is_link:
        return "Ce lien reprend les cartes une heure après le dernier refus."
    return f"{amount} : l’encaissement est demandé au prestataire."


def _refused_words(case: ReviewCase, *, is_fraud: bool) -> str:
    if case.is_link:
        kept = "Ce lien reste fermé aux cartes ; votre client peut payer par virement."
    else:
        kept = "Rien n’est débité : l’accord de la banque est rendu, et le client est prévenu."
    blocked = "Sa carte, son appareil et son adresse e-mail sont refusés désormais."
    return f"{kept} {blocked}" if is_fraud else kept
