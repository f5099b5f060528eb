"""The dashboard of a period named in the address."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from encaisse.kit.clock import business_now, paris_date
from encaisse.organizations.core import Permission, allows
from encaisse.reporting.boards import blocks_of
from encaisse.reporting.core import read_period
from encaisse.reporting.errors import PeriodInvalid
from encaisse.reporting.queries import dashboard
from encaisse.web.access import MemberRequest, member_page
from encaisse.web.figures.board import page_of
from encaisse.web.figures.periods import query_of, shortcuts
from encaisse.web.figures.proofs import proofs_of


@require_GET
@member_page(Permission.DASHBOARD_READ)
def index(request: MemberRequest) -> HttpResponse:
    today = paris_date(business_now())
    first, last = request.GET.get("du", "").strip(), request.GET.get("au", "").strip()
    try:
        period = read_period(first, last, today=today)
    except PeriodInvalid as error:
        context = {
            "first": first,
            "last": last,
            "error": error,
            "shortcuts": shortcuts(today=today, current=None),
        }
        return render(request, "figures/dashboard.html", context, status=error.status)
    board = dashboard(organization_id=request.organization_id, period=period, today=today)
    context = {
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
        "shortcuts": shortcuts(today=today, current=period),
        "query": query_of(period),
        "page": page_of(
            board,
            blocks_of(organization_id=request.organization_id, user_id=request.user.id),
            proofs_of(period, request.role),
        ),
        "can_ask": allows(request.role, Permission.PAYMENTS_REQUEST),
    }
    return render(request, "figures/dashboard.html", context)
