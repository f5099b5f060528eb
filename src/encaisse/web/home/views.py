"""Aujourd’hui: it follows what happens, and changes only when something did."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from encaisse.kit.clock import business_now, paris_date
from encaisse.organizations.core import Permission
from encaisse.web.access import MemberRequest, member_page
from encaisse.web.figures.proofs import proofs_of
from encaisse.web.home.today import read_today
from encaisse.web.live import is_asking_again, mark_of, nothing_new
from encaisse.web.welcome.readiness import readiness


@require_GET
@member_page(Permission.DASHBOARD_READ)
def home(request: MemberRequest) -> HttpResponse:
    found = readiness(organization_id=request.organization_id, user_id=request.user.id)
    now = business_now()
    read = read_today(
        organization_id=request.organization_id,
        role=request.role,
        today=paris_date(now),
        set_up_left=found.left,
    )
    proofs = proofs_of(read.board.period, request.role)
    mark = mark_of((found, read, proofs))
    if (same := nothing_new(request, mark)) is not None:
        return same
    context = {
        "mark": mark,
        "readiness": found,
        "now": read,
        "proofs": proofs,
        "moment_now": now,
    }
    is_fragment = is_asking_again(request)
    return render(request, "home/_today.html" if is_fragment else "home/home.html", context)
