"""A period's dashboard to keep: as a table for a spreadsheet, or as a PDF."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.http import HttpResponse
from django.utils.html import strip_tags
from django.views.decorators.http import require_GET

from encaisse.invoicing.rendering.pdf import typeset
from encaisse.kernel.identifiers import Siren
from encaisse.kernel.money import Money
from encaisse.kit.clock import business_now, paris_date
from encaisse.organizations.core import Permission
from encaisse.organizations.queries import profile
from encaisse.reporting.boards import blocks_of
from encaisse.reporting.core import FUNNEL, Counted, Figure, Period, read_period
from encaisse.reporting.queries import daily_figures, dashboard
from encaisse.web import french
from encaisse.web.access import MemberRequest, member_page
from encaisse.web.figures.board import Page, page_of
from encaisse.web.figures.funnel import way_words
from encaisse.web.figures.proofs import Proofs
from encaisse.web.figures.shapes import Chart, Group
from encaisse.web.files import as_table
from encaisse.web.states import METHODS, REFUSALS

_TEMPLATE = Path(__file__).with_name("board.typ")
_WORDS = {
    Figure.CAPTURED: "Encaissé",
    Figure.REFUSED: "Essai refusé",
    Figure.REFUNDED: "Remboursé",
    Figure.DISPUTED: "Contesté",
    Figure.FUNDS_HOURS: "Heures jusqu’au compte",
    Figure.WORK_DAYS: "Jours depuis la fin des travaux",
    Figure.LATE_DAYS: "Jours de retard",
    Figure.OPENED: "Liens ouverts",
    Figure.CHOSEN: "Moyens choisis",
    Figure.AUTHENTICATED: "Payeurs reconnus",
    Figure.PAID: "Liens payés",
}
_IN_MONEY = frozenset({Figure.CAPTURED, Figure.REFUNDED, Figure.DISPUTED})


@require_GET
@member_page(Permission.DASHBOARD_READ)
def table(request: MemberRequest) -> HttpResponse:
    """Return what was counted each day: the rows that every figure of the page is added up from."""
    period = _period(request)
    rows = daily_figures(organization_id=request.organization_id, period=period)
    return as_table(
        f"tableau-de-bord-{period.first}-{period.last}.csv",
        ("Jour", "Quoi", "Détail", "Nombre", "Total", "Unité"),
        (_line(row) for row in rows),
    )


@require_GET
@member_page(Permission.DASHBOARD_READ)
def pdf(request: MemberRequest) -> HttpResponse:
    """Return the page as it is ordered by whoever asks, dated."""
    period, today = _period(request), paris_date(business_now())
    board = dashboard(organization_id=request.organization_id, period=period, today=today)
    blocks = blocks_of(organization_id=request.organization_id, user_id=request.user.id)
    content = typeset(
        _TEMPLATE,
        content=_content(request, page_of(board, blocks, Proofs())),
        pictures={},
        dated_on=datetime(today.year, today.month, today.day, tzinfo=UTC),
    )
    response = HttpResponse(content, content_type="application/pdf")
    name = f"tableau-de-bord-{period.first}-{period.last}.pdf"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _period(request: MemberRequest) -> Period:
    """:raises PeriodInvalid: the days in the address make no period"""
    first, last = request.GET.get("du", "").strip(), request.GET.get("au", "").strip()
    return read_period(first, last, today=paris_date(business_now()))


def _line(row: Counted) -> tuple[str, ...]:
    is_money = row.figure in _IN_MONEY
    total = french.typed_money(Money(row.total)) if is_money else row.total
    unit = "EUR" if is_money else ""
    return (
        row.day.isoformat(), _WORDS[row.figure], _part(row),
        str(row.count), str(total), unit,
    )  # fmt: skip


def _part(row: Counted) -> str:
    if row.figure in FUNNEL:
        return way_words(row.part)
    if row.figure is Figure.REFUSED:
        return REFUSALS.get(row.part, REFUSALS["other"])
    return METHODS.get(row.part, row.part)


def _content(request: MemberRequest, page: Page) -> dict[str, Any]:
    firm = profile(organization_id=request.organization_id)
    return {
        "firm": firm.name,
        "siren": str(Siren(firm.siren)),
        "title": page.title,
        "period": page.rest,
        "trend": page.trend,
        "before": f"« Avant » : {page.before}, autant de jours.",
        "printed": f"Imprimé le {french.plain_day(paris_date(business_now()))}",
        "parts": [
            _group(part.group) if part.group else _chart(part.chart)
            for part in page.parts
            if part.group or part.chart
        ],
    }


def _group(group: Group) -> dict[str, Any]:
    return {
        "title": group.title,
        "sentence": group.note,
        "heads": ["", "", "", ""],
        "rows": [[fig.label, strip_tags(fig.value), fig.note, fig.before] for fig in group.figures],
    }


def _chart(chart: Chart | None) -> dict[str, Any]:
    if chart is None:
        return {}
    rows = [
        [row.name, *(strip_tags(cell) for cell in row.cells), *([row.cure] if row.cure else [])]
        for row in chart.rows
    ]
    return {
        "title": chart.title,
        "sentence": chart.sentence,
        "heads": list(chart.heads),
        "rows": rows,
    }
