"""A month of payments watched: who passed unnoticed, who was asked, what was stopped or lost."""

from collections.abc import Sequence
from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from encaisse.fraud.core.verdicts import Verdict
from encaisse.fraud.monthly import Counted, FraudMonth, fraud_month, months_before
from encaisse.fraud.monthly import months_with_decisions as known_months
from encaisse.kit.clock import business_now, paris_date
from encaisse.organizations.core import Permission
from encaisse.web import charts, french
from encaisse.web.access import MemberRequest, member_page
from encaisse.web.charts import Point
from encaisse.web.figures.shapes import Chart, Fig, Group, Row
from encaisse.web.templatetags.encaisse import money

_WIDE, _NARROW = 880, 360
_HEIGHT = 200
_MOST_MONTHS = 12


@require_GET
@member_page(Permission.FRAUD_READ)
def show(request: MemberRequest) -> HttpResponse:
    today = paris_date(business_now()).replace(day=1)
    oldest, newest = known_months(organization_id=request.organization_id) or (today, today)
    first = max(oldest, _chosen(request.GET.get("mois", ""), newest, today))
    found = fraud_month(organization_id=request.organization_id, first=first)
    context = {
        "month": french.month(first),
        "before": _link(months_before(first, 1)) if first > oldest else None,
        "after": _link(months_before(first, -1)) if first < today else None,
        "sentence": _sentence(found),
        "groups": _groups(found),
        "charts": [chart for chart in (_frauds(found), _rules(found)) if chart is not None],
        "is_empty": not found.weighed.number,
    }
    return render(request, "vigilance/report.html", context)


def _chosen(text: str, newest: date, today: date) -> date:
    """Return the month of an address such as 2026-11; the newest of which something is known."""
    try:
        return min(date.fromisoformat(f"{text}-01"), today)
    except ValueError:
        return newest


def _link(month: date) -> tuple[str, str]:
    return f"{month:%Y-%m}", french.month(month)


def _sentence(found: FraudMonth) -> str:
    total = found.weighed.number
    if not total:
        return "Aucun paiement à regarder ce mois-ci."
    quiet = found.unnoticed.number
    share = french.whole_percent(quiet, total)
    return f"{share} de vos clients ont payé sans rien remarquer : {quiet} sur {total}."


def _groups(found: FraudMonth) -> tuple[Group, ...]:
    return (
        Group(
            "Ce qui fut décidé",
            (
                _fig("Sans rien remarquer", found.unnoticed),
                _fig("Preuve demandée", found.asked, "par la banque du client"),
                _fig("Retenus", found.ended(Verdict.HOLD), "quelqu’un a regardé, ou regardera"),
                _fig("Refusés", found.ended(Verdict.BLOCK)),
            ),
        ),
        Group(
            "Ce qu’il en fut",
            (
                _fig("Retenus à tort", found.released, "libérés après vérification"),
                _fig("Fraudes arrêtées", found.stopped, "reconnues avant l’encaissement"),
                _fig("Fraudes passées", found.lost, "contestées après l’encaissement"),
                _fig("Encore à vérifier", found.waiting),
                Fig(
                    "Liens fermés aux cartes", str(found.links_closed), "cartes essayées à la file"
                ),
            ),
        ),
    )


def _fig(label: str, counted: Counted, note: str = "") -> Fig:
    amount = french.money(counted.cents) if counted.number else ""
    return Fig(label, str(counted.number), " · ".join(part for part in (amount, note) if part))


def _frauds(found: FraudMonth) -> Chart | None:
    """Draw the euros stopped each month; the table tells what was lost beside them."""
    if not found.stopped_by_month and not found.lost_by_month:
        return None
    months = [months_before(found.first, back) for back in reversed(range(_MOST_MONTHS))]
    stopped = sum(found.stopped_by_month.values())
    lost = sum(found.lost_by_month.values())
    points = [
        Point(
            french.month(month),
            f"{month:%m/%y}",
            found.stopped_by_month.get(month, 0),
            french.whole_euros(found.stopped_by_month.get(month, 0)),
        )
        for month in months
    ]
    return Chart(
        id="fraudes",
        title="Fraudes arrêtées, mois par mois",
        sentence=f"En douze mois : {french.money(stopped)} arrêtés, {french.money(lost)} perdus.",
        drawings={
            "wide": charts.columns(points, width=_WIDE, height=_HEIGHT),
            "narrow": charts.columns(points, width=_NARROW, height=_HEIGHT),
        },
        heads=("Mois", "Arrêté", "Perdu"),
        rows=tuple(_month_row(found, month) for month in months),
    )


def _month_row(found: FraudMonth, month: date) -> Row:
    amounts = (found.stopped_by_month.get(month, 0), found.lost_by_month.get(month, 0))
    return Row(french.month(month), tuple(money(cents) for cents in amounts))


def _rules(found: FraudMonth) -> Chart | None:
    if not found.rules:
        return None
    points = [Point(said, said, count, str(count)) for said, count in found.rules]
    return Chart(
        id="raisons",
        title="Ce qui a étonné",
        sentence=_first_reason(found.rules),
        drawings={
            "wide": charts.rows(points, width=_WIDE),
            "narrow": charts.rows(points, width=_NARROW),
        },
        heads=("Raison", "Paiements"),
        rows=tuple(Row(said, (str(count),)) for said, count in found.rules),
    )


def _first_reason(rules: Sequence[tuple[str, int]]) -> str:
    said, count = rules[0]
    return f"Le plus souvent, {french.plural(count, 'paiement', 'paiements')} : {said}"
