"""What Aujourd’hui says, from the figures counted as things happen. Reads only."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Count, Min, Q, Sum
from django.urls import reverse

from encaisse.fraud.queries import waiting_cases
from encaisse.invoicing.core.states import QuoteState
from encaisse.invoicing.queries import quotes
from encaisse.kernel.money import NARROW_SPACE, NO_BREAK_SPACE, Money
from encaisse.kit.clock import paris_date
from encaisse.organizations.core import Permission, Role, allows
from encaisse.payments.core import DisputeState
from encaisse.payments.models import Dispute
from encaisse.payments.queries import to_allocate
from encaisse.reporting.core import FRENCH_DAYS_FROM_WORK_TO_FUNDS, Period
from encaisse.reporting.queries import Dashboard, dashboard, summary
from encaisse.treasury.queries import unmatched
from encaisse.web.figures.board import collected
from encaisse.web.figures.shapes import Chart
from encaisse.web.french import days, percent, plain_day, plural

_DAYS = 30


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do, why, and where."""

    title: str
    text: str
    url: str
    action: str


@dataclass(frozen=True, slots=True)
class Today:
    sentence: str
    tasks: tuple[Task, ...]
    board: Dashboard
    trend: str
    success: str
    delay: str
    french_delay: str
    chart: Chart | None


def read_today(*, organization_id: UUID, role: Role, today: date, set_up_left: int = 0) -> Today:
    """Read the page; `set_up_left` counts what is still to be set up among things to do."""
    period = Period(today - timedelta(days=_DAYS - 1), today)
    board = dashboard(organization_id=organization_id, period=period, today=today)
    day_before = today - timedelta(days=1)
    yesterday = summary(organization_id=organization_id, period=Period(day_before, day_before))
    tasks = _tasks(organization_id, role, board)
    return Today(
        sentence=_sentence(
            yesterday.captured_count, yesterday.captured_minor, len(tasks) + set_up_left
        ),
        tasks=tasks,
        board=board,
        trend=_trend(board),
        success=percent(board.summary.success_rate),
        delay=days(board.summary.days_from_work),
        french_delay=days(FRENCH_DAYS_FROM_WORK_TO_FUNDS),
        chart=collected(board),
    )


def _tasks(organization_id: UUID, role: Role, board: Dashboard) -> tuple[Task, ...]:
    found = [
        _held(organization_id) if allows(role, Permission.FRAUD_REVIEW) else None,
        _disputes(organization_id) if allows(role, Permission.PAYMENTS_READ) else None,
        _to_allocate(organization_id) if allows(role, Permission.PAYMENTS_ALLOCATE) else None,
        _unmatched(organization_id) if allows(role, Permission.PAYMENTS_ALLOCATE) else None,
        _to_invoice(organization_id) if allows(role, Permission.INVOICES_ISSUE) else None,
        _late(board) if allows(role, Permission.INVOICES_READ) else None,
    ]
    return tuple(task for task in found if task is not None)


def _held(organization_id: UUID) -> Task | None:
    waiting = waiting_cases(organization_id=organization_id).aggregate(
        count=Count("id"),
        held=Sum("amount_minor", filter=Q(is_link=False)),
        soonest=Min("deadline_at"),
    )
    if not waiting["count"]:
        return None
    held = f", {Money(waiting['held'])}" if waiting["held"] else ""
    soonest = waiting["soonest"]
    day = plain_day(paris_date(soonest), with_year=False) if soonest else ""
    until = f" Décidez avant le {day}." if day else ""
    return Task(
        f"{plural(waiting['count'], 'paiement étonne', 'paiements étonnent')}{held}",
        f"Rien n’est encaissé tant que vous n’avez pas regardé.{until}",
        reverse("reviews"),
        "Vérifier",
    )


def _disputes(organization_id: UUID) -> Task | None:
    count = Dispute.objects.filter(
        organization_id=organization_id, state=DisputeState.NEEDS_RESPONSE
    ).count()
    if not count:
        return None
    return Task(
        plural(count, "contestation en cours", "contestations en cours"),
        "La banque du client retient la somme. Répondez avec vos preuves avant la date limite.",
        reverse("disputes"),
        "Examiner",
    )


def _to_allocate(organization_id: UUID) -> Task | None:
    rows = to_allocate(organization_id=organization_id)
    count = rows.count()
    if not count:
        return None
    total = Money(rows.aggregate(total=Sum("amount_minor"))["total"])
    return Task(
        f"{plural(count, 'somme reçue', 'sommes reçues')} à affecter, {total}",
        "L’argent est sur votre compte ; dites pour quelle demande il est venu.",
        reverse("payments") + "?etat=a-affecter",
        "Affecter",
    )


def _unmatched(organization_id: UUID) -> Task | None:
    rows = unmatched(organization_id=organization_id).filter(transaction__amount_minor__gt=0)
    count = rows.count()
    if not count:
        return None
    return Task(
        f"{plural(count, 'ligne', 'lignes')} de banque à expliquer",
        "Rien n’est perdu : la banque montre une somme dont la référence manque.",
        reverse("unmatched"),
        "Rapprocher",
    )


def _to_invoice(organization_id: UUID) -> Task | None:
    rows = quotes(organization_id=organization_id).filter(state=QuoteState.ACCEPTED)
    count = rows.count()
    if not count:
        return None
    return Task(
        plural(count, "devis accepté, pas encore facturé", "devis acceptés, pas encore facturés"),
        "Le chantier fini, la facture part en un geste, l’acompte déduit.",
        reverse("quotes") + "?etat=accepted",
        "Facturer",
    )


def _late(board: Dashboard) -> Task | None:
    count = board.owed.overdue_count
    if not count:
        return None
    return Task(
        f"{plural(count, 'facture', 'factures')} en retard, {board.owed.overdue_amount}",
        "Donnez de nouveau le lien de paiement : un oubli en explique la plupart.",
        reverse("invoices") + "?etat=en-retard",
        "Voir",
    )


def _sentence(count: int, minor: int, tasks: int) -> str:
    received = (
        f"{_together(count, 'paiement reçu', 'paiements reçus')} hier, {Money(minor)}."
        if count
        else "Aucun paiement reçu hier."
    )
    todo = f"{_together(tasks, 'chose', 'choses')} à faire." if tasks else "Rien à faire."
    return f"{received} {todo}"


def _together(count: int, one: str, many: str) -> str:
    """Keep a number on the line of what it counts: this is the largest sentence of the house."""
    return plural(count, one, many).replace(" ", NO_BREAK_SPACE, 1)


def _trend(board: Dashboard) -> str:
    before = board.before.captured_minor
    if not before:
        return "rien les trente jours d’avant"
    change = round((board.summary.captured_minor - before) * 100 / before)
    sign = "+" if change >= 0 else "−"
    return f"{sign}{NARROW_SPACE}{abs(change)}{NO_BREAK_SPACE}% sur les trente jours d’avant"
